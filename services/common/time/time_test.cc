#include <catch2/catch.hpp>

#include "absl/time/clock.h"
#include "services/common/time/clock.h"
#include "services/common/time/timer_queue.h"

namespace zvon {

TEST_CASE("the steady clock starts at the wall clock and never goes back") {
  SteadyClock clock;
  CHECK(absl::AbsDuration(clock.Now() - absl::Now()) < absl::Seconds(1));
  absl::Time last = clock.Now();
  for (int i = 0; i < 100'000; ++i) {
    absl::Time now = clock.Now();
    REQUIRE(now >= last);
    last = now;
  }
}

TEST_CASE("a simulated clock moves only when told") {
  SimulatedClock clock;
  absl::Time start = clock.Now();
  clock.Advance(absl::Seconds(3));
  CHECK(clock.Now() - start == absl::Seconds(3));
}

TEST_CASE("timers come due by deadline, equal ones in order of setting") {
  absl::Time t = absl::FromUnixSeconds(100);
  TimerQueue<std::string> timers;
  timers.Set("late", t + absl::Seconds(2));
  timers.Set("first", t);
  timers.Set("second", t);
  CHECK(timers.NextDeadline() == t);
  CHECK(timers.PopDue(t - absl::Nanoseconds(1)) == std::nullopt);
  CHECK(timers.PopDue(t) == "first");
  CHECK(timers.PopDue(t) == "second");
  CHECK(timers.PopDue(t) == std::nullopt);
  CHECK(timers.PopDue(t + absl::Seconds(2)) == "late");
  CHECK(timers.NextDeadline() == absl::InfiniteFuture());
}

TEST_CASE("setting a key again moves its deadline") {
  absl::Time t = absl::FromUnixSeconds(100);
  TimerQueue<int> timers;
  timers.Set(1, t);
  timers.Set(1, t + absl::Seconds(1));
  CHECK(timers.size() == 1);
  CHECK(timers.PopDue(t) == std::nullopt);
  timers.Cancel(1);
  CHECK_FALSE(timers.IsSet(1));
  CHECK(timers.size() == 0);
}

}  // namespace zvon
