#pragma once
// Keeps asking who leads, and takes the lead where nobody does.

#include <functional>
#include <string>

#include "services/common/executor/task_runner.h"
#include "services/routing/ports/leader_lease.h"

namespace zvon::routing {

// The lease elects; it does not fence: a leader cut off from the store goes on
// believing, and the epoch in every write and every token keeps what it does
// without effect. Runner-thread only.
//
// With a lease of 1 s a dead leader is replaced in at most 1 s (its lease) +
// 1/6 s (the standby's look) + 1/3 s (found vacant all along: a live leader
// renews every quarter, so also in a store that was wiped).
class Leadership {
 public:
  struct Handlers {
    std::function<void(int64_t epoch)> on_lead;
    // Another replica leads; `address` may be empty while nobody does.
    std::function<void(const std::string& leader_address)> on_follow;
  };
  Leadership(TaskRunner& runner, LeaderLease& lease, LeaseHolder me, absl::Duration length,
             Handlers handlers);
  ~Leadership();

  void Start();
  // Gives the lease back, if held, and asks no more.
  void Stop(std::function<void()> done);
  // The store refused this replica's epoch.
  void StepDown();
  bool leading() const { return me_.epoch != 0; }
  int64_t epoch() const { return me_.epoch; }
  const std::string& leader_address() const { return leader_address_; }

 private:
  void Ask();
  void AskAfter(absl::Duration delay);
  void OnRenewed(const absl::StatusOr<LeaseHolder>& holder);
  void OnLooked(const absl::StatusOr<LeaseHolder>& holder);
  void OnAcquired(const absl::StatusOr<LeaseHolder>& holder);
  void Follow(const std::string& address);

  TaskRunner& runner_;
  LeaderLease& lease_;
  LeaseHolder me_;  // Epoch 0 while following.
  const absl::Duration length_;
  const Handlers handlers_;
  std::string leader_address_;
  absl::Time vacant_since_ = absl::InfiniteFuture();
  TimerId timer_ = 0;
  bool stopped_ = false;
  // Answers that come after this object are dropped.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace zvon::routing
