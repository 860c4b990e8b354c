// Says what the next queue steps of this run ask of an agent.

#include "services/scenario/core/step_behavior.h"

namespace zvon::scenario {
namespace {

class SetSkills final : public StepBehavior {
 public:
  void Enter(StepScope& scope) const override {
    const SetSkillsStep& step = scope.As<SetSkillsStep>();
    scope.state().skill_ids = step.skill_ids;
    scope.state().priority = step.priority;
    scope.GoTo(scope.step().next);
  }
};

}  // namespace

const StepBehavior& SetSkillsBehavior() {
  static const SetSkills behavior;
  return behavior;
}

}  // namespace zvon::scenario
