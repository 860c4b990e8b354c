// Gathers digits into a variable (and into `digits`).

#include <algorithm>

#include "services/scenario/core/step_behavior.h"

namespace zvon::scenario {
namespace {

class Collect final : public StepBehavior {
 public:
  void Enter(StepScope& scope) const override {
    scope.SetDeadline(kPlayDeadline);
    std::string ahead;
    ahead.swap(scope.state().typed_ahead);
    for (size_t i = 0; i < ahead.size() && !scope.transition(); ++i) {
      Take(scope, ahead.substr(i, 1));
      // What the gathering did not need is for the step after it.
      if (scope.transition()) scope.state().typed_ahead = ahead.substr(i + 1);
    }
    if (scope.transition() || !scope.memory().digits.empty()) return;
    const CollectStep& step = scope.As<CollectStep>();
    if (step.items.empty()) return scope.SetTimer(step.first_digit_timeout);
    scope.Play(step.items, false, true);
  }

  void Handle(StepScope& scope, const RunEvent& event) const override {
    if (const DigitPressed* pressed = std::get_if<DigitPressed>(&event))
      return Take(scope, pressed->digit);
    const PlayFinished* finished = EndOfPlay(scope, event);
    if (finished == nullptr) return;
    if (finished->failed) return scope.Fail("the prompt could not be played");
    if (scope.memory().digits.empty()) scope.SetTimer(scope.As<CollectStep>().first_digit_timeout);
  }

  void OnTimer(StepScope& scope) const override {
    const CollectStep& step = scope.As<CollectStep>();
    const int gathered = static_cast<int>(scope.memory().digits.size());
    if (gathered >= std::max(1, step.length_min)) return Finish(scope);
    scope.GoTo(step.timeout_next);
  }

  // Digits already gathered stay; the prompt is heard again only before them.
  void Resume(StepScope& scope, const Resumption& resumption) const override {
    if (scope.memory().digits.empty()) return Enter(scope);
    scope.SetTimer(scope.As<CollectStep>().next_digit_timeout);
  }

 private:
  static void Take(StepScope& scope, const std::string& digit) {
    const CollectStep& step = scope.As<CollectStep>();
    scope.SetTimer(step.next_digit_timeout);
    if (step.end_digits.find(digit) != std::string::npos) {
      const int gathered = static_cast<int>(scope.memory().digits.size());
      return gathered >= step.length_min ? Finish(scope) : scope.GoTo(step.timeout_next);
    }
    scope.memory().digits += digit;
    scope.Save();
    if (static_cast<int>(scope.memory().digits.size()) >= step.length_max) Finish(scope);
  }

  static void Finish(StepScope& scope) {
    const std::string digits = scope.memory().digits;
    absl::Status stored = scope.SetVariable("digits", digits);
    if (stored.ok()) stored = scope.SetVariable(scope.As<CollectStep>().variable, digits);
    if (!stored.ok()) return scope.Fail(stored);
    scope.StopPlay();
    scope.GoTo(scope.step().next);
  }
};

}  // namespace

const StepBehavior& CollectBehavior() {
  static const Collect behavior;
  return behavior;
}

}  // namespace zvon::scenario
