#pragma once
// A call's state as the bytes of its snapshot, for Redis. The format is
// protobuf's wire format (archive.h); a new version only adds fields.

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/signaling/core/call_state.h"

namespace zvon::signaling {

std::string SerializeCall(const CallState& state);
// INVALID_ARGUMENT for bytes of another kind. Never crashes.
absl::StatusOr<CallState> ParseCall(std::string_view bytes);

}  // namespace zvon::signaling
