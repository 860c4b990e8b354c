#include "services/scenario/server/scenario_probe.h"

namespace zvon::scenario {

ScenarioProbe::ScenarioProbe(Metrics& m)
    : started(m.Counter("zvon_scenario_runs_started_total", "Runs begun for new calls")),
      resumed(m.Counter("zvon_scenario_runs_resumed_total", "Runs gone on with from a snapshot")),
      restarted(
          m.Counter("zvon_scenario_runs_restarted_total", "Resumptions that found no snapshot")),
      refused(m.Counter("zvon_scenario_runs_refused_total", "Runs that could not be begun")),
      ended(m.Counter("zvon_scenario_runs_ended_total", "Runs that came to their end")),
      failed(m.Counter("zvon_scenario_runs_failed_total",
                       "Runs that ended by the built-in apology or without it")),
      steps(m.Counter("zvon_scenario_steps_total", "Steps entered")),
      commands(m.Counter("zvon_scenario_commands_total", "Commands sent to calls")),
      snapshot_failures(m.Counter("zvon_scenario_snapshot_failures_total",
                                  "Snapshots that could not be written")),
      snapshots_late(m.Counter("zvon_scenario_snapshots_late_total",
                               "Commands sent before their snapshot was confirmed")),
      taken_away(m.Counter("zvon_scenario_runs_taken_away_total",
                           "Runs dropped because another replica owns them")),
      events_lost(m.Counter("zvon_scenario_events_lost_total", "Events that the spool refused")),
      runs(m.Gauge("zvon_scenario_runs", "Runs in this process")),
      sessions(m.Gauge("zvon_scenario_sessions", "Signaling processes attached")),
      definitions(m.Gauge("zvon_scenario_definitions", "Published scenarios in memory")) {}

}  // namespace zvon::scenario
