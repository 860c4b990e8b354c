#pragma once
// One kind of step, as a stateless object: steps/<kind>.cc each.

#include "services/scenario/core/step_scope.h"

namespace zvon::scenario {

class StepBehavior {
 public:
  virtual ~StepBehavior() = default;
  // Does its work, or begins it and sets a deadline (ScenarioRun sets a long
  // one where the step forgets). Ends by scope.GoTo or scope.Fail.
  virtual void Enter(StepScope& scope) const = 0;
  // Events of the call but CallOver; those of no interest are ignored.
  virtual void Handle(StepScope&, const RunEvent&) const {}
  virtual void OnTimer(StepScope&) const {}
  virtual void OnDeadline(StepScope& scope) const;
  // Another process goes on from the snapshot: tell the commands again.
  virtual void Resume(StepScope& scope, const Resumption&) const { Enter(scope); }
};

const StepBehavior& BehaviorOf(const StepKind& kind);

// steps/
const StepBehavior& AnswerBehavior();
const StepBehavior& PlayBehavior();
const StepBehavior& SayNumberBehavior();
const StepBehavior& MenuBehavior();
const StepBehavior& CollectBehavior();
const StepBehavior& SetSkillsBehavior();
const StepBehavior& QueueBehavior();
const StepBehavior& TransferBehavior();
const StepBehavior& HangUpBehavior();
const StepBehavior& BranchBehavior();
const StepBehavior& SetVariableBehavior();
const StepBehavior& EchoBehavior();

// Longest a prompt or a sequence of them may take.
inline constexpr absl::Duration kPlayDeadline = absl::Minutes(30);

// True where `event` ends the play this step waits for; forgets it then.
const PlayFinished* EndOfPlay(StepScope& scope, const RunEvent& event);

}  // namespace zvon::scenario
