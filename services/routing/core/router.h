#pragma once
// The router of one tenant: values in, effects out.
//
//   Router router("demo", epoch, {});
//   Effects effects = router.Restore(state_from_the_store, settings, now);
//   effects = router.Handle(EnqueueInput{…}, now);
//   … write effects.changes and effects.facts, then release the rest …
//   … call Handle(Tick{}, now) at router.NextWakeup() …
//
// It knows interactions and agents, never SIP, sockets or Redis. Equal inputs
// at equal times give equal effects, so that a decision can be replayed.
// Invariants (docs/ARCHITECTURE.md; checked after random operations by
// router_property_test.cc): an agent has at most one interaction; an entry is
// in one line or with one agent; a token is never used twice; no offerable
// agent and offerable entry that match remain apart after Handle, unless the
// store is unavailable.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "services/common/time/timer_queue.h"
#include "services/routing/core/agent_table.h"
#include "services/routing/core/effects.h"
#include "services/routing/core/entry_table.h"
#include "services/routing/core/inputs.h"

namespace zvon::routing {

struct RouterOptions {
  // An owner that comes back within it keeps its open offers.
  absl::Duration owner_grace = absl::Seconds(3);
  // An owner that stays away longer has lost its entries.
  absl::Duration owner_forget = absl::Seconds(60);
  // After its hello, an owner tells all it holds within this.
  absl::Duration owner_confirm = absl::Seconds(5);
  // Silence after which an agent is given no offers, and then how much more
  // until Offline.
  absl::Duration heartbeat_max = absl::Seconds(15);
  absl::Duration offline_grace = absl::Seconds(45);
  // The owner ends an offer at its deadline; after this the router does.
  absl::Duration deadline_slack = absl::Milliseconds(500);
  // An entry is not offered again to the agent who missed it for so long.
  absl::Duration avoid = absl::Seconds(10);
  // Least time between two positions told to an entry, two statuses of a queue.
  absl::Duration position_interval = absl::Seconds(1);
  absl::Duration status_interval = absl::Milliseconds(250);
};

class Router {
 public:
  // `epoch` is the leader's; every token of this router carries it.
  Router(std::string tenant_id, int64_t epoch, RouterOptions options);
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  // Once, first: continues what the leader before left. Owners count as lost
  // until they attach; open offers keep their tokens and deadlines.
  Effects Restore(TenantState state, TenantSettings settings, absl::Time now);
  Effects Handle(const Input& input, absl::Time now);
  // When Tick must come at the latest; InfiniteFuture where nothing is due.
  absl::Time NextWakeup() const { return timers_.NextDeadline(); }

  const std::string& tenant_id() const { return tenant_id_; }
  int64_t epoch() const { return epoch_; }
  // All that must outlive the process, to write the whole store anew.
  TenantState Snapshot() const;
  // For a gateway that begins to watch.
  std::vector<AgentView> AgentViews() const;
  std::vector<QueueView> QueueViews(absl::Time now) const;
  const AgentTable& agents() const { return agents_; }
  const EntryTable& entries() const { return entries_; }
  const TenantSettings& settings() const { return settings_; }

 private:
  struct Owner {
    int64_t incarnation = 0;
    bool attached = false;
  };
  enum class Timer {
    kOfferDeadline,  // interaction
    kWaitMax,        // interaction
    kAvoidOver,      // interaction
    kWrapUpLimit,    // agent
    kHeartbeat,      // agent
    kOfflineGrace,   // agent
    kOwnerGrace,     // owner
    kOwnerForget,    // owner
    kOwnerConfirm,   // owner
    kTellPositions,  // queue
    kTellStatus      // queue
  };
  struct TimerKey {
    Timer timer;
    std::string id;
    friend bool operator==(const TimerKey&, const TimerKey&) = default;
  };
  struct TimerKeyHash {
    size_t operator()(const TimerKey& key) const {
      return std::hash<std::string>()(key.id) * 31 + static_cast<size_t>(key.timer);
    }
  };

  // router_owners.cc: what owners of interactions say.
  void On(const OwnerAttached& input);
  void On(const OwnerLost& input);
  void On(const EnqueueInput& input);
  void On(const WithdrawInput& input);
  void On(const AssignmentEndedInput& input);
  void OnOwnerGrace(const std::string& owner_id);
  void DropUnconfirmed(const std::string& owner_id, const std::string& why);
  void EnqueueNew(const EnqueueInput& input, const QueueSettings& queue);
  void Confirm(Entry& entry, const EnqueueInput& input);
  void Doubt(Entry& entry, const EnqueueInput& input);
  void AdoptAssignment(const EnqueueInput& input);
  void RefuseEntry(const EnqueueInput& input, const QueueSettings* queue, std::string message);

  // router_agents.cc: what agents and their gateways say.
  void On(const SignInInput& input);
  void On(const SignOutInput& input);
  void On(const SetStateInput& input);
  void On(const DeclineOfferInput& input);
  void On(const DispositionInput& input);
  void On(const HeartbeatInput& input);
  void On(const GatewayLost& input);
  void Heard(Agent& agent, const std::string& gateway_id);
  void Disconnect(Agent& agent);
  void OnOfflineGrace(Agent& agent);
  void Move(Agent& agent, const AgentInput& input, const std::string& cause = {});
  void EndWrapUp(Agent& agent, bool by_timeout);
  void Answer(const RequestRef& request, const std::string& agent_id, absl::Status status);

  // router_offers.cc: match, offer, and how an offer ends.
  void On(const OfferProgressInput& input);
  void OnAnswered(const OfferProgressInput& input);
  void MatchAll();
  void StartOffer(Entry& entry, Agent& agent, std::string reason);
  void Accept(Entry& entry);
  // The entry goes back to its place.
  void EndOffer(Entry& entry, OfferOutcome outcome, const std::string& message, bool tell_owner);
  void MarkAvoided(Entry& entry, const std::string& agent_id);
  void SpareNoMore(Entry& entry);
  // The assignment is over: wrap-up begins, the entry is gone.
  void EndAssignment(Entry& entry);
  // Ends whatever the entry is in, with the queue's books kept.
  void Leave(Entry& entry, EntryOutcome outcome, const std::string& why);
  void OnWaitMax(Entry& entry);

  // router.cc: dispatch, timers, settings, and the effects' making.
  void On(const SettingsChanged& input);
  void On(const StoreHealth& input);
  void On(const Tick&) {}
  void RebuildIndexes();
  void Reconcile();
  void RunTimers();
  void OnTimer(const TimerKey& key);
  void TellPositions(const std::string& queue_id);
  void TellServableChanges();
  void TellServable(const Entry& entry, const Demand& demand);
  void TouchAgent(const Agent& agent);
  void TouchEntry(const Entry& entry);
  void TouchQueue(const std::string& queue_id);
  void TellOwner(const Entry& entry, decltype(OwnerMessage::body) body);
  void Tell(const Entry& entry, decltype(Fact::body) body, std::string agent_id = {});
  void Tell(const Agent& agent, decltype(Fact::body) body);
  int64_t NextSequence();
  QueueCounters& CountersOf(const std::string& queue_id);
  const QueueSettings* FindQueue(const std::string& queue_id) const;
  AgentView ViewOf(const Agent& agent) const;
  QueueView ViewOf(const std::string& queue_id, absl::Time now) const;
  Effects TakeEffects();

  const std::string tenant_id_;
  const int64_t epoch_;
  const RouterOptions options_;
  TenantSettings settings_;
  MatchIndex index_;
  AgentTable agents_{index_};
  EntryTable entries_{index_};
  std::map<std::string, Owner> owners_;
  std::map<std::string, QueueCounters> counters_;
  // Assigned here, waiting says the owner: undecided until it has told all.
  std::map<std::string, EnqueueInput> doubtful_;
  // Entries told to be unservable.
  std::set<std::string> unservable_;
  // Positions told last, to tell changes only.
  std::map<std::string, std::map<std::string, int>> positions_;
  std::map<std::string, absl::Time> positions_told_;
  std::map<std::string, absl::Time> status_told_;
  TimerQueue<TimerKey, TimerKeyHash> timers_;
  int64_t token_counter_ = 0;
  int64_t sequence_ = 0;
  bool store_available_ = true;

  // Of the step under way.
  absl::Time now_;
  Effects effects_;
  std::set<std::string> touched_agents_;
  std::set<std::string> touched_entries_;
  std::set<std::string> touched_counters_;
};

}  // namespace zvon::routing
