#pragma once
// Metrics of runs.

#include "services/common/telemetry/metrics.h"

namespace zvon::scenario {

class ScenarioProbe {
 public:
  explicit ScenarioProbe(Metrics& metrics);

  prometheus::Counter& started;
  prometheus::Counter& resumed;
  prometheus::Counter& restarted;  // Resumed without a snapshot.
  prometheus::Counter& refused;
  prometheus::Counter& ended;
  prometheus::Counter& failed;
  prometheus::Counter& steps;
  prometheus::Counter& commands;
  prometheus::Counter& snapshot_failures;
  prometheus::Counter& snapshots_late;  // Commands went out before the answer.
  prometheus::Counter& taken_away;      // Another replica owns the run now.
  prometheus::Counter& events_lost;
  prometheus::Gauge& runs;
  prometheus::Gauge& sessions;
  prometheus::Gauge& definitions;
};

}  // namespace zvon::scenario
