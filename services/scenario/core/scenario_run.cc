#include "services/scenario/core/scenario_run.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/common/check/check.h"
#include "services/scenario/core/built_in_steps.h"
#include "services/scenario/core/step_behavior.h"

namespace zvon::scenario {
namespace {

// For the call's end after we hung up, and for steps that set no deadline.
constexpr absl::Duration kEndingDeadline = absl::Minutes(1);
constexpr absl::Duration kStepDeadline = absl::Hours(1);

}  // namespace

struct ScenarioRun::Turn {
  absl::Time now;
  RunEffects effects;
};

ScenarioRun::ScenarioRun(RunState state, std::shared_ptr<const Definition> definition,
                         std::shared_ptr<const PromptCatalog> catalog)
    : state_(std::move(state)), definition_(std::move(definition)), catalog_(std::move(catalog)) {
  ZVON_CHECK(definition_ != nullptr && catalog_ != nullptr);
}

RunState ScenarioRun::NewState(CallFacts call, const Definition& definition) {
  RunState state;
  state.call = std::move(call);
  state.scenario_id = definition.scenario_id;
  state.version = definition.version;
  state.language = definition.language;
  state.variables = definition.variables;
  return state;
}

RunEffects ScenarioRun::Begin(absl::Time now) {
  Turn turn{now, {}};
  turn.effects.facts.push_back(RunStartedFact{});
  Walk(turn, definition_->start_step);
  return std::move(turn.effects);
}

RunEffects ScenarioRun::Resume(const Resumption& resumption, absl::Time now) {
  Turn turn{now, {}};
  ++state_.resumptions;
  state_.answered = state_.answered || resumption.answered;
  turn.effects.snapshot_needed = true;
  const Step* step = Find(state_.step_id);
  if (state_.phase == RunPhase::kEnding) {
    HangUp(turn);
    return std::move(turn.effects);
  }
  const bool known = step != nullptr && (std::holds_alternative<QueueStep>(step->kind) ||
                                         std::holds_alternative<TransferStep>(step->kind));
  if ((resumption.queued || resumption.connected) && !known) {
    Accompany(resumption);
    step = Find(state_.step_id);
  }
  if (step == nullptr) {  // Never began, or the step is gone.
    Walk(turn, definition_->start_step);
    return std::move(turn.effects);
  }
  StepScope scope(state_, *definition_, *step, *catalog_, now, turn.effects);
  BehaviorOf(step->kind).Resume(scope, resumption);
  if (scope.transition()) {
    Follow(turn, *scope.transition());
  } else if (state_.memory.deadline == absl::InfiniteFuture()) {
    scope.SetDeadline(kStepDeadline);
  }
  return std::move(turn.effects);
}

RunEffects ScenarioRun::Handle(const RunEvent& event, absl::Time now) {
  Turn turn{now, {}};
  Apply(event);
  if (std::holds_alternative<CallOver>(event)) {
    Finish(turn);
    return std::move(turn.effects);
  }
  const Step* step = Find(state_.step_id);
  if (state_.phase == RunPhase::kEnding || step == nullptr) return std::move(turn.effects);
  StepScope scope(state_, *definition_, *step, *catalog_, now, turn.effects);
  BehaviorOf(step->kind).Handle(scope, event);
  // A refused command is its step's failure, unless the step copes with it.
  const CommandRefused* refused = std::get_if<CommandRefused>(&event);
  if (refused != nullptr && !std::holds_alternative<QueueStep>(step->kind) &&
      absl::StartsWith(refused->command_id, absl::StrCat(state_.visit, "/"))) {
    scope.Fail(absl::StrCat("the call refused a command: ", refused->message));
  }
  if (scope.transition()) Follow(turn, *scope.transition());
  return std::move(turn.effects);
}

RunEffects ScenarioRun::Wake(absl::Time now) {
  Turn turn{now, {}};
  const bool late = state_.memory.deadline <= now;
  const bool due = state_.memory.timer <= now;
  if (!late && !due) return std::move(turn.effects);
  if (state_.phase == RunPhase::kEnding) {
    if (late) Finish(turn);
    return std::move(turn.effects);
  }
  const Step* step = Find(state_.step_id);
  if (step == nullptr) return std::move(turn.effects);
  StepScope scope(state_, *definition_, *step, *catalog_, now, turn.effects);
  scope.ClearTimer();
  if (late) {
    state_.memory.deadline = absl::InfiniteFuture();
    BehaviorOf(step->kind).OnDeadline(scope);
  } else {
    BehaviorOf(step->kind).OnTimer(scope);
  }
  if (scope.transition()) Follow(turn, *scope.transition());
  return std::move(turn.effects);
}

absl::Time ScenarioRun::NextWakeup() const {
  return std::min(state_.memory.timer, state_.memory.deadline);
}

const Step* ScenarioRun::Find(const std::string& id) const {
  const Step* built_in = FindBuiltInStep(id, state_.language);
  return built_in != nullptr ? built_in : definition_->Find(id);
}

void ScenarioRun::Accompany(const Resumption& resumption) {
  state_.step_id = kAccompanyStep;
  ++state_.visit;
  state_.memory = StepMemory{};
  state_.memory.deadline = absl::InfiniteFuture();
}

// State that is the run's, whatever the step makes of the event.
void ScenarioRun::Apply(const RunEvent& event) {
  if (std::holds_alternative<Answered>(event)) state_.answered = true;
}

void ScenarioRun::Follow(Turn& turn, Transition transition) {
  if (transition.let_go) {
    StepScope scope(state_, *definition_, *Find(state_.step_id), *catalog_, turn.now, turn.effects);
    scope.EndRun();
    return Finish(turn);
  }
  std::string next =
      transition.failed ? AfterFailure(Find(state_.step_id), transition.message) : transition.next;
  Walk(turn, std::move(next));
}

void ScenarioRun::Walk(Turn& turn, std::string id) {
  turn.effects.snapshot_needed = true;
  while (!id.empty()) {
    const Step* step = Find(id);
    if (step == nullptr) {
      id = AfterFailure(nullptr, absl::StrCat("there is no step \"", id, "\""));
      continue;
    }
    if (!IsBuiltInStep(id) && OverLimit()) {
      id = Apology();
      continue;
    }
    ++state_.visit;
    state_.step_id = id;
    state_.ordinal = 0;
    state_.memory = StepMemory{};
    turn.effects.facts.push_back(StepEnteredFact{id, KindName(step->kind)});
    StepScope scope(state_, *definition_, *step, *catalog_, turn.now, turn.effects);
    BehaviorOf(step->kind).Enter(scope);
    if (!scope.transition()) {
      state_.steps_without_wait = 0;
      if (state_.memory.deadline == absl::InfiniteFuture()) scope.SetDeadline(kStepDeadline);
      return;
    }
    const Transition& transition = *scope.transition();
    id = transition.failed ? AfterFailure(step, transition.message) : transition.next;
  }
  HangUp(turn);
}

bool ScenarioRun::OverLimit() {
  ++state_.steps_without_wait;
  const bool loop = state_.steps_without_wait > kStepsWithoutWaitMax;
  const bool long_run = state_.visit >= kStepsMax;
  if (!loop && !long_run) return false;
  state_.message = loop ? absl::StrCat("a loop that never waits, at step \"", state_.step_id, "\"")
                        : absl::StrCat("the run took more than ", kStepsMax, " steps");
  return true;
}

// The step's own error branch, the scenario's, the built-in apology; and after
// a failure of the apology itself the hang-up.
std::string ScenarioRun::AfterFailure(const Step* step, const std::string& message) {
  ++state_.failures;
  state_.message = step == nullptr ? message : absl::StrCat("step \"", step->id, "\": ", message);
  if (step != nullptr && IsBuiltInStep(step->id)) return "";
  if (state_.failures <= kFailuresMax) {
    if (step != nullptr && !step->error_next.empty()) return step->error_next;
    const std::string& common = definition_->error_step;
    if (!common.empty() && (step == nullptr || step->id != common)) return common;
  }
  return Apology();
}

// Before the answer it would not be heard.
std::string ScenarioRun::Apology() {
  state_.failed = true;
  return state_.answered ? kApologyStep : "";
}

void ScenarioRun::HangUp(Turn& turn) {
  static const Step none{"", "", "", HangUpStep{}};
  state_.phase = RunPhase::kEnding;
  state_.memory = StepMemory{};
  state_.memory.deadline = turn.now + kEndingDeadline;
  turn.effects.snapshot_needed = true;
  StepScope(state_, *definition_, none, *catalog_, turn.now, turn.effects).HangUp();
}

void ScenarioRun::Finish(Turn& turn) {
  state_.phase = RunPhase::kEnding;
  state_.memory = StepMemory{};
  turn.effects.finished = true;
  turn.effects.snapshot_needed = false;
  turn.effects.facts.push_back(RunEndedFact{state_.failed, state_.failed ? state_.message : ""});
}

}  // namespace zvon::scenario
