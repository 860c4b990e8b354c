// Sends the call on to a number or a user. Connected, the run lets it go.

#include "absl/strings/str_cat.h"
#include "services/scenario/core/step_behavior.h"

namespace zvon::scenario {
namespace {

class Transfer final : public StepBehavior {
 public:
  void Enter(StepScope& scope) const override {
    const TransferStep& step = scope.As<TransferStep>();
    TransferCommand command;
    command.ring_timeout = step.ring_timeout;
    if (const Expression* number = std::get_if<Expression>(&step.target)) {
      absl::StatusOr<std::string> text = scope.EvaluateText(*number);
      if (!text.ok()) return scope.Fail(text.status());
      if (text->empty()) return scope.Fail("the number to transfer to is empty");
      command.number = *std::move(text);
    } else {
      command.user_id = std::get<std::string>(step.target);
    }
    scope.Effect(std::move(command));
    // The call's owner keeps the ring time-out; ours is for its silence.
    scope.SetDeadline(step.ring_timeout + absl::Seconds(30));
  }

  void Handle(StepScope& scope, const RunEvent& event) const override {
    const TransferLeft* left = std::get_if<TransferLeft>(&event);
    if (left == nullptr) return;
    if (!left->connected)
      return scope.Fail(absl::StrCat("the transfer did not succeed: ", left->cause));
    scope.LetGo();
  }

  void Resume(StepScope& scope, const Resumption& resumption) const override {
    if (resumption.connected) return scope.LetGo();
    Enter(scope);
  }
};

}  // namespace

const StepBehavior& TransferBehavior() {
  static const Transfer behavior;
  return behavior;
}

}  // namespace zvon::scenario
