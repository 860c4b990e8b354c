#pragma once
// Records as the bytes of zvon.routing.v1's state.proto.

#include <string>

#include "absl/status/statusor.h"
#include "services/routing/ports/routing_store.h"

namespace zvon::routing {

std::string Encode(const Agent& agent);
std::string Encode(const Entry& entry);
std::string Encode(const QueueCounters& counters);
std::string Encode(const OutboxEvent& event);
// DATA_LOSS where the bytes are not such a record.
absl::StatusOr<Agent> DecodeAgent(const std::string& bytes);
absl::StatusOr<Entry> DecodeEntry(const std::string& bytes);
absl::StatusOr<QueueCounters> DecodeCounters(const std::string& bytes);
absl::StatusOr<OutboxEvent> DecodeOutboxEvent(const std::string& bytes);

}  // namespace zvon::routing
