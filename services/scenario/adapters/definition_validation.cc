#include "services/scenario/adapters/definition_validation.h"

#include "absl/strings/str_cat.h"
#include "services/scenario/adapters/definition_codec.h"

namespace zvon::scenario {

std::vector<DefinitionFault> FindFaults(const v1::ScenarioDefinition& definition,
                                        const PromptCatalog& catalog) {
  std::vector<DefinitionFault> faults;
  const Definition converted = DefinitionFromProto(definition, &faults);
  std::vector<DefinitionFault> more = CheckDefinition(converted, catalog);
  faults.insert(faults.end(), more.begin(), more.end());
  return faults;
}

absl::Status FaultsToStatus(const std::vector<DefinitionFault>& faults) {
  if (faults.empty()) return absl::OkStatus();
  const DefinitionFault& first = faults[0];
  std::string text = first.step_id.empty() ? "" : absl::StrCat("step \"", first.step_id, "\", ");
  absl::StrAppend(&text, first.field, ": ", first.message);
  if (faults.size() > 1) absl::StrAppend(&text, " (and ", faults.size() - 1, " more)");
  return absl::InvalidArgumentError(text);
}

}  // namespace zvon::scenario
