#include "services/common/executor/loop.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

namespace zvon {
namespace {

struct Fixture {
  SteadyClock clock;
  Loop loop{{.name = "test"}, clock};
};

}  // namespace

TEST_CASE("tasks of many threads run one by one, each thread's in its order") {
  Fixture f;
  f.loop.Start();
  constexpr int kThreads = 4;
  constexpr int kTasks = 5000;
  std::vector<std::vector<int>> seen(kThreads);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kTasks; ++i) {
        while (!f.loop.Post([&seen, t, i] { seen[t].push_back(i); })) std::this_thread::yield();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  f.loop.Stop();
  for (const auto& one : seen) {
    REQUIRE(one.size() == kTasks);
    CHECK(std::is_sorted(one.begin(), one.end()));
  }
}

TEST_CASE("what was posted before the stop runs, what comes after is refused") {
  Fixture f;
  int ran = 0;
  for (int i = 0; i < 10; ++i) CHECK(f.loop.Post([&] { ++ran; }));
  f.loop.Start();
  f.loop.Stop();
  CHECK(ran == 10);
  CHECK_FALSE(f.loop.Post([&] { ++ran; }));
  f.loop.PostAndWait([&] { ++ran; });  // Returns at once, having done nothing.
  CHECK(ran == 10);
}

TEST_CASE("a full mailbox refuses") {
  SteadyClock clock;
  Loop loop({.name = "small", .mailbox_max = 3}, clock);
  for (int i = 0; i < 3; ++i) CHECK(loop.Post([] {}));
  CHECK_FALSE(loop.Post([] {}));
}

TEST_CASE("timers run in order of time, cancelled ones never") {
  Fixture f;
  f.loop.Start();
  std::string trace;
  std::atomic<bool> done{false};
  f.loop.PostAndWait([&] {
    f.loop.RunAfter(absl::Milliseconds(20), [&] { trace += "c"; done = true; });
    f.loop.RunAfter(absl::Milliseconds(5), [&] { trace += "a"; });
    f.loop.RunAfter(absl::Milliseconds(10), [&] { trace += "b"; });
    TimerId id = f.loop.RunAfter(absl::Milliseconds(7), [&] { trace += "x"; });
    f.loop.Cancel(id);
  });
  while (!done) std::this_thread::yield();
  f.loop.Stop();
  CHECK(trace == "abc");
}

TEST_CASE("a watched descriptor is told until it is unwatched") {
  Fixture f;
  int fds[2];
  REQUIRE(pipe(fds) == 0);
  std::atomic<int> told{0};
  f.loop.Start();
  f.loop.PostAndWait([&] {
    f.loop.WatchFd(fds[0], EPOLLIN, [&](uint32_t events) {
      CHECK((events & EPOLLIN) != 0);
      char byte;
      REQUIRE(read(fds[0], &byte, 1) == 1);
      if (++told == 2) f.loop.UnwatchFd(fds[0]);
    });
  });
  REQUIRE(write(fds[1], "xyz", 3) == 3);
  while (told < 2) std::this_thread::yield();
  f.loop.PostAndWait([] {});
  CHECK(told == 2);
  f.loop.Stop();
  close(fds[0]);
  close(fds[1]);
}

TEST_CASE("the end of a turn comes after its tasks and before the next turn") {
  Fixture f;
  std::string trace;
  CHECK(f.loop.Post([&] {
    f.loop.AtTurnEnd([&] { trace += "e"; });
    trace += "a";
    CHECK(f.loop.Post([&] { trace += "n"; }));
  }));
  CHECK(f.loop.Post([&] { trace += "b"; }));
  f.loop.Start();
  f.loop.PostAndWait([] {});
  f.loop.Stop();
  CHECK(trace == "aben");
}

TEST_CASE("the longest turn is measured") {
  Fixture f;
  f.loop.Start();
  f.loop.PostAndWait([&] {
    absl::Time until = f.clock.Now() + absl::Milliseconds(15);
    while (f.clock.Now() < until) {
    }
  });
  f.loop.PostAndWait([] {});
  CHECK(f.loop.TakeLongestTurn() >= absl::Milliseconds(15));
  CHECK(f.loop.InLoopThread() == false);
}

}  // namespace zvon
