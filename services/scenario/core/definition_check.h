#pragma once
// What is wrong with a definition, before anybody is called by it. Pure.

#include <string>
#include <vector>

#include "services/scenario/core/definition_types.h"
#include "services/scenario/core/prompt_catalog.h"

namespace zvon::scenario {

struct DefinitionFault {
  std::string step_id;  // Empty = the scenario as a whole.
  std::string field;    // "next", "choices[3]", "value"
  std::string message;
};

// All faults found, in order of step id; empty = it may be published. Finds
// unknown targets, steps that nothing leads to, loops without a wait, prompts
// that do not exist (where the catalogue is complete), variables that nothing
// sets, values out of their range.
std::vector<DefinitionFault> CheckDefinition(const Definition& definition,
                                             const PromptCatalog& catalog);

inline constexpr size_t kDefinitionStepsMax = 1000;
inline constexpr size_t kItemsMax = 100;

}  // namespace zvon::scenario
