// A run goes on in another process from its state alone, at every step.

#include <catch2/catch.hpp>
#include <functional>

#include "services/scenario/core/run_fixture.h"

namespace zvon::scenario {
namespace {

using testing::MakeDefinition;
using testing::MakeStep;
using testing::Parsed;
using testing::RunFixture;

const Step kEnd = MakeStep("end", HangUpStep{});
const char kMusic[] =
    "play [moh/macroform-cold_day moh/macroform-robot_dity moh/macroform-the_simplicity "
    "moh/manolo_camp-morning_coffee moh/reno_project-system] loop";

TEST_CASE("resumption tells the step's commands again") {
  struct Row {
    const char* step;
    StepKind kind;
    Resumption how;
    std::string commands;
  };
  QueueStep queue;
  queue.queue_id = "sales";
  CollectStep collect;
  collect.items = {Prompt("ru/hello")};
  collect.variable = "x";
  const Row rows[] = {
      {"answer lost", AnswerStep{}, {}, "1/1 answer"},
      {"answered meanwhile", AnswerStep{}, {true}, "2/3 hang up"},
      {"play", PlayStep{{Prompt("ru/hello")}}, {true}, "1/1010 play [ru/hello]"},
      {"number", SayNumberStep{Parsed("\"5\"")}, {true}, "1/1010 play [ru/digits/5]"},
      {"menu",
       MenuStep{{Prompt("ru/hello")}, {{"1", "end"}}},
       {true},
       "1/1010 play [ru/hello] until digit"},
      {"collect", collect, {true}, "1/1010 play [ru/hello] until digit"},
      {"queue, still there", queue, {true, true, false}, absl::StrCat("1/1010 ", kMusic)},
      {"queue, command lost",
       queue,
       {true, false, false},
       absl::StrCat("1/1 enqueue sales skills= priority=0 data=\n1/1010 ", kMusic)},
      {"queue, talking", queue, {true, false, true}, ""},
      {"transfer", TransferStep{std::string("agent1")}, {true}, "1/1 transfer user agent1"},
      {"transfer done", TransferStep{std::string("agent1")}, {true, false, true}, "1/3 end\nover"},
      {"echo", EchoStep{}, {true}, "1/1 echo"},
      {"hang up", HangUpStep{}, {true}, "1/3 hang up"},
  };
  for (const Row& row : rows) {
    INFO(row.step);
    RunFixture f(MakeDefinition({MakeStep("s", row.kind, "end"), kEnd}));
    f.Begin();
    CHECK(f.Resume(row.how) == row.commands);
    CHECK(f.last().snapshot_needed != f.last().finished);
  }
}

TEST_CASE("a second resumption has play ids of its own") {
  RunFixture f(MakeDefinition({MakeStep("s", PlayStep{{Prompt("ru/hello")}}, "end"), kEnd}));
  f.Begin();
  f.Resume({true});
  CHECK(f.Resume({true}) == "1/2010 play [ru/hello]");
  CHECK(f.On(PlayFinished{"1/1010"}) == "");
  CHECK(f.PlayEnds() == "2/3 hang up");
}

TEST_CASE("a menu keeps count of its attempts, a collect its digits") {
  MenuStep menu{{Prompt("ru/hello")}, {{"1", "end"}}};
  menu.attempts_max = 2;
  RunFixture m(MakeDefinition({MakeStep("s", menu), kEnd}));
  m.Begin();
  m.Digit("9");
  m.Resume({true});
  CHECK(m.state().memory.attempts == 2);
  CHECK(m.Digit("9") == "1/3 hang up");

  CollectStep collect;
  collect.variable = "x";
  RunFixture c(MakeDefinition(
      {MakeStep("s", collect, "n"), MakeStep("n", SayNumberStep{Parsed("x")}), kEnd}));
  c.Begin();
  c.Digit("4");
  c.Digit("2");
  CHECK(c.Resume({true}) == "");
  CHECK(c.Digit("#") == "2/1010 play [ru/digits/40 ru/digits/2]");
}

TEST_CASE("announcements go on after a resumption") {
  QueueStep queue;
  queue.queue_id = "sales";
  queue.announce_position = true;
  queue.announce_interval = absl::Seconds(20);
  RunFixture f(MakeDefinition({MakeStep("s", queue, "end"), kEnd}));
  f.Begin();
  f.On(QueueProgressed{2});
  f.Resume({true, true, false});
  f.On(QueueProgressed{1});
  CHECK(f.Wait() == "1/1011 play [ru/queue-youarenext]");
}

TEST_CASE("a talk that ended meanwhile takes the next step") {
  QueueStep queue;
  queue.queue_id = "sales";
  RunFixture f(MakeDefinition({MakeStep("s", queue, "end"), kEnd}));
  f.Begin();
  f.On(QueueLeft{QueueOutcome::kConnected, "agent1", ""});
  CHECK(f.Resume({true, false, false}) == "2/3 hang up");
}

TEST_CASE(
    "a call found in a queue that the state knows nothing of is accompanied, not asked again") {
  MenuStep menu{{Prompt("ru/hello")}, {{"1", "end"}}};
  RunFixture waiting(MakeDefinition({MakeStep("s", menu), kEnd}));
  waiting.Begin();
  CHECK(waiting.Resume({true, true, false}) == absl::StrCat("2/1010 ", kMusic));
  CHECK(waiting.run().NextWakeup() - waiting.now() == absl::Hours(6));
  CHECK(waiting.On(QueueLeft{QueueOutcome::kTalkEnded, "", ""}) == "2/3 hang up");
  RunFixture talking(MakeDefinition({MakeStep("s", menu), kEnd}));
  talking.Begin();
  CHECK(talking.Resume({true, false, true}) == "");
  CHECK(talking.On(CallOver{}) == "over");
}

TEST_CASE("a run that never began begins") {
  RunFixture f(MakeDefinition({MakeStep("s", AnswerStep{}, "end"), kEnd}));
  CHECK(f.Resume({false}) == "1/1 answer");
}

}  // namespace
}  // namespace zvon::scenario
