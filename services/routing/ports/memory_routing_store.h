#pragma once
// Both ports in memory, shared by the replicas of a test or a simulation.

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "services/routing/ports/leader_lease.h"
#include "services/routing/ports/routing_store.h"

namespace zvon::routing {

// Stands for the server. Answers at once; while held, operations wait in
// order and take effect one by one at DeliverOne/Deliver, so that a test can
// stop between any two. Single thread.
class MemoryRoutingServer {
 public:
  using Now = std::function<absl::Time()>;
  explicit MemoryRoutingServer(Now now) : now_(std::move(now)) {}

  std::unique_ptr<RoutingStore> MakeStore();
  std::unique_ptr<LeaderLease> MakeLease();

  // While down everything fails with UNAVAILABLE.
  void SetDown(bool down) { down_ = down; }
  void Hold(bool hold);
  // False where nothing waits.
  bool DeliverOne();
  void Deliver();
  // Operations of one store or lease that wait are lost unanswered, as with a
  // process that dies.
  void DropHeld(const void* of);
  void Wipe();
  size_t held() const { return held_.size(); }
  const StoredTenant* Find(const std::string& tenant_id) const;

 private:
  friend class MemoryRoutingStore;
  friend class MemoryLeaderLease;
  struct Tenant {
    int64_t epoch = 0;
    std::map<std::string, Agent> agents;
    std::map<std::string, Entry> entries;
    std::map<std::string, QueueCounters> counters;
    std::deque<OutboxEvent> outbox;
    mutable StoredTenant view;
  };
  void Run(const void* of, std::function<void()> operation);
  static StoredTenant ViewOf(const Tenant& tenant);

  Now now_;
  bool down_ = false;
  bool hold_ = false;
  struct Held {
    const void* of;
    std::function<void()> operation;
  };
  std::deque<Held> held_;
  std::map<std::string, Tenant> tenants_;
  LeaseHolder holder_;
  absl::Time held_until_ = absl::InfinitePast();
  int64_t last_epoch_ = 0;
};

}  // namespace zvon::routing
