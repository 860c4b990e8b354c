#pragma once
// The gateway's one loop: a TaskRunner on Asio, so that sockets, gRPC
// answers and timers meet on one thread without a lock.

#include <atomic>
#include <memory>
#include <unordered_map>
#include <vector>

#include "services/common/executor/task_runner.h"
#include "services/common/time/clock.h"

namespace boost::asio {
class io_context;
}

namespace zvon::gateway {

class AsioRunner final : public TaskRunner {
 public:
  explicit AsioRunner(const Clock& clock, size_t mailbox_max = 100'000);
  ~AsioRunner() override;

  // Starts the thread. Stop runs what was posted, ends and joins.
  void Start();
  void Stop();
  // Posts and waits; from another thread, while the runner runs.
  void PostAndWait(Task task);

  bool Post(Task task) override;
  TimerId RunAt(absl::Time when, Task task) override;
  void Cancel(TimerId id) override;
  void AtTurnEnd(Task task) override;
  absl::Time Now() const override { return clock_.Now(); }

  boost::asio::io_context& context();

 private:
  struct Impl;
  const Clock& clock_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace zvon::gateway
