// Each kind of step by itself.

#include <catch2/catch.hpp>

#include "services/scenario/core/run_fixture.h"

namespace zvon::scenario {
namespace {

using testing::MakeDefinition;
using testing::MakeStep;
using testing::Parsed;
using testing::RunFixture;

const Step kEnd = MakeStep("end", HangUpStep{});

TEST_CASE("answer waits for the answer") {
  RunFixture f(MakeDefinition({MakeStep("a", AnswerStep{}, "end"), kEnd}));
  CHECK(f.Begin() == "1/1 answer");
  CHECK(f.On(Answered{}) == "2/3 hang up");
  CHECK(f.On(CallOver{}) == "over");
  CHECK(f.last().finished);
}

TEST_CASE("answer again is no work") {
  RunFixture f(
      MakeDefinition({MakeStep("a", AnswerStep{}, "b"), MakeStep("b", AnswerStep{}, "end"), kEnd}));
  f.Begin();
  CHECK(f.On(Answered{}) == "3/3 hang up");
}

TEST_CASE("an answer that never comes hangs up without an apology nobody would hear") {
  RunFixture f(MakeDefinition({MakeStep("a", AnswerStep{}, "end"), kEnd}));
  f.Begin();
  CHECK(f.Wait() == "1/3 hang up");
  CHECK(f.On(CallOver{}) == "over: step \"a\": the step \"a\" did not end in time");
}

TEST_CASE("play goes on when its own play ends") {
  RunFixture f(MakeDefinition(
      {MakeStep("p", PlayStep{{Prompt("ru/hello"), Silence(absl::Seconds(1))}}, "end"), kEnd}));
  CHECK(f.Begin() == "1/10 play [ru/hello silence 1s]");
  CHECK(f.On(PlayFinished{"0/10"}) == "");
  CHECK(f.Digit("5") == "");
  CHECK(f.PlayEnds() == "2/3 hang up");
}

TEST_CASE("a play that fails takes the error branch, else the scenario's, else the apology") {
  RunFixture own(MakeDefinition({MakeStep("p", PlayStep{{Prompt("ru/x")}}, "", "end"), kEnd}));
  own.Begin();
  CHECK(own.PlayEnds(true) == "2/3 hang up");

  Definition common = MakeDefinition({MakeStep("p", PlayStep{{Prompt("ru/x")}}),
                                      MakeStep("oops", PlayStep{{Prompt("ru/sorry")}})});
  common.error_step = "oops";
  RunFixture shared(common);
  shared.Begin();
  CHECK(shared.PlayEnds(true) == "2/10 play [ru/sorry]");
  // The error step fails too: no way round and round.
  shared.On(Answered{});
  CHECK(shared.PlayEnds(true) == "3/10 play [ru/im-sorry silence 200ms ru/vm-goodbye]");
  CHECK(shared.PlayEnds(true) == "3/3 hang up");
  CHECK(shared.On(CallOver{}) == "over: step \"!apology\": the prompt could not be played");
}

TEST_CASE("digits pressed during a play that they stop are for the next menu") {
  RunFixture f(
      MakeDefinition({MakeStep("p", PlayStep{{Prompt("ru/hello")}, true}, "m"),
                      MakeStep("m", MenuStep{{Prompt("ru/vm-press")}, {{"1", "end"}}}), kEnd}));
  CHECK(f.Begin() == "1/10 play [ru/hello] until digit");
  CHECK(f.Digit("1") == "");
  CHECK(f.PlayEnds() == "3/3 hang up");
  CHECK(f.entered() == std::vector<std::string>{"p", "m", "end"});
}

TEST_CASE("say number speaks by style and gender") {
  struct Row {
    const char* value;
    NumberStyle style;
    const char* commands;
  };
  const Row rows[] = {
      {"\"21\"", NumberStyle::kCardinal, "1/10 play [ru/digits/20 ru/digits/1]"},
      {"number(\"2\") * 50 + 1", NumberStyle::kCardinal,
       "1/10 play [ru/digits/hundred ru/digits/1]"},
      {"\"0021\"", NumberStyle::kDigits,
       "1/10 play [ru/digits/0 ru/digits/0 ru/digits/2 ru/digits/1]"},
      {"\"\"", NumberStyle::kDigits, "1/3 hang up"},
      // Not answered yet: a failure hangs up without the apology.
      {"\"12a\"", NumberStyle::kCardinal, "1/3 hang up"},
      {"\"1234567890123456\"", NumberStyle::kCardinal, "1/3 hang up"},
      {"nothing", NumberStyle::kCardinal, "1/3 hang up"},
  };
  for (const Row& row : rows) {
    INFO(row.value);
    RunFixture f(MakeDefinition({MakeStep("s", SayNumberStep{Parsed(row.value), row.style})}));
    CHECK(f.Begin() == row.commands);
  }
}

MenuStep Menu() {
  MenuStep menu{{Prompt("ru/vm-press")}, {{"1", "end"}, {"2", "other"}}};
  menu.attempts_max = 2;
  menu.invalid_items = {Prompt("ru/invalid")};
  menu.timeout_next = "late";
  return menu;
}
Definition MenuDefinition() {
  return MakeDefinition({MakeStep("m", Menu()), kEnd,
                         MakeStep("other", PlayStep{{Prompt("ru/hello")}}),
                         MakeStep("late", PlayStep{{Prompt("ru/goodbye")}})});
}

TEST_CASE("menu takes the branch of the digit, during its prompt or after it") {
  RunFixture during(MenuDefinition());
  CHECK(during.Begin() == "1/10 play [ru/vm-press] until digit");
  CHECK(during.Digit("2") == "2/10 play [ru/hello]");
  CHECK(during.state().variables.at("digits") == "2");
  RunFixture after(MenuDefinition());
  after.Begin();
  CHECK(after.PlayEnds() == "");
  CHECK(after.Digit("1") == "2/3 hang up");
}

TEST_CASE("menu asks again after a wrong digit and after silence, and no more than it may") {
  RunFixture wrong(MenuDefinition());
  wrong.Begin();
  CHECK(wrong.Digit("9") == "1/11 play [ru/invalid ru/vm-press] until digit");
  CHECK(wrong.On(PlayFinished{"1/10", true}) == "");
  CHECK(wrong.Digit("9") == "2/10 play [ru/goodbye]");
  RunFixture silent(MenuDefinition());
  silent.Begin();
  silent.PlayEnds();
  const absl::Time before = silent.now();
  CHECK(silent.Wait() == "1/11 play [ru/vm-press] until digit");
  CHECK(silent.now() - before == absl::Seconds(5));
  silent.PlayEnds();
  CHECK(silent.Wait() == "2/10 play [ru/goodbye]");
}

CollectStep Collect() {
  CollectStep collect;
  collect.items = {Prompt("ru/vm-enter-num-to-call")};
  collect.variable = "order";
  collect.length_min = 2;
  collect.length_max = 4;
  collect.timeout_next = "late";
  return collect;
}
Definition CollectDefinition() {
  return MakeDefinition({MakeStep("c", Collect(), "say"),
                         MakeStep("say", SayNumberStep{Parsed("order")}, "end"),
                         MakeStep("late", PlayStep{{Prompt("ru/goodbye")}}), kEnd});
}

TEST_CASE("collect ends at the end digit, at its length and by pausing") {
  RunFixture ended(CollectDefinition());
  CHECK(ended.Begin() == "1/10 play [ru/vm-enter-num-to-call] until digit");
  CHECK(ended.Digit("2") == "");
  CHECK(ended.On(PlayFinished{"1/10", true}) == "");
  CHECK(ended.Digit("1") == "");
  CHECK(ended.Digit("#") == "2/10 play [ru/digits/20 ru/digits/1]");
  RunFixture full(CollectDefinition());
  full.Begin();
  full.On(PlayFinished{"1/10", true});
  for (const char* d : {"1", "0", "0"}) CHECK(full.Digit(d) == "");
  CHECK(full.Digit("1") == "2/10 play [ru/digits/thousand ru/digits/1]");
  RunFixture paused(CollectDefinition());
  paused.Begin();
  paused.On(PlayFinished{"1/10", true});
  paused.Digit("1");
  paused.Digit("5");
  CHECK(paused.Wait() == "2/10 play [ru/digits/15]");
}

TEST_CASE("collect takes the time-out branch for too little") {
  RunFixture nothing(CollectDefinition());
  nothing.Begin();
  nothing.PlayEnds();
  CHECK(nothing.Wait() == "2/10 play [ru/goodbye]");
  RunFixture little(CollectDefinition());
  little.Begin();
  little.On(PlayFinished{"1/10", true});
  little.Digit("1");
  CHECK(little.Digit("#") == "2/10 play [ru/goodbye]");
}

TEST_CASE("branch takes the first true case, else next") {
  struct Row {
    const char* first;
    const char* second;
    const char* step;
  };
  const Row rows[] = {
      {"caller == \"101\"", "true", "a"},
      {"caller == \"102\"", "called == \"1000\"", "b"},
      {"false", "false", "c"},
      {"hour == 15 && minute == 6", "true", "a"},
      {"weekday == 7", "true", "a"},
      {"answered", "language == \"ru\"", "b"},
      {"vip == \"yes\"", "true", "a"},
  };
  for (const Row& row : rows) {
    INFO(row.first);
    BranchStep branch{{{Parsed(row.first), "a"}, {Parsed(row.second), "b"}}};
    Definition d = MakeDefinition({MakeStep("start", branch, "c"), MakeStep("a", HangUpStep{}),
                                   MakeStep("b", HangUpStep{}), MakeStep("c", HangUpStep{})});
    d.variables["vip"] = "yes";
    RunFixture f(d);
    f.Begin();
    CHECK(f.entered().back() == row.step);
  }
}

TEST_CASE("a broken condition is a failure of its step") {
  RunFixture f(
      MakeDefinition({MakeStep("b", BranchStep{{{Parsed("1 / 0 == 1"), "end"}}}, "end", "err"),
                      kEnd, MakeStep("err", PlayStep{{Prompt("ru/sorry")}})}));
  CHECK(f.Begin() == "2/10 play [ru/sorry]");
  CHECK(f.state().message == "step \"b\": position 3: division by zero");
}

TEST_CASE("set variable computes, and refuses what is not its own") {
  RunFixture f(
      MakeDefinition({MakeStep("s", SetVariableStep{"x", Parsed("number(\"4\") + 1")}, "l"),
                      MakeStep("l", SetVariableStep{"language", Parsed("\"en\"")}, "n"),
                      MakeStep("n", SayNumberStep{Parsed("x")})}));
  CHECK(f.Begin() == "3/10 play [en/digits/5]");
  RunFixture g(
      MakeDefinition({MakeStep("s", SetVariableStep{"caller", Parsed("\"1\"")}, "end"), kEnd}));
  g.Begin();
  CHECK(g.state().message == "step \"s\": \"caller\" cannot be set");
}

TEST_CASE("variables are bounded") {
  RunFixture f(
      MakeDefinition({MakeStep("s", SetVariableStep{"x", Parsed("big + big")}, "end"), kEnd}));
  RunState state = f.state();
  CHECK(state.variables.empty());
  Definition d =
      MakeDefinition({MakeStep("s", SetVariableStep{"x", Parsed("big + big")}, "end"), kEnd});
  d.variables["big"] = std::string(1000, 'x');
  RunFixture g(d);
  g.Begin();
  CHECK(g.state().message == "step \"s\": the value of x has 2000 bytes; 1024 are allowed");
}

TEST_CASE("transfer lets the call go when connected, fails otherwise") {
  TransferStep to_number{Parsed("\"+7\" + \"495\"")};
  RunFixture f(MakeDefinition({MakeStep("t", to_number, "", "end"), kEnd}));
  CHECK(f.Begin() == "1/1 transfer +7495");
  CHECK(f.On(TransferLeft{true, ""}) == "1/3 end\nover");
  RunFixture g(
      MakeDefinition({MakeStep("t", TransferStep{std::string("agent1")}, "", "end"), kEnd}));
  CHECK(g.Begin() == "1/1 transfer user agent1");
  CHECK(g.On(TransferLeft{false, "busy"}) == "2/3 hang up");
  CHECK(g.state().message == "step \"t\": the transfer did not succeed: busy");
}

TEST_CASE("echo ends by pound") {
  RunFixture f(MakeDefinition({MakeStep("e", EchoStep{}, "end"), kEnd}));
  CHECK(f.Begin() == "1/1 echo");
  CHECK(f.Digit("1") == "");
  CHECK(f.Digit("#") == "1/10 stop \n2/3 hang up");
}

TEST_CASE("a refused command fails its step") {
  RunFixture f(MakeDefinition({MakeStep("p", PlayStep{{Prompt("ru/x")}}, "", "end"), kEnd}));
  f.Begin();
  CHECK(f.On(CommandRefused{"9/10", "other"}) == "");
  CHECK(f.On(CommandRefused{"1/10", "no media"}) == "2/3 hang up");
}

}  // namespace
}  // namespace zvon::scenario
