#pragma once
// Where a tenant's live state is kept outside the process, guarded by the
// leader's epoch. Adapter: adapters/redis_routing_store.h; in memory:
// ports/memory_routing_store.h. Both obey ports/routing_store_contract_test.cc.

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/routing/core/effects.h"

namespace zvon::routing {

// A fact on its way to the bus, as bytes. It is stored in the same atomic
// step as the change that made it, and dropped once the publisher has it: a
// leader that dies in between leaves it to its successor.
struct OutboxEvent {
  std::string topic;
  std::string key;
  std::string event_id;
  std::string type;
  absl::Time time;
  std::string payload;
};

struct StoredTenant {
  TenantState state;
  std::vector<OutboxEvent> outbox;  // Oldest first.
};

struct WriteBatch {
  std::vector<StoreChange> changes;
  std::vector<OutboxEvent> outbox;
  // Oldest events of the stored outbox that the publisher has taken.
  size_t outbox_taken = 0;
};

// Runner-thread only, handlers too. Operations given in order take effect in
// order and are answered in order. Errors: FAILED_PRECONDITION = the epoch
// stored is higher: another replica leads; DATA_LOSS = the store has nothing of
// this epoch (wiped, or another server): Replace it; UNAVAILABLE and
// DEADLINE_EXCEEDED = effect unknown: Replace when it is back.
class RoutingStore {
 public:
  using Done = std::function<void(absl::Status)>;
  virtual ~RoutingStore() = default;

  // Raises the tenant's epoch (lower ones are refused from here on) and gives
  // what is stored. An unknown tenant gives an empty state.
  virtual void TakeOver(const std::string& tenant_id, int64_t epoch,
                        std::function<void(absl::StatusOr<StoredTenant>)> done) = 0;
  // One atomic step.
  virtual void Write(const std::string& tenant_id, int64_t epoch, WriteBatch batch, Done done) = 0;
  // Writes the whole anew, where no higher epoch is stored.
  virtual void Replace(const std::string& tenant_id, int64_t epoch, StoredTenant whole,
                       Done done) = 0;
};

}  // namespace zvon::routing
