// Plays its prompt and takes a branch by one digit.

#include "services/scenario/core/step_behavior.h"

namespace zvon::scenario {
namespace {

class Menu final : public StepBehavior {
 public:
  void Enter(StepScope& scope) const override {
    if (!scope.state().typed_ahead.empty()) {
      const std::string digit = scope.state().typed_ahead.substr(0, 1);
      scope.state().typed_ahead.erase(0, 1);
      return Choose(scope, digit);
    }
    Ask(scope, scope.As<MenuStep>().items);
  }

  void Handle(StepScope& scope, const RunEvent& event) const override {
    if (const DigitPressed* pressed = std::get_if<DigitPressed>(&event))
      return Choose(scope, pressed->digit);
    const PlayFinished* finished = EndOfPlay(scope, event);
    if (finished == nullptr) return;
    if (finished->failed) return scope.Fail("the menu's prompt could not be played");
    scope.SetTimer(scope.As<MenuStep>().timeout);
  }

  void OnTimer(StepScope& scope) const override { AskAgain(scope, {}); }

  // The same attempt is asked again.
  void Resume(StepScope& scope, const Resumption&) const override {
    if (scope.memory().attempts > 0) --scope.memory().attempts;
    Enter(scope);
  }

 private:
  static void Ask(StepScope& scope, std::vector<PlayItem> items) {
    ++scope.memory().attempts;
    scope.ClearTimer();
    scope.SetDeadline(kPlayDeadline);
    scope.Save();
    if (items.empty()) return scope.SetTimer(scope.As<MenuStep>().timeout);
    scope.Play(std::move(items), false, true);
  }

  static void AskAgain(StepScope& scope, std::vector<PlayItem> before) {
    const MenuStep& step = scope.As<MenuStep>();
    if (scope.memory().attempts >= step.attempts_max) return scope.GoTo(step.timeout_next);
    before.insert(before.end(), step.items.begin(), step.items.end());
    Ask(scope, std::move(before));
  }

  static void Choose(StepScope& scope, const std::string& digit) {
    const MenuStep& step = scope.As<MenuStep>();
    auto choice = step.choices.find(digit);
    if (choice == step.choices.end()) {
      if (scope.memory().attempts == 0) ++scope.memory().attempts;  // Typed ahead, wrongly.
      return AskAgain(scope, step.invalid_items);
    }
    absl::Status stored = scope.SetVariable("digits", digit);
    if (!stored.ok()) return scope.Fail(stored);
    scope.GoTo(choice->second);
  }
};

}  // namespace

const StepBehavior& MenuBehavior() {
  static const Menu behavior;
  return behavior;
}

}  // namespace zvon::scenario
