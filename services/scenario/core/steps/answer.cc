// Answers the call and waits until it is: what comes next can be heard.

#include "services/scenario/core/step_behavior.h"

namespace zvon::scenario {
namespace {

class Answer final : public StepBehavior {
 public:
  void Enter(StepScope& scope) const override {
    if (scope.state().answered) return scope.GoTo(scope.step().next);
    scope.Effect(AnswerCommand{});
    scope.SetDeadline(absl::Seconds(30));
  }
  void Handle(StepScope& scope, const RunEvent& event) const override {
    if (std::holds_alternative<Answered>(event)) scope.GoTo(scope.step().next);
  }
};

}  // namespace

const StepBehavior& AnswerBehavior() {
  static const Answer behavior;
  return behavior;
}

}  // namespace zvon::scenario
