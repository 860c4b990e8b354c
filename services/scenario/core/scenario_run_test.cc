// Limits, ends, and the property that every path has one.

#include "services/scenario/core/scenario_run.h"

#include <catch2/catch.hpp>

#include "services/common/ids/ids.h"
#include "services/scenario/core/run_fixture.h"

namespace zvon::scenario {
namespace {

using testing::MakeDefinition;
using testing::MakeStep;
using testing::Parsed;
using testing::RunFixture;

TEST_CASE("a loop without a wait ends by the apology") {
  Definition d =
      MakeDefinition({MakeStep("a", AnswerStep{}, "x"), MakeStep("x", SetSkillsStep{}, "y"),
                      MakeStep("y", SetVariableStep{"v", Parsed("1")}, "x")});
  RunFixture f(d);
  f.Begin();
  CHECK(f.On(Answered{}) == "102/10 play [ru/im-sorry silence 200ms ru/vm-goodbye]");
  CHECK(f.PlayEnds() == "102/3 hang up");
  CHECK(f.On(CallOver{}) == "over: a loop that never waits, at step \"y\"");
}

TEST_CASE("ten thousand steps are enough") {
  RunFixture f(MakeDefinition(
      {MakeStep("a", AnswerStep{}, "p"), MakeStep("p", PlayStep{{Prompt("ru/hello")}}, "p")}));
  f.Begin();
  f.On(Answered{});
  int plays = 0;
  while (f.state().step_id == "p" && plays < 20'000) {
    f.PlayEnds();
    ++plays;
  }
  CHECK(plays == kStepsMax - 1);
  CHECK(f.state().step_id == "!apology");
  CHECK(f.state().message == "the run took more than 10000 steps");
}

TEST_CASE("error branches that fail in turn end too") {
  RunFixture f(MakeDefinition({MakeStep("a", PlayStep{{Prompt("ru/x")}}, "", "b"),
                               MakeStep("b", PlayStep{{Prompt("ru/y")}}, "", "a")}));
  f.Begin();
  int failures = 0;
  while (f.state().phase == RunPhase::kRunning && failures < 100) {
    f.PlayEnds(true);
    ++failures;
  }
  CHECK(failures == kFailuresMax + 1);
}

TEST_CASE("an unknown step is a failure, not a crash") {
  RunFixture f(MakeDefinition({MakeStep("a", AnswerStep{}, "nowhere")}));
  f.Begin();
  CHECK(f.On(Answered{}) == "2/10 play [ru/im-sorry silence 200ms ru/vm-goodbye]");
  CHECK(f.state().message == "there is no step \"nowhere\"");
}

TEST_CASE("a customer who hangs up ends the run at any step, once") {
  RunFixture f(MakeDefinition({MakeStep("a", AnswerStep{}, "")}));
  f.Begin();
  CHECK(f.On(CallOver{}) == "over");
  CHECK(f.Digit("1") == "");
  CHECK(f.Wait() == "nothing awaited");
}

TEST_CASE("a hang-up that nobody confirms ends by its deadline") {
  RunFixture f(MakeDefinition({MakeStep("a", HangUpStep{})}));
  CHECK(f.Begin() == "1/3 hang up");
  CHECK(f.Wait() == "over");
}

TEST_CASE("events tell the start, each step and the end") {
  RunFixture f(MakeDefinition({MakeStep("a", AnswerStep{}, "end"), MakeStep("end", HangUpStep{})}));
  f.Begin();
  REQUIRE(f.last().facts.size() == 2);
  CHECK(std::holds_alternative<RunStartedFact>(f.last().facts[0]));
  CHECK(std::get<StepEnteredFact>(f.last().facts[1]).kind == "answer");
  CHECK(f.last().snapshot_needed);
}

// Random graphs under random events: nothing crashes, and when the world falls
// silent every run ends by its own deadlines.
StepKind AnyKind(uint64_t r, const std::vector<std::string>& ids) {
  auto id = [&](int shift) { return ids[(r >> shift) % ids.size()]; };
  switch (r % 12) {
    case 0:
      return AnswerStep{};
    case 1:
      return PlayStep{{Prompt("ru/hello")}, (r >> 8) % 2 == 0};
    case 2:
      return SayNumberStep{Parsed((r >> 8) % 2 == 0 ? "digits" : "\"42\"")};
    case 3: {
      MenuStep m{{Prompt("ru/hello")}, {{"1", id(8)}, {"2", id(12)}}};
      m.timeout_next = id(16);
      return m;
    }
    case 4: {
      CollectStep c;
      c.variable = "x";
      c.length_max = 3;
      c.timeout_next = id(8);
      return c;
    }
    case 5:
      return SetSkillsStep{{"s"}, 1};
    case 6: {
      QueueStep q;
      q.queue_id = "q";
      q.announce_position = (r >> 8) % 2 == 0;
      q.announce_interval = absl::Minutes(50);
      q.wait_max = absl::Seconds(30);
      q.timeout_next = id(12);
      return q;
    }
    case 7:
      return TransferStep{std::string("u")};
    case 8:
      return HangUpStep{};
    case 9:
      return BranchStep{{{Parsed("digits == \"1\""), id(8)}}};
    case 10:
      return SetVariableStep{"x", Parsed("\"a\" + digits")};
    default:
      return EchoStep{};
  }
}

RunEvent AnyEvent(uint64_t r, const RunState& state) {
  switch (r % 8) {
    case 0:
      return Answered{};
    case 1:
    case 2:
      return PlayFinished{state.memory.play_id, false, (r >> 8) % 5 == 0};
    case 3:
      return DigitPressed{std::string(1, "1290#*"[(r >> 8) % 6])};
    case 4:
      return QueueProgressed{static_cast<int>((r >> 8) % 5)};
    case 5:
      return QueueLeft{static_cast<QueueOutcome>((r >> 8) % 4), "a", ""};
    case 6:
      return TransferLeft{(r >> 8) % 4 == 0, "busy"};
    default:
      return CommandRefused{absl::StrCat(state.visit, "/", (r >> 8) % 12), "no"};
  }
}

TEST_CASE("every path ends") {
  for (uint64_t seed = 1; seed <= 400; ++seed) {
    const RandomSource random = SeededRandom(seed);
    std::vector<std::string> ids = {"", "a", "b", "c", "d", "e", "f"};
    std::vector<Step> steps;
    for (size_t i = 1; i < ids.size(); ++i) {
      steps.push_back(MakeStep(ids[i], AnyKind(random(), ids), ids[random() % ids.size()],
                               ids[random() % ids.size()]));
    }
    RunFixture f(MakeDefinition(steps));
    f.Begin();
    for (int i = 0; i < 200 && !f.last().finished; ++i) {
      if (random() % 10 == 0) {
        f.Resume({random() % 2 == 0, random() % 4 == 0, random() % 4 == 0});
      } else {
        f.On(AnyEvent(random(), f.state()));
      }
      REQUIRE(f.last().commands.size() <= 300);
      REQUIRE(f.state().variables.size() <= kVariablesMax);
      REQUIRE(f.state().visit <= kStepsMax + 2);
    }
    int waits = 0;
    while (!f.last().finished && waits < 25'000) {
      f.Wait();
      ++waits;
    }
    INFO("seed " << seed << ", at step " << f.state().step_id);
    REQUIRE(f.last().finished);
  }
}

}  // namespace
}  // namespace zvon::scenario
