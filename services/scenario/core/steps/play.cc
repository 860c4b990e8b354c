// Plays its items once. Digits pressed meanwhile are kept for the next menu
// or collect where they may stop the play, and are lost otherwise.

#include "services/scenario/core/step_behavior.h"

namespace zvon::scenario {
namespace {

class Play final : public StepBehavior {
 public:
  void Enter(StepScope& scope) const override {
    const PlayStep& step = scope.As<PlayStep>();
    const bool hurried = step.stop_on_digit && !scope.state().typed_ahead.empty();
    if (step.items.empty() || hurried) return scope.GoTo(scope.step().next);
    scope.Play(step.items, false, step.stop_on_digit);
    scope.SetDeadline(kPlayDeadline);
  }
  void Handle(StepScope& scope, const RunEvent& event) const override {
    if (const DigitPressed* pressed = std::get_if<DigitPressed>(&event))
      return Keep(scope, pressed->digit);
    const PlayFinished* finished = EndOfPlay(scope, event);
    if (finished == nullptr) return;
    if (finished->failed) return scope.Fail("the prompt could not be played");
    scope.GoTo(scope.step().next);
  }

 private:
  static void Keep(StepScope& scope, const std::string& digit) {
    std::string& kept = scope.state().typed_ahead;
    if (!scope.As<PlayStep>().stop_on_digit || kept.size() + digit.size() > kTypedAheadMax) return;
    kept += digit;
    scope.Save();
  }
};

}  // namespace

const StepBehavior& PlayBehavior() {
  static const Play behavior;
  return behavior;
}

}  // namespace zvon::scenario
