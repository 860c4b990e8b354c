#pragma once
// A day at the router, from a seed: two replicas of the real routing service
// (loop, shards, core) over one memory store; owners with calls; gateways
// with agents; and faults laid over them. Checks run at each step and at the
// end; Run gives "" or the first thing that must not have happened.

#include <array>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "services/common/bus/memory_bus.h"
#include "services/reporting/core/fold.h"
#include "services/routing/ports/memory_routing_store.h"
#include "services/routing/server/routing_loop.h"
#include "tests/sim/simulated_network.h"

namespace zvon::sim {

struct RoutingWorldOptions {
  uint64_t seed = 1;
  int agents = 8;
  absl::Duration length = absl::Minutes(8);
  // Mean time between faults; infinite = none.
  absl::Duration fault_interval = absl::Seconds(12);
};

class RoutingWorld {
 public:
  explicit RoutingWorld(RoutingWorldOptions options);
  ~RoutingWorld();
  std::string Run();
  // Filled by Run, to show that the run was about something.
  int answered() const { return answered_; }
  int take_overs() const { return static_cast<int>(epochs_.size()); }

 private:
  struct Replica;
  class Gate;  // Between a replica and the store: may be shut.
  struct Call {
    enum class State { kWaiting, kRinging, kAnswering, kTalking };
    std::string id;
    std::string queue_id;
    int priority = 0;
    absl::Time first_time;
    State state = State::kWaiting;
    routing::Offer offer;
    routing::FencingToken last_token;
  };
  // What the caller met, to compare with what reporting will say.
  struct Story {
    absl::Time start;
    absl::Time end = absl::InfiniteFuture();
    int answered = 0;
    int stays = 1;
  };
  struct Owner {
    std::string id;
    int64_t incarnation = 1;
    SimulatedNetwork::Stream stream = 0;
    int replica = 0;
    bool attached = false;  // To a leader.
    std::map<std::string, Call> calls;
  };
  struct Desk {  // An agent before a browser.
    std::string id;
    int gateway = 0;
    bool open = true;
    zvon::routing::v1::AgentStatus status;
  };
  struct Gateway {
    std::string id;
    SimulatedNetwork::Stream stream = 0;
    int replica = 0;
    bool attached = false;
  };

  uint64_t Roll(uint64_t below) { return random_() % below; }
  bool Chance(int percent) { return Roll(100) < static_cast<uint64_t>(percent); }
  absl::Duration Between(absl::Duration low, absl::Duration high);
  void After(absl::Duration delay, std::function<void()> what);
  void Fail(const std::string& what);

  // Replicas.
  void StartReplica(int index);
  void KillReplica(int index);
  void WatchEpochs();

  // Owners of calls.
  void ConnectOwner(int index);
  void LoseOwner(int index);
  void SendOwner(int index, zvon::routingservice::v1::OwnerItem item);
  void OnDelivery(int index, const zvon::routingservice::v1::DeliveryItem& item);
  void Republish(int index);
  void NewCall();
  void SendEnqueue(int index, const Call& call, bool republish);
  void Ring(int index, const std::string& call_id);
  void Progress(int index, const Call& call,
                zvon::routingservice::v1::OfferProgress::Progress progress);
  void OnAssigned(int index, const std::string& call_id,
                  const zvon::routingservice::v1::Assigned& assigned);
  void HangUp(int index, const std::string& call_id);
  void PassOn(int index, const std::string& call_id);
  void EndTalk(int index, const std::string& call_id, const std::string& agent_id);

  // Gateways of agents.
  void ConnectGateway(int index);
  void LoseGateway(int index);
  void SendAgent(const Desk& desk, zvon::routingservice::v1::AgentItem item);
  void OnGatewayItem(int index, const zvon::routingservice::v1::GatewayItem& item);
  void SignIn(const Desk& desk);
  void Heartbeats();
  void OnStatus(Desk& desk);

  void NextFault();
  void StrikeOnce();
  void CloseDesk();
  void TroubleStore(uint64_t kind, int index);
  void WipeStore();
  void CheckNow();
  void CheckFacts();
  void CheckReports();
  void CheckReport(const std::string& call_id, const Story& story, const reporting::Record& record);
  void End(int index, const std::string& call_id);
  void Show(const std::string& id) const;
  void CheckQuiet();

  const RoutingWorldOptions options_;
  RandomSource random_;
  SimulatedClock clock_;
  SimulatedLoop loop_{clock_};
  SimulatedNetwork network_;
  routing::MemoryRoutingServer server_;
  MemoryBus bus_;
  std::unique_ptr<Publisher> publisher_;
  std::shared_ptr<const Configuration> configuration_;
  std::array<std::unique_ptr<Replica>, 2> replicas_;
  std::vector<Owner> owners_;
  std::vector<Gateway> gateways_;
  std::map<std::string, Desk> desks_;
  std::map<std::string, std::string> talking_;  // Agent → call.
  std::set<std::string> answered_calls_;
  std::map<std::string, Story> stories_;
  std::set<int64_t> epochs_;
  bool faults_ = true;
  bool calls_ = true;
  absl::Time wiped_ = absl::InfinitePast();
  absl::Time trouble_ends_ = absl::InfinitePast();  // Kills, and the store's.
  int next_call_ = 0;
  int answered_ = 0;
  std::string problem_;
};

}  // namespace zvon::sim
