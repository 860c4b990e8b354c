#include "services/gateway/live/agent_desk.h"

#include "services/common/telemetry/log.h"

namespace zvon::gateway {
namespace {

using routing::v1::AgentStatus;
using routingservice::v1::AgentItem;
using signalingservice::v1::AgentCommand;

AgentItem ItemOf(const AgentKey& key) {
  AgentItem item;
  item.set_tenant_id(key.tenant_id);
  item.set_agent_id(key.agent_id);
  return item;
}

OfferToken TokenOfProto(const routing::v1::FencingToken& token) {
  return {token.epoch(), token.counter()};
}

bool SignedInLater(const AgentStatus& now, const AgentStatus& before) {
  auto nanos = [](const google::protobuf::Timestamp& t) {
    return static_cast<int64_t>(t.seconds()) * 1'000'000'000 + t.nanos();
  };
  return nanos(now.login_time()) > nanos(before.login_time());
}

}  // namespace

void AgentDesk::Start(RoutingLink& routing, SignalingLinks& signaling) {
  routing_ = &routing;
  signaling_ = &signaling;
  heartbeat_ = runner_.RunAfter(kHeartbeat, [this] { Heartbeat(); });
}

void AgentDesk::Stop() {
  runner_.Cancel(heartbeat_);
  for (auto& [key, agent] : agents_) runner_.Cancel(agent.grace);
  for (auto& [id, pending] : pending_) runner_.Cancel(pending.timer);
}

void AgentDesk::SignIn(const AgentKey& key) {
  auto [it, fresh] = agents_.try_emplace(key);
  runner_.Cancel(it->second.grace);
  it->second.grace = 0;
  probe_.agents.Set(static_cast<double>(agents_.size()));
  if (fresh) SendSignIn(key);
}

void AgentDesk::SendSignIn(const AgentKey& key) {
  AgentItem item = ItemOf(key);
  item.mutable_sign_in();
  (void)routing_->Send(std::move(item));  // Not attached: OnAttached will.
}

void AgentDesk::ClientGone(const AgentKey& key) {
  auto it = agents_.find(key);
  if (it == agents_.end()) return;
  runner_.Cancel(it->second.grace);
  it->second.grace = runner_.RunAfter(kGrace, [this, key] {
    LogInfo("agent signed out: the desktop did not come back",
            {{"tenant_id", key.tenant_id}, {"agent_id", key.agent_id}});
    SignOut(key, nullptr);
  });
}

void AgentDesk::SignOut(const AgentKey& key, Done done) {
  AgentItem item = ItemOf(key);
  item.mutable_sign_out();
  Ask(key, std::move(item), [this, key, done](const absl::Status& status, const std::string&) {
    // An agent in mid-call whom the router keeps stays known here too.
    if (status.ok() || done == nullptr) {
      auto it = agents_.find(key);
      if (it != agents_.end()) runner_.Cancel(it->second.grace);
      agents_.erase(key);
      probe_.agents.Set(static_cast<double>(agents_.size()));
    }
    if (done) done(status, "");
  });
}

const AgentStatus* AgentDesk::StatusOf(const AgentKey& key) const {
  auto it = agents_.find(key);
  return it == agents_.end() || !it->second.known ? nullptr : &it->second.status;
}

std::string AgentDesk::Await(Done done) {
  std::string id = std::to_string(next_request_++);
  TimerId timer = runner_.RunAfter(kCommandTimeout, [this, id] {
    probe_.commands_timed_out.Increment();
    OnResult(id, absl::DeadlineExceededError("no answer in time"), "");
  });
  pending_.emplace(id, Pending{std::move(done), timer});
  return id;
}

void AgentDesk::Ask(const AgentKey& key, AgentItem item, Done done) {
  item.set_tenant_id(key.tenant_id);
  item.set_agent_id(key.agent_id);
  std::string id = Await(std::move(done));
  item.set_request_id(id);
  if (!routing_->Send(std::move(item))) {
    OnResult(id, absl::UnavailableError("the router is out of reach"), "");
  }
}

void AgentDesk::Command(const AgentKey& key, AgentCommand command, Done done) {
  command.set_tenant_id(key.tenant_id);
  command.set_agent_id(key.agent_id);
  std::string id = Await(std::move(done));
  // Ours are numbered per process; the owner remembers them for a minute.
  command.set_request_id(id);
  absl::Status status = signaling_->Send(std::move(command));
  if (!status.ok()) OnResult(id, status, "");
}

void AgentDesk::OnResult(const std::string& request_id, const absl::Status& status,
                         const std::string& call_id) {
  auto node = pending_.extract(request_id);
  if (node.empty()) return;  // Late, or of a former process.
  runner_.Cancel(node.mapped().timer);
  if (node.mapped().done) node.mapped().done(status, call_id);
}

bool AgentDesk::TokenOf(const AgentKey& key, const std::string& offer_id,
                        routing::v1::FencingToken* token) const {
  const AgentStatus* status = StatusOf(key);
  if (status == nullptr || status->offer().offer_id() != offer_id) return false;
  *token = status->offer().token();
  return true;
}

void AgentDesk::OnAttached() {
  for (const auto& [key, agent] : agents_) OnForgotten(key);
}

void AgentDesk::OnForgotten(const AgentKey& key) {
  auto it = agents_.find(key);
  if (it == agents_.end()) return;
  Agent& agent = it->second;
  // Offline is the router's word for what is being mended here.
  if (agent.known && agent.status.state() != routing::v1::AGENT_STATE_OFFLINE) {
    agent.restore = true;
    agent.before = agent.status;
  }
  SendSignIn(key);
}

void AgentDesk::OnAgent(const AgentStatus& status) {
  AgentKey key{status.tenant_id(), status.agent_id()};
  auto it = agents_.find(key);
  if (it == agents_.end()) return;
  if (status.has_offer() && !guard_.Accept(key.ToString(), TokenOfProto(status.offer().token()))) {
    probe_.offers_refused.Increment();
    LogWarning("offer of a router that leads no more is not shown",
               {{"tenant_id", key.tenant_id},
                {"agent_id", key.agent_id},
                {"offer_id", status.offer().offer_id()}});
    return;
  }
  Agent& agent = it->second;
  agent.status = status;
  agent.known = true;
  sink_(key, status);
  if (agent.restore) Restore(key, agent);
}

// A router that knew the agent says the state it kept. One that has lost its
// state begins the sign-in anew: then the agent's last own choice is asked for.
void AgentDesk::Restore(const AgentKey& key, Agent& agent) {
  agent.restore = false;
  bool forgotten = agent.status.state() == routing::v1::AGENT_STATE_NOT_READY &&
                   agent.status.reason_id().empty() && SignedInLater(agent.status, agent.before);
  if (!forgotten) return;
  AgentItem item = ItemOf(key);
  switch (agent.before.state()) {
    case routing::v1::AGENT_STATE_READY:
    case routing::v1::AGENT_STATE_OFFERED:
      item.mutable_set_state()->set_state(routing::v1::AGENT_STATE_READY);
      break;
    case routing::v1::AGENT_STATE_NOT_READY:
      if (agent.before.reason_id().empty()) return;
      item.mutable_set_state()->set_state(routing::v1::AGENT_STATE_NOT_READY);
      item.mutable_set_state()->set_reason_id(agent.before.reason_id());
      break;
    default:
      return;  // An interaction: its owner tells the router.
  }
  Ask(key, std::move(item), nullptr);
}

void AgentDesk::Heartbeat() {
  for (const auto& [key, agent] : agents_) {
    AgentItem item = ItemOf(key);
    item.mutable_heartbeat();
    if (!routing_->Send(std::move(item))) break;
  }
  heartbeat_ = runner_.RunAfter(kHeartbeat, [this] { Heartbeat(); });
}

}  // namespace zvon::gateway
