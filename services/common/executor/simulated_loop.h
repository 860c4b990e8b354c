#pragma once
// TaskRunner in virtual time, for tests and the simulator. Single thread.

#include <deque>
#include <map>
#include <utility>
#include <vector>

#include "services/common/executor/task_runner.h"
#include "services/common/time/clock.h"

namespace zvon {

class SimulatedLoop final : public TaskRunner {
 public:
  explicit SimulatedLoop(SimulatedClock& clock) : clock_(clock) {}

  bool Post(Task task) override;
  TimerId RunAt(absl::Time when, Task task) override;
  void Cancel(TimerId id) override;
  void AtTurnEnd(Task task) override;
  absl::Time Now() const override { return clock_.Now(); }

  // Runs posted tasks (and those they post) without moving time.
  void RunPosted();
  // Moves time to each timer in turn and runs it, up to now + `by`.
  void Advance(absl::Duration by);
  // InfiniteFuture when no timer is set.
  absl::Time NextTimer() const;

 private:
  void RunTurnEnd();
  SimulatedClock& clock_;
  std::deque<Task> posted_;
  std::vector<Task> turn_end_;
  std::map<std::pair<absl::Time, TimerId>, Task> timers_;
  std::map<TimerId, absl::Time> timer_times_;
  TimerId next_timer_ = 1;
};

}  // namespace zvon
