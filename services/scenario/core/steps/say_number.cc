// Speaks the value of an expression in the run's language.

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/scenario/core/number_prompts.h"
#include "services/scenario/core/step_behavior.h"

namespace zvon::scenario {
namespace {

constexpr size_t kDigitsMax = 32;

bool IsWholeNumber(const std::string& text) {
  const size_t sign = !text.empty() && text[0] == '-' ? 1 : 0;
  return text.size() > sign && text.find_first_not_of("0123456789", sign) == std::string::npos;
}

absl::StatusOr<std::vector<std::string>> Words(const SayNumberStep& step, const std::string& text,
                                               const std::string& language,
                                               const PromptCatalog& catalog) {
  if (step.style == NumberStyle::kDigits) {
    if (text.size() > kDigitsMax) return absl::InvalidArgumentError("more than 32 digits to say");
    return DigitPrompts(language, text);
  }
  int64_t number = 0;
  if (!IsWholeNumber(text) || !absl::SimpleAtoi(text, &number) || number > kNumberMax ||
      number < -kNumberMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", text.substr(0, 40), "\" is not a number of up to 15 digits"));
  }
  return NumberPrompts(language, number, step.gender, catalog);
}

class SayNumber final : public StepBehavior {
 public:
  void Enter(StepScope& scope) const override {
    const SayNumberStep& step = scope.As<SayNumberStep>();
    absl::StatusOr<std::string> text = scope.EvaluateText(step.value);
    if (!text.ok()) return scope.Fail(text.status());
    absl::StatusOr<std::vector<std::string>> words =
        Words(step, *text, scope.state().language, scope.catalog());
    if (!words.ok()) return scope.Fail(words.status());
    if (words->empty()) return scope.GoTo(scope.step().next);
    scope.Play(ToItems(*words), false, false);
    scope.SetDeadline(absl::Minutes(5));
  }
  void Handle(StepScope& scope, const RunEvent& event) const override {
    const PlayFinished* finished = EndOfPlay(scope, event);
    if (finished == nullptr) return;
    if (finished->failed) return scope.Fail("the number could not be played");
    scope.GoTo(scope.step().next);
  }
};

}  // namespace

const StepBehavior& SayNumberBehavior() {
  static const SayNumber behavior;
  return behavior;
}

}  // namespace zvon::scenario
