#pragma once
// The agents that are signed in through this gateway: keeps the router told,
// judges offers, carries commands to their owners and the answers back.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/common/executor/task_runner.h"
#include "services/gateway/core/offer_guard.h"
#include "services/gateway/links/routing_link.h"
#include "services/gateway/links/signaling_links.h"
#include "services/gateway/live/gateway_probe.h"

namespace zvon::gateway {

struct AgentKey {
  std::string tenant_id;
  std::string agent_id;
  auto operator<=>(const AgentKey&) const = default;
  std::string ToString() const { return tenant_id + "/" + agent_id; }
};

// Runner thread only.
class AgentDesk {
 public:
  // After a client's socket has gone the agent stays signed in so long.
  static constexpr absl::Duration kGrace = absl::Seconds(15);
  static constexpr absl::Duration kHeartbeat = absl::Seconds(5);
  // A command without an answer is given up.
  static constexpr absl::Duration kCommandTimeout = absl::Seconds(8);

  using Done = std::function<void(const absl::Status&, const std::string& call_id)>;
  // The agent's own state, to be shown to its sessions.
  using StatusSink = std::function<void(const AgentKey&, const routing::v1::AgentStatus&)>;

  AgentDesk(TaskRunner& runner, GatewayProbe& probe, StatusSink sink)
      : runner_(runner), probe_(probe), sink_(std::move(sink)) {}
  void Start(RoutingLink& routing, SignalingLinks& signaling);
  void Stop();

  void SignIn(const AgentKey& key);
  // The client has gone: the grace begins. SignIn ends it.
  void ClientGone(const AgentKey& key);
  // `done` may be empty.
  void SignOut(const AgentKey& key, Done done);
  bool SignedIn(const AgentKey& key) const { return agents_.count(key) != 0; }
  // Null where the router has not told it yet.
  const routing::v1::AgentStatus* StatusOf(const AgentKey& key) const;

  // The agent id, tenant and request id are filled in here.
  void Ask(const AgentKey& key, routingservice::v1::AgentItem item, Done done);
  void Command(const AgentKey& key, signalingservice::v1::AgentCommand command, Done done);
  // The token of the offer the agent sees; false where it sees none of that id.
  bool TokenOf(const AgentKey& key, const std::string& offer_id,
               routing::v1::FencingToken* token) const;

  // From the links.
  void OnAttached();
  void OnForgotten(const AgentKey& key);
  void OnAgent(const routing::v1::AgentStatus& status);
  void OnResult(const std::string& request_id, const absl::Status& status,
                const std::string& call_id);

 private:
  struct Agent {
    bool known = false;  // `status` was told.
    routing::v1::AgentStatus status;
    // What to ask for if the router turns out to have forgotten the agent.
    bool restore = false;
    routing::v1::AgentStatus before;
    TimerId grace = 0;
  };
  struct Pending {
    Done done;
    TimerId timer = 0;
  };

  std::string Await(Done done);
  void SendSignIn(const AgentKey& key);
  void Restore(const AgentKey& key, Agent& agent);
  void Heartbeat();

  TaskRunner& runner_;
  GatewayProbe& probe_;
  const StatusSink sink_;
  RoutingLink* routing_ = nullptr;
  SignalingLinks* signaling_ = nullptr;
  std::map<AgentKey, Agent> agents_;
  OfferGuard guard_;
  std::map<std::string, Pending> pending_;
  uint64_t next_request_ = 1;
  TimerId heartbeat_ = 0;
};

}  // namespace zvon::gateway
