#pragma once
// What a step may see and do while it handles one input. Lives on the stack
// of one call of ScenarioRun.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/scenario/core/definition_types.h"
#include "services/scenario/core/prompt_catalog.h"
#include "services/scenario/core/run_types.h"

namespace zvon::scenario {

// How a step was left: by a branch, or by a failure with its reason.
struct Transition {
  bool failed = false;
  std::string next;
  std::string message;
  // The call goes on without the run.
  bool let_go = false;
};

class StepScope {
 public:
  StepScope(RunState& state, const Definition& definition, const Step& step,
            const PromptCatalog& catalog, absl::Time now, RunEffects& effects)
      : state_(state),
        definition_(definition),
        step_(step),
        catalog_(catalog),
        now_(now),
        effects_(effects) {}

  template <class Kind>
  const Kind& As() const {
    return std::get<Kind>(step_.kind);
  }
  const Step& step() const { return step_; }
  absl::Time now() const { return now_; }
  const PromptCatalog& catalog() const { return catalog_; }
  RunState& state() { return state_; }
  StepMemory& memory() { return state_.memory; }

  // Command ids are "visit/ordinal". A lasting effect (answer, enqueue,
  // transfer, hang up, echo) is ordinal 1 of its visit however often it is
  // told, so that its repeat after a resumption is harmless; leaving the
  // queue and the end are 2 and 3. Plays count from 10, and from 1010, 2010…
  // after resumptions, for a play that is told again shall be heard again.
  template <class Command>
  void Effect(Command command) {
    Emit(1, std::move(command));
  }
  void LeaveQueue() { Emit(2, LeaveQueueCommand{}); }
  void HangUp() { Emit(3, HangUpCommand{}); }
  void EndRun() { Emit(3, EndCommand{}); }
  // Replaces what plays now; its end is awaited.
  void Play(std::vector<PlayItem> items, bool loop, bool stop_on_digit);
  // Harmless where nothing of this step plays.
  void StopPlay();
  // Whatever plays or echoes.
  void StopAll();

  // Ends the step. The first of these in a turn counts.
  void GoTo(std::string next);
  void Fail(std::string message);
  void Fail(const absl::Status& status);
  // Ends the run, not the call.
  void LetGo();
  const std::optional<Transition>& transition() const { return transition_; }

  void SetTimer(absl::Duration after) { memory().timer = now_ + after; }
  void ClearTimer() { memory().timer = absl::InfiniteFuture(); }
  void SetDeadline(absl::Duration after) { memory().deadline = now_ + after; }
  void Save() { effects_.snapshot_needed = true; }

  // For expressions: the call's facts, the clock, the scenario's variables.
  VariableSource Variables() const;
  absl::StatusOr<std::string> EvaluateText(const Expression& expression) const;
  // INVALID_ARGUMENT for a reserved name, RESOURCE_EXHAUSTED over a bound.
  absl::Status SetVariable(const std::string& name, std::string value);

 private:
  template <class Command>
  void Emit(int64_t ordinal, Command command);
  int64_t NextPlayOrdinal();

  RunState& state_;
  const Definition& definition_;
  const Step& step_;
  const PromptCatalog& catalog_;
  absl::Time now_;
  RunEffects& effects_;
  std::optional<Transition> transition_;
};

// "7/1".
std::string CommandId(int64_t visit, int64_t ordinal);

template <class Command>
void StepScope::Emit(int64_t ordinal, Command command) {
  effects_.commands.push_back(RunCommand{CommandId(state_.visit, ordinal), std::move(command)});
}

}  // namespace zvon::scenario
