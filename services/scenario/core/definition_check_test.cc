#include "services/scenario/core/definition_check.h"

#include <catch2/catch.hpp>

#include "absl/strings/str_join.h"
#include "services/scenario/core/run_fixture.h"

namespace zvon::scenario {
namespace {

using testing::MakeDefinition;
using testing::MakeStep;
using testing::Parsed;

std::vector<std::string> Faults(const Definition& d,
                                const PromptCatalog& catalog = PromptCatalog::Packaged()) {
  std::vector<std::string> out;
  for (const DefinitionFault& f : CheckDefinition(d, catalog)) {
    out.push_back(absl::StrCat(f.step_id, ".", f.field, ": ", f.message));
  }
  return out;
}
using Lines = std::vector<std::string>;

const Step kEnd = MakeStep("end", HangUpStep{});

TEST_CASE("a sound definition has no faults") {
  MenuStep menu{{Prompt("ru/hello")}, {{"1", "end"}, {"*", "menu"}}};
  CHECK(Faults(MakeDefinition(
            {MakeStep("start", AnswerStep{}, "menu"), MakeStep("menu", menu), kEnd})) == Lines{});
}

TEST_CASE("targets must exist and steps be reached") {
  CHECK(Faults(MakeDefinition({MakeStep("a", AnswerStep{}, "b", "c"), kEnd})) ==
        Lines{"a.next: there is no step \"b\"", "a.error_next: there is no step \"c\"",
              "end.id: no step leads here"});
  Definition d = MakeDefinition({kEnd});
  d.start_step = "x";
  d.error_step = "y";
  CHECK(Faults(d) == Lines{".start_step: there is no step \"x\"",
                           ".error_step: there is no step \"y\"", "end.id: no step leads here"});
}

TEST_CASE("the common error step counts as reached") {
  Definition d = MakeDefinition(
      {MakeStep("a", AnswerStep{}), MakeStep("oops", PlayStep{{Prompt("ru/sorry")}})});
  d.error_step = "oops";
  CHECK(Faults(d) == Lines{});
}

TEST_CASE("loops need a wait") {
  CHECK(
      Faults(MakeDefinition({MakeStep("a", AnswerStep{}, "b"), MakeStep("b", SetSkillsStep{}, "c"),
                             MakeStep("c", BranchStep{{{Parsed("true"), "b"}}}, "end"), kEnd})) ==
      Lines{"a.next: from here the steps can go round for ever without a wait",
            "b.next: from here the steps can go round for ever without a wait",
            "c.next: from here the steps can go round for ever without a wait"});
  CHECK(Faults(MakeDefinition({MakeStep("b", SetSkillsStep{}, "p"),
                               MakeStep("p", PlayStep{{Prompt("ru/hello")}}, "b")})) == Lines{});
}

TEST_CASE("values have ranges") {
  MenuStep menu{{}, {{"12", "end"}}};
  menu.attempts_max = 0;
  menu.timeout = absl::Hours(1);
  CollectStep collect;
  collect.variable = "1x";
  collect.length_min = 9;
  collect.length_max = 3;
  collect.end_digits = "x";
  QueueStep queue;
  queue.announce_interval = absl::Milliseconds(1);
  CHECK(Faults(MakeDefinition({MakeStep("a", menu, "b"), MakeStep("b", collect, "c"),
                               MakeStep("c", queue, "d"), MakeStep("d", TransferStep{}, "end"),
                               kEnd})) ==
        Lines{"a.choices: \"12\" is not one digit of 0-9, *, #, A-D",
              "a.attempts_max: 0 is not between 1 and 20",
              "a.timeout: 1h is not between 100ms and 5m",
              "b.variable: \"1x\" is not a variable's name (letters, digits, _; at most 64)",
              "b.length_min: 9 is not between 0 and 3", "b.end_digits: only 0-9, *, #, A-D",
              "c.queue_id: no queue is named", "c.announce_interval: 1ms is not between 1s and 1h",
              "d.target: neither a number nor a user is given"});
}

TEST_CASE("prompts are looked up where all of them are known") {
  Definition d = MakeDefinition(
      {MakeStep("a", PlayStep{{Prompt("ru/hello"), Prompt("../etc/passwd"), Prompt("ru/nope")}})});
  CHECK(Faults(d, PromptCatalog({"ru/hello"}, true)) ==
        Lines{"a.items[1]: \"../etc/passwd\" is not a prompt's name such as \"ru/hello\"",
              "a.items[2]: there is no prompt \"ru/nope\""});
  CHECK(Faults(d).size() == 1);
}

TEST_CASE("what is read must be set somewhere") {
  CHECK(
      Faults(MakeDefinition({MakeStep("a", SayNumberStep{Parsed("order")}, "b"),
                             MakeStep("b", SetVariableStep{"hour", Parsed("1")}, "end"), kEnd})) ==
      Lines{"a.value: nothing sets the variable \"order\"", "b.variable: \"hour\" cannot be set"});
}

TEST_CASE("the whole has bounds") {
  Definition d = MakeDefinition({kEnd});
  d.language = "fr";
  d.variables["caller"] = "x";
  CHECK(Faults(d) == Lines{".language: \"fr\" is not \"ru\" or \"en\"",
                           ".variables: \"caller\" is not a name of a scenario's own variable"});
}

}  // namespace
}  // namespace zvon::scenario
