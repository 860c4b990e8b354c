#pragma once
// Events, commands and snapshots between their protos and the engine's values.

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "services/scenario/core/run_types.h"

namespace zvon::scenarioservice::v1 {
class RunEvent;
class RunCommand;
}  // namespace zvon::scenarioservice::v1
namespace zvon::call::v1 {
class CallInfo;
}

namespace zvon::scenario {

CallFacts CallFromProto(const call::v1::CallInfo& proto);

// Nothing for a start, a resumption and events that this version does not know.
std::optional<RunEvent> EventFromProto(const scenarioservice::v1::RunEvent& proto);

scenarioservice::v1::RunCommand CommandToProto(const std::string& run_id,
                                               const RunCommand& command);

std::string EncodeRunState(const RunState& state);
// DATA_LOSS for bytes that are no snapshot.
absl::StatusOr<RunState> DecodeRunState(const std::string& bytes);

}  // namespace zvon::scenario
