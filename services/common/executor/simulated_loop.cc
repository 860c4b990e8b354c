#include "services/common/executor/simulated_loop.h"

namespace zvon {

bool SimulatedLoop::Post(Task task) {
  posted_.push_back(std::move(task));
  return true;
}

TimerId SimulatedLoop::RunAt(absl::Time when, Task task) {
  TimerId id = next_timer_++;
  timers_.emplace(std::make_pair(when, id), std::move(task));
  timer_times_.emplace(id, when);
  return id;
}

void SimulatedLoop::Cancel(TimerId id) {
  auto it = timer_times_.find(id);
  if (it == timer_times_.end()) return;
  auto node = timers_.extract(std::make_pair(it->second, id));
  timer_times_.erase(it);
}

void SimulatedLoop::AtTurnEnd(Task task) { turn_end_.push_back(std::move(task)); }

void SimulatedLoop::RunTurnEnd() {
  while (!turn_end_.empty()) {
    std::vector<Task> tasks;
    tasks.swap(turn_end_);
    for (Task& task : tasks) task();
  }
}

void SimulatedLoop::RunPosted() {
  // A test may have asked for a turn's end outside any turn.
  RunTurnEnd();
  while (!posted_.empty()) {
    std::deque<Task> tasks;
    tasks.swap(posted_);
    for (Task& task : tasks) task();
    RunTurnEnd();
  }
}

void SimulatedLoop::Advance(absl::Duration by) {
  absl::Time end = clock_.Now() + by;
  RunPosted();
  while (!timers_.empty() && timers_.begin()->first.first <= end) {
    auto it = timers_.begin();
    if (it->first.first > clock_.Now()) clock_.Set(it->first.first);
    Task task = std::move(it->second);
    timer_times_.erase(it->first.second);
    timers_.erase(it);
    task();
    RunTurnEnd();
    RunPosted();
  }
  clock_.Set(end);
}

absl::Time SimulatedLoop::NextTimer() const {
  return timers_.empty() ? absl::InfiniteFuture() : timers_.begin()->first.first;
}

}  // namespace zvon
