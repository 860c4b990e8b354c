#include "services/routing/ports/memory_routing_store.h"

#include <algorithm>
#include <type_traits>
#include <utility>

namespace zvon::routing {
namespace {

absl::Status Down() { return absl::UnavailableError("memory store is down"); }

}  // namespace

class MemoryRoutingStore final : public RoutingStore {
 public:
  explicit MemoryRoutingStore(MemoryRoutingServer& server) : server_(server) {}

  void TakeOver(const std::string& tenant_id, int64_t epoch,
                std::function<void(absl::StatusOr<StoredTenant>)> done) override {
    server_.Run(this, [&server = server_, tenant_id, epoch, done = std::move(done)] {
      if (server.down_) return done(Down());
      auto& tenant = server.tenants_[tenant_id];
      if (tenant.epoch > epoch) return done(Stale(tenant_id));
      tenant.epoch = epoch;
      done(MemoryRoutingServer::ViewOf(tenant));
    });
  }

  void Write(const std::string& tenant_id, int64_t epoch, WriteBatch batch, Done done) override {
    server_.Run(this, [this, tenant_id, epoch, batch = std::move(batch), done = std::move(done)] {
      done(WriteNow(tenant_id, epoch, batch));
    });
  }

  void Replace(const std::string& tenant_id, int64_t epoch, StoredTenant whole,
               Done done) override {
    server_.Run(this, [this, tenant_id, epoch, whole = std::move(whole), done = std::move(done)] {
      done(ReplaceNow(tenant_id, epoch, whole));
    });
  }

 private:
  static absl::Status Stale(const std::string& tenant_id) {
    return absl::FailedPreconditionError("another replica leads tenant " + tenant_id);
  }

  absl::Status WriteNow(const std::string& tenant_id, int64_t epoch, const WriteBatch& batch) {
    if (server_.down_) return Down();
    const auto it = server_.tenants_.find(tenant_id);
    if (it == server_.tenants_.end() || it->second.epoch < epoch) {
      return absl::DataLossError("tenant " + tenant_id + " is not in the store");
    }
    auto& tenant = it->second;
    if (tenant.epoch > epoch) return Stale(tenant_id);
    for (const StoreChange& change : batch.changes) Apply(tenant, change);
    const auto taken = static_cast<ptrdiff_t>(std::min(batch.outbox_taken, tenant.outbox.size()));
    tenant.outbox.erase(tenant.outbox.begin(), tenant.outbox.begin() + taken);
    tenant.outbox.insert(tenant.outbox.end(), batch.outbox.begin(), batch.outbox.end());
    return absl::OkStatus();
  }

  absl::Status ReplaceNow(const std::string& tenant_id, int64_t epoch, const StoredTenant& whole) {
    if (server_.down_) return Down();
    auto& tenant = server_.tenants_[tenant_id];
    if (tenant.epoch > epoch) return Stale(tenant_id);
    tenant = {};
    tenant.epoch = epoch;
    for (const Agent& agent : whole.state.agents) Apply(tenant, agent);
    for (const Entry& entry : whole.state.entries) Apply(tenant, entry);
    for (const QueueCounters& counters : whole.state.counters) Apply(tenant, counters);
    tenant.outbox.assign(whole.outbox.begin(), whole.outbox.end());
    return absl::OkStatus();
  }

  static void Apply(MemoryRoutingServer::Tenant& tenant, const StoreChange& change) {
    std::visit(
        [&tenant](const auto& record) {
          using T = std::decay_t<decltype(record)>;
          if constexpr (std::is_same_v<T, Agent>) tenant.agents[record.agent_id] = record;
          if constexpr (std::is_same_v<T, Entry>) tenant.entries[record.interaction_id] = record;
          if constexpr (std::is_same_v<T, QueueCounters>) tenant.counters[record.queue_id] = record;
          if constexpr (std::is_same_v<T, EntryGone>) tenant.entries.erase(record.interaction_id);
          if constexpr (std::is_same_v<T, AgentGone>) tenant.agents.erase(record.agent_id);
        },
        change);
  }

  MemoryRoutingServer& server_;
};

class MemoryLeaderLease final : public LeaderLease {
 public:
  explicit MemoryLeaderLease(MemoryRoutingServer& server) : server_(server) {}

  void Acquire(const LeaseHolder& me, int64_t epoch_floor, absl::Duration length,
               Done done) override {
    server_.Run(this, [this, me, epoch_floor, length, done = std::move(done)] {
      if (server_.down_) return done(Down());
      if (Present().instance.empty()) {
        server_.holder_ = me;
        server_.holder_.epoch = server_.last_epoch_ =
            std::max(server_.last_epoch_ + 1, epoch_floor);
        server_.held_until_ = server_.now_() + length;
      }
      done(server_.holder_);
    });
  }

  void Renew(const LeaseHolder& me, absl::Duration length, Done done) override {
    server_.Run(this, [this, me, length, done = std::move(done)] {
      if (server_.down_) return done(Down());
      const LeaseHolder present = Present();
      const bool free = present.instance.empty() && server_.last_epoch_ <= me.epoch;
      if (free || (present.instance == me.instance && present.epoch == me.epoch)) {
        server_.holder_ = me;
        server_.last_epoch_ = me.epoch;
        server_.held_until_ = server_.now_() + length;
      }
      done(Present());
    });
  }

  void Look(Done done) override {
    server_.Run(this, [this, done = std::move(done)] {
      if (server_.down_) return done(Down());
      done(Present());
    });
  }

  void Release(const LeaseHolder& me, std::function<void()> done) override {
    server_.Run(this, [this, me, done = std::move(done)] {
      if (!server_.down_ && server_.holder_.instance == me.instance &&
          server_.holder_.epoch == me.epoch) {
        server_.held_until_ = absl::InfinitePast();
      }
      done();
    });
  }

 private:
  LeaseHolder Present() const {
    return server_.now_() < server_.held_until_ ? server_.holder_ : LeaseHolder();
  }

  MemoryRoutingServer& server_;
};

std::unique_ptr<RoutingStore> MemoryRoutingServer::MakeStore() {
  return std::make_unique<MemoryRoutingStore>(*this);
}

std::unique_ptr<LeaderLease> MemoryRoutingServer::MakeLease() {
  return std::make_unique<MemoryLeaderLease>(*this);
}

void MemoryRoutingServer::Hold(bool hold) {
  hold_ = hold;
  if (!hold) Deliver();
}

bool MemoryRoutingServer::DeliverOne() {
  if (held_.empty()) return false;
  const auto operation = std::move(held_.front().operation);
  held_.pop_front();
  operation();
  return true;
}

void MemoryRoutingServer::Deliver() {
  while (DeliverOne()) {
  }
}

void MemoryRoutingServer::Wipe() {
  tenants_.clear();
  holder_ = {};
  held_until_ = absl::InfinitePast();
  last_epoch_ = 0;
}

const StoredTenant* MemoryRoutingServer::Find(const std::string& tenant_id) const {
  const auto it = tenants_.find(tenant_id);
  if (it == tenants_.end()) return nullptr;
  it->second.view = ViewOf(it->second);
  return &it->second.view;
}

void MemoryRoutingServer::DropHeld(const void* of) {
  std::erase_if(held_, [of](const Held& held) { return held.of == of; });
}

void MemoryRoutingServer::Run(const void* of, std::function<void()> operation) {
  if (hold_ || !held_.empty()) {
    held_.push_back({of, std::move(operation)});
  } else {
    operation();
  }
}

StoredTenant MemoryRoutingServer::ViewOf(const Tenant& tenant) {
  StoredTenant view;
  for (const auto& [id, agent] : tenant.agents) view.state.agents.push_back(agent);
  for (const auto& [id, entry] : tenant.entries) view.state.entries.push_back(entry);
  for (const auto& [id, counters] : tenant.counters) view.state.counters.push_back(counters);
  view.outbox.assign(tenant.outbox.begin(), tenant.outbox.end());
  return view;
}

}  // namespace zvon::routing
