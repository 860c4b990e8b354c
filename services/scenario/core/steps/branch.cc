// Takes the first case whose condition is true, else the step's `next`.

#include "services/scenario/core/step_behavior.h"

namespace zvon::scenario {
namespace {

class Branch final : public StepBehavior {
 public:
  void Enter(StepScope& scope) const override {
    for (const BranchStep::Case& c : scope.As<BranchStep>().cases) {
      absl::StatusOr<bool> holds = c.condition.EvaluateCondition(scope.Variables());
      if (!holds.ok()) return scope.Fail(holds.status());
      if (*holds) return scope.GoTo(c.next);
    }
    scope.GoTo(scope.step().next);
  }
};

}  // namespace

const StepBehavior& BranchBehavior() {
  static const Branch behavior;
  return behavior;
}

}  // namespace zvon::scenario
