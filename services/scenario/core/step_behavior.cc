#include "services/scenario/core/step_behavior.h"

#include "absl/strings/str_cat.h"

namespace zvon::scenario {

void StepBehavior::OnDeadline(StepScope& scope) const {
  scope.StopPlay();
  scope.Fail(absl::StrCat("the step \"", scope.step().id, "\" did not end in time"));
}

const PlayFinished* EndOfPlay(StepScope& scope, const RunEvent& event) {
  const PlayFinished* finished = std::get_if<PlayFinished>(&event);
  if (finished == nullptr || scope.memory().play_id.empty()) return nullptr;
  if (finished->play_id != scope.memory().play_id) return nullptr;
  scope.memory().play_id.clear();
  return finished;
}

const StepBehavior& BehaviorOf(const StepKind& kind) {
  using Maker = const StepBehavior& (*)();
  // In the order of StepKind.
  static constexpr Maker kMakers[] = {AnswerBehavior, PlayBehavior,        SayNumberBehavior,
                                      MenuBehavior,   CollectBehavior,     SetSkillsBehavior,
                                      QueueBehavior,  TransferBehavior,    HangUpBehavior,
                                      BranchBehavior, SetVariableBehavior, EchoBehavior};
  static_assert(std::size(kMakers) == std::variant_size_v<StepKind>);
  return kMakers[kind.index()]();
}

}  // namespace zvon::scenario
