#include "services/routing/core/queue_counters.h"

#include "absl/time/civil_time.h"

namespace zvon::routing {

int64_t DayNumber(absl::Time now, const absl::TimeZone& zone) {
  return absl::ToCivilDay(now, zone) - absl::CivilDay(1970, 1, 1);
}

void TurnDay(QueueCounters& counters, int64_t day) {
  if (counters.day == day) return;
  QueueCounters fresh;
  fresh.queue_id = counters.queue_id;
  fresh.day = day;
  counters = fresh;
}

}  // namespace zvon::routing
