#pragma once
// For tests: a run under a script, its effects as lines of text.

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/scenario/core/scenario_run.h"

namespace zvon::scenario::testing {

inline Expression Parsed(const std::string& text) { return *Expression::Parse(text); }

inline Step MakeStep(std::string id, StepKind kind, std::string next = "",
                     std::string error_next = "") {
  return Step{std::move(id), std::move(next), std::move(error_next), std::move(kind)};
}

// The first step is the start.
inline Definition MakeDefinition(const std::vector<Step>& steps) {
  Definition out;
  out.scenario_id = "test";
  out.version = 1;
  out.language = "ru";
  out.start_step = steps.front().id;
  for (const Step& step : steps) out.steps.emplace(step.id, step);
  return out;
}

struct CommandText {
  std::string operator()(const AnswerCommand&) const { return "answer"; }
  std::string operator()(const PlayCommand& c) const {
    std::vector<std::string> items;
    for (const PlayItem& i : c.items) {
      items.push_back(!i.prompt.empty()
                          ? i.prompt
                          : absl::StrCat("silence ", absl::FormatDuration(i.duration)));
    }
    return absl::StrCat("play [", absl::StrJoin(items, " "), "]", c.loop ? " loop" : "",
                        c.stop_on_digit ? " until digit" : "");
  }
  std::string operator()(const StopPlayCommand& c) const {
    return absl::StrCat("stop ", c.play_id);
  }
  std::string operator()(const EnqueueCommand& c) const {
    return absl::StrCat("enqueue ", c.queue_id, " skills=", absl::StrJoin(c.skill_ids, ","),
                        " priority=", c.priority,
                        " data=", absl::StrJoin(c.customer_data, ",", absl::PairFormatter("=")));
  }
  std::string operator()(const LeaveQueueCommand&) const { return "leave queue"; }
  std::string operator()(const TransferCommand& c) const {
    return absl::StrCat("transfer ", c.number,
                        c.user_id.empty() ? "" : absl::StrCat("user ", c.user_id));
  }
  std::string operator()(const HangUpCommand&) const { return "hang up"; }
  std::string operator()(const EchoCommand&) const { return "echo"; }
  std::string operator()(const EndCommand&) const { return "end"; }
};

// Drives one run. Every method returns what came out: commands, one a line,
// as "id command", and "over" or "over: failure" at the end.
class RunFixture {
 public:
  explicit RunFixture(Definition definition, PromptCatalog catalog = PromptCatalog::Packaged())
      : definition_(std::make_shared<const Definition>(std::move(definition))),
        catalog_(std::make_shared<const PromptCatalog>(std::move(catalog))) {
    CallFacts call;
    call.call_id = "c1";
    call.tenant_id = "demo";
    call.interaction_id = "i1";
    call.caller_number = "101";
    call.called_number = "1000";
    run_ = std::make_unique<ScenarioRun>(ScenarioRun::NewState(call, *definition_), definition_,
                                         catalog_);
  }

  std::string Begin() { return Show(run_->Begin(now_)); }
  std::string On(const RunEvent& event) { return Show(run_->Handle(event, now_)); }
  std::string Digit(const std::string& digit) { return On(DigitPressed{digit}); }
  // The play under way ends.
  std::string PlayEnds(bool failed = false) {
    return On(PlayFinished{run_->state().memory.play_id, false, failed});
  }
  // Moves time to the next wake-up.
  std::string Wait() {
    if (run_->NextWakeup() == absl::InfiniteFuture()) return "nothing awaited";
    if (run_->NextWakeup() > now_) now_ = run_->NextWakeup();
    return Show(run_->Wake(now_));
  }
  // Another process with nothing but the state goes on.
  std::string Resume(const Resumption& resumption) {
    run_ = std::make_unique<ScenarioRun>(run_->state(), definition_, catalog_);
    return Show(run_->Resume(resumption, now_));
  }

  const RunState& state() const { return run_->state(); }
  ScenarioRun& run() { return *run_; }
  absl::Time now() const { return now_; }
  void SetNow(absl::Time now) { now_ = now; }
  const std::vector<std::string>& entered() const { return entered_; }
  const RunEffects& last() const { return last_; }

 private:
  std::string Show(RunEffects effects) {
    std::vector<std::string> lines;
    for (const RunCommand& c : effects.commands) {
      lines.push_back(absl::StrCat(c.command_id, " ", std::visit(CommandText{}, c.kind)));
    }
    for (const RunFact& fact : effects.facts) {
      if (const StepEnteredFact* f = std::get_if<StepEnteredFact>(&fact))
        entered_.push_back(f->step_id);
      if (const RunEndedFact* f = std::get_if<RunEndedFact>(&fact)) {
        lines.push_back(f->failed ? absl::StrCat("over: ", f->message) : "over");
      }
    }
    last_ = std::move(effects);
    return absl::StrJoin(lines, "\n");
  }

  std::shared_ptr<const Definition> definition_;
  std::shared_ptr<const PromptCatalog> catalog_;
  std::unique_ptr<ScenarioRun> run_;
  absl::Time now_ = absl::FromUnixSeconds(1'750'000'000);  // Sunday 15 June 2025, 15:06:40 UTC.
  std::vector<std::string> entered_;
  RunEffects last_;
};

}  // namespace zvon::scenario::testing
