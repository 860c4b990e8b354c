#pragma once
// The real TaskRunner: epoll, an eventfd for the mailbox, a heap of timers.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "services/common/executor/task_runner.h"
#include "services/common/time/clock.h"

namespace zvon {

class Loop final : public TaskRunner {
 public:
  struct Options {
    // Thread name (15 characters at most) and label of its metrics.
    std::string name = "loop";
    // Most tasks posted and not yet run.
    size_t mailbox_max = 100'000;
  };
  // `clock` outlives the loop.
  Loop(Options options, const Clock& clock);
  // Stops and joins.
  ~Loop() override;
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Starts the thread. Tasks posted before run first.
  void Start();
  // From any other thread: runs what was posted, then ends and joins.
  void Stop();
  bool InLoopThread() const;

  bool Post(Task task) override;
  // Posts and waits for the end of `task`; from another thread only.
  void PostAndWait(Task task);
  TimerId RunAt(absl::Time when, Task task) override;
  void Cancel(TimerId id) override;
  void AtTurnEnd(Task task) override;
  absl::Time Now() const override { return clock_.Now(); }

  // Calls `handler` with EPOLLIN/EPOLLOUT/EPOLLERR/EPOLLHUP bits, level
  // triggered, until unwatched. Loop thread only. The fd stays the caller's.
  using FdHandler = std::function<void(uint32_t events)>;
  void WatchFd(int fd, uint32_t events, FdHandler handler);
  void ChangeFd(int fd, uint32_t events);
  void UnwatchFd(int fd);

  // Longest turn since the last call, for the watchdog and metrics.
  absl::Duration TakeLongestTurn();

 private:
  struct Impl;
  const Clock& clock_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace zvon
