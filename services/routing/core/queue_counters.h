#pragma once
// One queue's counts of the tenant's current day.

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "services/routing/core/routing_types.h"

namespace zvon::routing {

struct QueueCounters {
  std::string queue_id;
  int64_t day = 0;  // Days since 1970-01-01 in the tenant's time zone.
  int32_t offered = 0;
  int32_t answered = 0;
  int32_t abandoned = 0;
  int32_t answered_within_threshold = 0;
  absl::Duration answered_wait;  // Sum over those answered.

  absl::Duration average_wait() const {
    return answered == 0 ? absl::ZeroDuration() : answered_wait / answered;
  }
};

// Days since 1970-01-01 at `now` in `zone`.
int64_t DayNumber(absl::Time now, const absl::TimeZone& zone);

// Starts the day anew where it has changed.
void TurnDay(QueueCounters& counters, int64_t day);

}  // namespace zvon::routing
