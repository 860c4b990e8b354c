#pragma once
// Facts of runs as events on zvon.interactions.v1.

#include <string>

#include "services/common/bus/bus.h"
#include "services/scenario/core/run_types.h"

namespace zvon::scenario {

inline constexpr char kInteractionsTopic[] = "zvon.interactions.v1";

struct FactSource {
  std::string event_id;  // UUIDv7.
  std::string producer;  // "scenario-0".
  absl::Time time;
  int64_t sequence = 0;
};
BusEvent FactToEvent(const RunFact& fact, const RunState& run, const FactSource& source);

}  // namespace zvon::scenario
