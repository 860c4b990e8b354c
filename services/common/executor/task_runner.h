#pragma once
// Where single-owner state lives: one runner, one thread, tasks one by one.

#include <cstdint>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"

namespace zvon {

using Task = absl::AnyInvocable<void()>;
using TimerId = uint64_t;

// The interface that shells are written against; `Loop` is the real one,
// `SimulatedLoop` its twin in virtual time.
class TaskRunner {
 public:
  virtual ~TaskRunner() = default;

  // Thread-safe. Runs `task` on the runner's thread, in order of posting.
  // False when the mailbox is full or the runner has stopped: the task is
  // dropped and the caller must say so to whoever asked.
  [[nodiscard]] virtual bool Post(Task task) = 0;

  // The rest is for the runner's own thread.

  // Never returns 0. Timers with equal times run in order of setting.
  virtual TimerId RunAt(absl::Time when, Task task) = 0;
  TimerId RunAfter(absl::Duration delay, Task task) { return RunAt(Now() + delay, std::move(task)); }
  // Harmless for 0 and for ids that have run.
  virtual void Cancel(TimerId id) = 0;

  // Runs once after all tasks, timers and file events of the present turn:
  // the place to send what the turn has gathered (one frame, one pipeline).
  virtual void AtTurnEnd(Task task) = 0;

  virtual absl::Time Now() const = 0;
};

}  // namespace zvon
