#include "services/scenario/core/definition_check.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/scenario/core/step_graph.h"
#include "services/scenario/core/variables.h"

namespace zvon::scenario {
namespace {

bool IsStepId(const std::string& id) {
  return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](unsigned char c) {
    return absl::ascii_isalnum(c) || c == '_' || c == '-' || c == '.';
  });
}

bool IsDigits(const std::string& text, const char* allowed) {
  return text.find_first_not_of(allowed) == std::string::npos;
}

std::set<std::string> VariablesSet(const Definition& definition) {
  std::set<std::string> out;
  for (const auto& [name, value] : definition.variables) out.insert(name);
  for (const auto& [id, step] : definition.steps) {
    if (const CollectStep* s = std::get_if<CollectStep>(&step.kind)) out.insert(s->variable);
    if (const SetVariableStep* s = std::get_if<SetVariableStep>(&step.kind))
      out.insert(s->variable);
  }
  return out;
}

class StepChecker {
 public:
  StepChecker(const Definition& definition, const PromptCatalog& catalog, const Step& step,
              const std::set<std::string>& variables, std::vector<DefinitionFault>& faults)
      : definition_(definition),
        catalog_(catalog),
        step_(step),
        variables_(variables),
        faults_(faults) {}

  void Run() {
    if (!IsStepId(step_.id))
      Add("id", "a step's id is 1 to 64 letters, digits, \"_\", \"-\" or \".\"");
    for (const Edge& edge : EdgesOf(step_)) {
      if (definition_.Find(edge.target) == nullptr)
        Add(edge.field, absl::StrCat("there is no step \"", edge.target, "\""));
    }
    std::visit(*this, step_.kind);
  }

  void operator()(const AnswerStep&) {}
  void operator()(const PlayStep& s) {
    if (s.items.empty()) Add("items", "nothing to play");
    Items("items", s.items);
  }
  void operator()(const SayNumberStep& s) { Reads("value", s.value); }
  void operator()(const MenuStep& s) {
    Items("items", s.items);
    Items("invalid_items", s.invalid_items);
    if (s.choices.empty()) Add("choices", "a menu needs at least one choice");
    for (const auto& [digit, next] : s.choices) {
      if (digit.size() != 1 || !IsDigits(digit, "0123456789*#ABCD")) {
        Add("choices", absl::StrCat("\"", digit, "\" is not one digit of 0-9, *, #, A-D"));
      }
    }
    Between("attempts_max", s.attempts_max, 1, 20);
    Between("timeout", s.timeout, absl::Milliseconds(100), absl::Minutes(5));
  }
  void operator()(const CollectStep& s) {
    Items("items", s.items);
    Sets("variable", s.variable);
    Between("length_max", s.length_max, 1, 100);
    Between("length_min", s.length_min, 0, s.length_max);
    if (!IsDigits(s.end_digits, "0123456789*#ABCD")) Add("end_digits", "only 0-9, *, #, A-D");
    Between("first_digit_timeout", s.first_digit_timeout, absl::Milliseconds(100),
            absl::Minutes(5));
    Between("next_digit_timeout", s.next_digit_timeout, absl::Milliseconds(100), absl::Minutes(5));
  }
  void operator()(const SetSkillsStep& s) {
    Between("priority", s.priority, -1'000'000, 1'000'000);
    if (s.skill_ids.size() > 50) Add("skill_ids", "more than 50 skills");
    for (const std::string& id : s.skill_ids) {
      if (id.empty()) Add("skill_ids", "a skill's id is empty");
    }
  }
  void operator()(const QueueStep& s) {
    if (s.queue_id.empty()) Add("queue_id", "no queue is named");
    Items("announce_items", s.announce_items);
    if (s.announce_interval != absl::ZeroDuration()) {
      Between("announce_interval", s.announce_interval, absl::Seconds(1), absl::Hours(1));
    }
    Between("wait_max", s.wait_max, absl::ZeroDuration(), absl::Hours(5));
  }
  void operator()(const TransferStep& s) {
    const std::string* user = std::get_if<std::string>(&s.target);
    if (user != nullptr && user->empty()) Add("target", "neither a number nor a user is given");
    if (user == nullptr) Reads("number", std::get<Expression>(s.target));
    Between("ring_timeout", s.ring_timeout, absl::Seconds(1), absl::Minutes(10));
  }
  void operator()(const HangUpStep&) {}
  void operator()(const BranchStep& s) {
    if (s.cases.empty()) Add("cases", "a branch needs at least one case");
    for (size_t i = 0; i < s.cases.size(); ++i)
      Reads(absl::StrCat("cases[", i, "].condition"), s.cases[i].condition);
  }
  void operator()(const SetVariableStep& s) {
    Sets("variable", s.variable);
    Reads("value", s.value);
  }
  void operator()(const EchoStep&) {}

 private:
  void Add(std::string field, std::string message) {
    faults_.push_back({step_.id, std::move(field), std::move(message)});
  }
  template <class T>
  void Between(const char* field, T value, T min, T max) {
    if (value < min || value > max)
      Add(field, absl::StrCat(Shown(value), " is not between ", Shown(min), " and ", Shown(max)));
  }
  static std::string Shown(int value) { return absl::StrCat(value); }
  static std::string Shown(absl::Duration value) { return absl::FormatDuration(value); }

  void Items(const char* field, const std::vector<PlayItem>& items) {
    if (items.size() > kItemsMax) Add(field, absl::StrCat("more than ", kItemsMax, " items"));
    for (size_t i = 0; i < items.size(); ++i) {
      const PlayItem& item = items[i];
      const std::string at = absl::StrCat(field, "[", i, "]");
      if (!item.prompt.empty()) {
        Named(at, item.prompt);
      } else if (item.duration <= absl::ZeroDuration() || item.duration > absl::Minutes(10)) {
        Add(at, "a silence or tone lasts more than 0 and at most 10 minutes");
      } else if (item.tone_hz != 0 && (item.tone_hz < 50 || item.tone_hz > 3800)) {
        Add(at, "a tone is 50 to 3800 Hz");
      }
    }
  }
  void Named(const std::string& at, const std::string& prompt) {
    const bool out = prompt[0] == '/' || absl::StrContains(prompt, "..") ||
                     prompt.find('/') == std::string::npos;
    if (out)
      return Add(at, absl::StrCat("\"", prompt, "\" is not a prompt's name such as \"ru/hello\""));
    if (catalog_.complete() && !catalog_.Has(prompt))
      Add(at, absl::StrCat("there is no prompt \"", prompt, "\""));
  }
  void Reads(const std::string& field, const Expression& expression) {
    for (const std::string& name : expression.Variables()) {
      if (IsBuiltInVariable(name) || variables_.count(name) != 0) continue;
      Add(field, absl::StrCat("nothing sets the variable \"", name, "\""));
    }
  }
  void Sets(const char* field, const std::string& name) {
    if (!IsVariableName(name)) {
      Add(field,
          absl::StrCat("\"", name, "\" is not a variable's name (letters, digits, _; at most 64)"));
    } else if (IsBuiltInVariable(name) && name != "digits" && name != "language") {
      Add(field, absl::StrCat("\"", name, "\" cannot be set"));
    }
  }

  const Definition& definition_;
  const PromptCatalog& catalog_;
  const Step& step_;
  const std::set<std::string>& variables_;
  std::vector<DefinitionFault>& faults_;
};

void CheckWhole(const Definition& d, std::vector<DefinitionFault>& faults) {
  auto add = [&](const char* field, std::string message) {
    faults.push_back({"", field, std::move(message)});
  };
  if (d.language != "ru" && d.language != "en") {
    add("language", absl::StrCat("\"", d.language, "\" is not \"ru\" or \"en\""));
  }
  if (d.steps.empty()) add("steps", "there are no steps");
  if (d.steps.size() > kDefinitionStepsMax)
    add("steps", absl::StrCat("more than ", kDefinitionStepsMax, " steps"));
  if (d.Find(d.start_step) == nullptr)
    add("start_step", absl::StrCat("there is no step \"", d.start_step, "\""));
  if (!d.error_step.empty() && d.Find(d.error_step) == nullptr) {
    add("error_step", absl::StrCat("there is no step \"", d.error_step, "\""));
  }
  if (d.variables.size() > kVariablesMax)
    add("variables", absl::StrCat("more than ", kVariablesMax, " variables"));
  for (const auto& [name, value] : d.variables) {
    if (!IsVariableName(name) || IsBuiltInVariable(name)) {
      add("variables", absl::StrCat("\"", name, "\" is not a name of a scenario's own variable"));
    }
    if (value.size() > kVariableBytesMax)
      add("variables", absl::StrCat("the value of ", name, " is too long"));
  }
}

}  // namespace

std::vector<DefinitionFault> CheckDefinition(const Definition& definition,
                                             const PromptCatalog& catalog) {
  std::vector<DefinitionFault> faults;
  CheckWhole(definition, faults);
  const std::set<std::string> variables = VariablesSet(definition);
  const std::set<std::string> reachable = ReachableSteps(definition);
  const std::set<std::string> spinning = SpinningSteps(definition);
  for (const auto& [id, step] : definition.steps) {
    StepChecker(definition, catalog, step, variables, faults).Run();
    if (reachable.count(id) == 0) faults.push_back({id, "id", "no step leads here"});
    if (spinning.count(id) != 0)
      faults.push_back({id, "next", "from here the steps can go round for ever without a wait"});
  }
  return faults;
}

}  // namespace zvon::scenario
