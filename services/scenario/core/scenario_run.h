#pragma once
// One execution of a scenario for one call: a state machine that sees time
// only as an argument. Its shell feeds it events and performs the effects.
//
//   ScenarioRun run(ScenarioRun::NewState(call, *definition), definition, catalog);
//   RunEffects effects = run.Begin(now);
//   effects = run.Handle(Answered{}, now);   … Wake at NextWakeup()
//
// Promises: every path ends (a failing step goes to its error branch, in the
// end to the built-in apology and the hang-up; steps have deadlines; 10 000
// steps a run, 100 without waiting). Inputs after the end are ignored. The
// definition never changes under a run.

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "services/scenario/core/definition_types.h"
#include "services/scenario/core/prompt_catalog.h"
#include "services/scenario/core/run_types.h"
#include "services/scenario/core/step_scope.h"

namespace zvon::scenario {

class ScenarioRun {
 public:
  // Not null, either of them.
  ScenarioRun(RunState state, std::shared_ptr<const Definition> definition,
              std::shared_ptr<const PromptCatalog> catalog);

  static RunState NewState(CallFacts call, const Definition& definition);

  RunEffects Begin(absl::Time now);
  // After a broken stream or in another process. Where the call stands in a
  // queue or talk that the snapshot does not know of (it was never written),
  // the run only accompanies the call to its end.
  RunEffects Resume(const Resumption& resumption, absl::Time now);
  RunEffects Handle(const RunEvent& event, absl::Time now);
  // Harmless before NextWakeup().
  RunEffects Wake(absl::Time now);

  // InfiniteFuture where only events count.
  absl::Time NextWakeup() const;
  const RunState& state() const { return state_; }
  const Definition& definition() const { return *definition_; }
  // The next number of an event of this run.
  int64_t NextFactSequence() { return ++state_.fact_sequence; }

 private:
  struct Turn;
  const Step* Find(const std::string& id) const;
  void Accompany(const Resumption& resumption);
  void Follow(Turn& turn, Transition transition);
  // Enters `id` and whatever follows it until a step waits.
  void Walk(Turn& turn, std::string id);
  std::string AfterFailure(const Step* step, const std::string& message);
  std::string Apology();
  bool OverLimit();
  void HangUp(Turn& turn);
  void Finish(Turn& turn);
  void Apply(const RunEvent& event);

  RunState state_;
  std::shared_ptr<const Definition> definition_;
  std::shared_ptr<const PromptCatalog> catalog_;
};

}  // namespace zvon::scenario
