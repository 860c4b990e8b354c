#pragma once
// Definitions between zvon.scenario.v1 and the engine's own values.

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/scenario/core/definition_check.h"
#include "services/scenario/core/definition_types.h"

namespace zvon::scenario::v1 {
class ScenarioDefinition;
class ScenarioVersion;
}  // namespace zvon::scenario::v1

namespace zvon::scenario {

// Converts what it can; what has no meaning (a bad expression, a step without
// a kind, an id twice, an unknown time zone) is added to `faults` and replaced
// by something harmless.
Definition DefinitionFromProto(const v1::ScenarioDefinition& proto,
                               std::vector<DefinitionFault>* faults);

// A published version for the engine. INVALID_ARGUMENT naming the first fault
// of the conversion; other checks were done before it was published.
absl::StatusOr<std::shared_ptr<const Definition>> VersionFromProto(
    const v1::ScenarioVersion& proto);

}  // namespace zvon::scenario
