// Stores the value of an expression.

#include "services/scenario/core/step_behavior.h"

namespace zvon::scenario {
namespace {

class SetVariable final : public StepBehavior {
 public:
  void Enter(StepScope& scope) const override {
    const SetVariableStep& step = scope.As<SetVariableStep>();
    absl::StatusOr<std::string> value = scope.EvaluateText(step.value);
    if (!value.ok()) return scope.Fail(value.status());
    absl::Status stored = scope.SetVariable(step.variable, *std::move(value));
    if (!stored.ok()) return scope.Fail(stored);
    scope.GoTo(scope.step().next);
  }
};

}  // namespace

const StepBehavior& SetVariableBehavior() {
  static const SetVariable behavior;
  return behavior;
}

}  // namespace zvon::scenario
