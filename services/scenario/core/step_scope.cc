#include "services/scenario/core/step_scope.h"

#include "absl/strings/str_cat.h"
#include "services/scenario/core/variables.h"

namespace zvon::scenario {

std::string CommandId(int64_t visit, int64_t ordinal) { return absl::StrCat(visit, "/", ordinal); }

int64_t StepScope::NextPlayOrdinal() {
  const int64_t base = state_.resumptions * 1000 + 9;
  if (state_.ordinal < base) state_.ordinal = base;
  return ++state_.ordinal;
}

void StepScope::Play(std::vector<PlayItem> items, bool loop, bool stop_on_digit) {
  const int64_t ordinal = NextPlayOrdinal();
  memory().play_id = CommandId(state_.visit, ordinal);
  Emit(ordinal, PlayCommand{memory().play_id, std::move(items), loop, stop_on_digit});
}

void StepScope::StopPlay() {
  if (memory().play_id.empty()) return;
  Emit(NextPlayOrdinal(), StopPlayCommand{memory().play_id});
  memory().play_id.clear();
}

void StepScope::StopAll() { Emit(NextPlayOrdinal(), StopPlayCommand{}); }

void StepScope::GoTo(std::string next) {
  if (!transition_) transition_ = Transition{false, std::move(next), "", false};
}

void StepScope::Fail(std::string message) {
  if (!transition_) transition_ = Transition{true, "", std::move(message), false};
}

void StepScope::LetGo() {
  if (!transition_) transition_ = Transition{false, "", "", true};
}

void StepScope::Fail(const absl::Status& status) {
  const absl::string_view message = status.message();
  Fail(std::string(message.data(), message.size()));
}

VariableSource StepScope::Variables() const {
  return [this](std::string_view name) {
    return LookUpVariable(state_, definition_.time_zone, now_, name);
  };
}

absl::StatusOr<std::string> StepScope::EvaluateText(const Expression& expression) const {
  absl::StatusOr<Value> value = expression.Evaluate(Variables());
  if (!value.ok()) return value.status();
  return ToText(*value);
}

absl::Status StepScope::SetVariable(const std::string& name, std::string value) {
  return StoreVariable(state_, name, std::move(value));
}

}  // namespace zvon::scenario
