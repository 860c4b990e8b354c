#pragma once
// All calls of one loop: feeds them, performs their effects, keeps their
// snapshots and timers. One loop per process now; a loop per core would have
// one table each, calls pinned by their Call-ID.

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "services/common/executor/task_runner.h"
#include "services/common/store/snapshot_store.h"
#include "services/signaling/core/call.h"
#include "services/signaling/ports/call_ports.h"

namespace zvon::signaling {

class SignalingProbe;

struct CallPorts {
  SipPort& sip;
  MediaPort& media;
  ScenarioPort& scenario;
  RoutingPort& routing;
  AgentPort& agents;
  FactPort& facts;
};

class CallTable {
 public:
  // The store of a tenant's snapshots; never null.
  using StoreOf = std::function<SnapshotStore&(const std::string& tenant_id)>;
  CallTable(TaskRunner& runner, CallPorts ports, const CallEnvironment& environment,
            StoreOf store_of, SignalingProbe& probe);
  ~CallTable();

  // A new call and its first input.
  void Begin(CallState state, const CallInput& input);
  // Ignored where there is no such call. May be called from inside a port.
  void Feed(const std::string& call_id, CallInput input);
  void FeedInteraction(const std::string& interaction_id, CallInput input);
  void FeedAll(const CallInput& input);
  // To those for which `which` is true.
  void FeedWhere(const std::function<bool(const CallState&)>& which, const CallInput& input);
  const CallState* Find(const std::string& call_id) const;
  const CallState* FindInteraction(const std::string& interaction_id) const;
  void ForEach(const std::function<void(const CallState&)>& visit) const;
  size_t size() const { return calls_.size(); }
  size_t CallsOfTrunk(const std::string& tenant_id, const std::string& trunk_id) const;

  // The media node is there again and holds `held`: calls that it lost, or
  // that lost orders on the way, are ordered anew.
  void OnCensus(const std::string& node,
                const std::function<bool(const std::string& call_id)>& held);
  // Takes a call over from its snapshot; nothing is sent by that.
  absl::Status Adopt(const std::string& bytes);
  // Takes a call over from wherever it is, if the SIP half of its snapshot
  // passes `check`; `done` tells whether it is here now.
  void AdoptFromStore(const std::string& tenant_id, const std::string& call_id,
                      std::function<bool(const std::string& sip_half)> check,
                      std::function<void(bool)> done);
  // Puts every call's snapshot; `done` when all have been answered.
  void FlushAll(std::function<void()> done);
  // Snapshots live so long after the last transition.
  static constexpr absl::Duration kSnapshotLife = absl::Hours(6);

 private:
  struct Entry {
    explicit Entry(CallState state) : call(std::move(state)) {}
    Call call;
    SnapshotStore* store = nullptr;
    TimerId timer = 0;
    absl::Time timer_at = absl::InfiniteFuture();
    bool dirty = false;
    bool orders_lost = false;  // Media did not get all orders.
    SendResponse trying;       // 100 that waits for the first snapshot.
    bool trying_waits = false;
    absl::Time begun;
    bool setup_counted = false;
  };
  void Handle(Entry& entry, const CallInput& input);
  void Drain();
  void Perform(Entry& entry, CallEffect& effect);
  void MarkDirty(Entry& entry);
  void FlushDirty();
  void Flush(Entry& entry, SnapshotStore::Done done);
  void Arm(Entry& entry);
  void Remove(const std::string& call_id);
  void Abandon(const std::string& call_id);
  void Forget(const std::string& call_id);

  TaskRunner& runner_;
  CallPorts ports_;
  const CallEnvironment& environment_;
  StoreOf store_of_;
  SignalingProbe& probe_;
  absl::flat_hash_map<std::string, std::unique_ptr<Entry>> calls_;
  absl::flat_hash_map<std::string, std::string> by_interaction_;
  absl::flat_hash_map<std::string, int> trunk_calls_;  // "tenant/trunk" → live calls.
  std::deque<std::pair<std::string, CallInput>> inputs_;
  std::vector<std::string> dirty_;
  bool handling_ = false;
  bool flush_set_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace zvon::signaling
