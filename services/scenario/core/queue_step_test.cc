// The queue step: music, announcements and every way out.

#include <catch2/catch.hpp>

#include "services/scenario/core/run_fixture.h"

namespace zvon::scenario {
namespace {

using testing::MakeDefinition;
using testing::MakeStep;
using testing::RunFixture;

const char kMusic[] =
    "[moh/macroform-cold_day moh/macroform-robot_dity moh/macroform-the_simplicity "
    "moh/manolo_camp-morning_coffee "
    "moh/reno_project-system] loop";

QueueStep Sales() {
  QueueStep queue;
  queue.queue_id = "sales";
  queue.announce_position = true;
  queue.announce_interval = absl::Seconds(20);
  queue.timeout_next = "late";
  queue.refused_next = "refused";
  return queue;
}

Definition InQueue(QueueStep queue) {
  return MakeDefinition(
      {MakeStep("skills", SetSkillsStep{{"sales"}, 5}, "q"), MakeStep("q", queue, "after"),
       MakeStep("late", PlayStep{{Prompt("ru/goodbye")}}),
       MakeStep("refused", PlayStep{{Prompt("ru/sorry")}}), MakeStep("after", HangUpStep{})});
}

TEST_CASE("the caller hears its place at once, then music, and its place again every interval") {
  RunFixture f(InQueue(Sales()));
  CHECK(f.Begin() == "2/1 enqueue sales skills=sales priority=5 data=");
  CHECK(f.On(QueueProgressed{3}) ==
        "2/10 play [ru/queue-thereare ru/digits/3 ru/queue-callswaiting]");
  CHECK(f.PlayEnds() == absl::StrCat("2/11 play ", kMusic));
  CHECK(f.On(QueueProgressed{1}) == "");
  const absl::Time before = f.now();
  CHECK(f.Wait() == "2/12 play [ru/queue-youarenext]");
  CHECK(f.now() - before == absl::Seconds(20));
  CHECK(f.PlayEnds() == absl::StrCat("2/13 play ", kMusic));
}

TEST_CASE("where the place is late, music plays until it comes") {
  RunFixture f(InQueue(Sales()));
  f.Begin();
  CHECK(f.Wait() == absl::StrCat("2/10 play ", kMusic));
  CHECK(f.On(QueueProgressed{2}) ==
        "2/11 play [ru/queue-thereare ru/digits/2 ru/queue-callswaiting]");
}

TEST_CASE("without announcements there is music and no timer but the deadline") {
  QueueStep queue = Sales();
  queue.announce_position = false;
  queue.wait_max = absl::Seconds(60);
  RunFixture f(InQueue(queue));
  CHECK(f.Begin() ==
        absl::StrCat("2/1 enqueue sales skills=sales priority=5 data=\n2/10 play ", kMusic));
  CHECK(f.run().NextWakeup() - f.now() == absl::Seconds(75));
  CHECK(f.Wait() == "2/2 leave queue\n2/11 stop 2/10\n3/10 play [ru/goodbye]");
}

TEST_CASE("music that fails is tried again later, not at once") {
  QueueStep queue = Sales();
  queue.announce_position = false;
  RunFixture f(InQueue(queue));
  f.Begin();
  CHECK(f.PlayEnds(true) == "");
  const absl::Time before = f.now();
  CHECK(f.Wait() == absl::StrCat("2/11 play ", kMusic));
  CHECK(f.now() - before == absl::Seconds(5));
}

TEST_CASE("every way out of the queue") {
  struct Row {
    QueueOutcome outcome;
    const char* commands;
  };
  const Row rows[] = {
      {QueueOutcome::kConnected, ""},
      {QueueOutcome::kTimedOut, "2/11 stop 2/10\n3/10 play [ru/goodbye]"},
      {QueueOutcome::kRefused, "2/11 stop 2/10\n3/10 play [ru/sorry]"},
      {QueueOutcome::kTalkEnded, "3/3 hang up"},
  };
  for (const Row& row : rows) {
    RunFixture f(InQueue(Sales()));
    f.Begin();
    f.On(QueueProgressed{1});
    CHECK(f.On(QueueLeft{row.outcome, "agent1", ""}) == row.commands);
  }
}

TEST_CASE("a talk may last; its end takes the next step") {
  RunFixture f(InQueue(Sales()));
  f.Begin();
  f.On(QueueProgressed{1});
  CHECK(f.On(QueueLeft{QueueOutcome::kConnected, "agent1", ""}) == "");
  CHECK(f.state().connected);
  CHECK(f.last().snapshot_needed);
  CHECK(f.On(QueueProgressed{1}) == "");
  CHECK(f.run().NextWakeup() - f.now() == absl::Hours(24));
  CHECK(f.On(QueueLeft{QueueOutcome::kTalkEnded, "agent1", ""}) == "3/3 hang up");
}

TEST_CASE("a refusal without a branch is a failure with the apology") {
  QueueStep queue = Sales();
  queue.refused_next = "";
  RunFixture f(InQueue(queue));
  f.Begin();
  f.On(Answered{});
  CHECK(f.On(CommandRefused{"2/1", "no such queue"}) ==
        "3/10 play [ru/im-sorry silence 200ms ru/vm-goodbye]");
  CHECK(f.state().message == "step \"q\": queue sales refused the call: no such queue");
}

}  // namespace
}  // namespace zvon::scenario
