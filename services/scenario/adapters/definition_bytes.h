#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "zvon/scenario/v1/scenario.pb.h"

namespace zvon::scenario {

// Equal in meaning: maps have no order.
bool SameDefinition(const v1::ScenarioDefinition& a, const v1::ScenarioDefinition& b);

// Protobuf's JSON form with the names of the .proto. Unknown fields of newer
// versions are let through on the way in.
std::string DefinitionToJson(const v1::ScenarioDefinition& definition);
absl::StatusOr<v1::ScenarioDefinition> DefinitionFromJson(const std::string& json);

}  // namespace zvon::scenario
