#include "services/common/executor/simulated_loop.h"

#include <catch2/catch.hpp>

namespace zvon {

TEST_CASE("virtual time runs timers in order and tells each its own time") {
  SimulatedClock clock;
  SimulatedLoop loop(clock);
  absl::Time start = clock.Now();
  std::vector<std::pair<int, absl::Duration>> seen;
  auto note = [&](int what) { seen.emplace_back(what, loop.Now() - start); };
  loop.RunAfter(absl::Seconds(2), [&] { note(2); });
  loop.RunAfter(absl::Seconds(1), [&] {
    note(1);
    loop.RunAfter(absl::Milliseconds(500), [&] { note(15); });
    CHECK(loop.Post([&] { note(10); }));
  });
  TimerId never = loop.RunAfter(absl::Seconds(1), [&] { note(-1); });
  loop.Cancel(never);
  loop.Cancel(0);
  loop.Advance(absl::Seconds(5));
  REQUIRE(seen.size() == 4);
  CHECK(seen[0] == std::make_pair(1, absl::Seconds(1)));
  CHECK(seen[1] == std::make_pair(10, absl::Seconds(1)));
  CHECK(seen[2] == std::make_pair(15, absl::Milliseconds(1500)));
  CHECK(seen[3] == std::make_pair(2, absl::Seconds(2)));
  CHECK(clock.Now() - start == absl::Seconds(5));
  CHECK(loop.NextTimer() == absl::InfiniteFuture());
}

TEST_CASE("the end of a turn comes after all its tasks") {
  SimulatedClock clock;
  SimulatedLoop loop(clock);
  std::string trace;
  CHECK(loop.Post([&] {
    loop.AtTurnEnd([&] { trace += "e"; });
    trace += "a";
  }));
  CHECK(loop.Post([&] { trace += "b"; }));
  loop.RunPosted();
  CHECK(trace == "abe");
}

}  // namespace zvon
