// The caller hears himself until # or the end of the call.

#include "services/scenario/core/step_behavior.h"

namespace zvon::scenario {
namespace {

class Echo final : public StepBehavior {
 public:
  void Enter(StepScope& scope) const override {
    scope.Effect(EchoCommand{});
    scope.SetDeadline(absl::Hours(1));
  }
  void Handle(StepScope& scope, const RunEvent& event) const override {
    const DigitPressed* pressed = std::get_if<DigitPressed>(&event);
    if (pressed != nullptr && pressed->digit == "#") OnDeadline(scope);
  }
  void OnDeadline(StepScope& scope) const override {
    scope.StopAll();
    scope.GoTo(scope.step().next);
  }
};

}  // namespace

const StepBehavior& EchoBehavior() {
  static const Echo behavior;
  return behavior;
}

}  // namespace zvon::scenario
