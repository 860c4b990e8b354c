#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/scenario/core/definition_check.h"
#include "zvon/scenario/v1/scenario.pb.h"

namespace zvon::scenario {

// Conversion and check together: all faults of a definition.
std::vector<DefinitionFault> FindFaults(const v1::ScenarioDefinition& definition,
                                        const PromptCatalog& catalog);

// "step \"menu\", choices[3]: there is no step \"x\"" of the first faults, OK
// where there are none. INVALID_ARGUMENT.
absl::Status FaultsToStatus(const std::vector<DefinitionFault>& faults);

}  // namespace zvon::scenario
