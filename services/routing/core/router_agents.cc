// What agents say by their gateways: the router's right hand.

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/check/check.h"
#include "services/routing/core/router.h"

namespace zvon::routing {
namespace {

absl::Status NotSignedIn(const std::string& agent_id) {
  return absl::NotFoundError(absl::StrCat("agent \"", agent_id, "\" is not signed in"));
}

}  // namespace

void Router::On(const SignInInput& input) {
  if (settings_.agents.count(input.agent_id) == 0) {
    return Answer(input.request, input.agent_id,
                  absl::NotFoundError(absl::StrCat("no agent \"", input.agent_id, "\"")));
  }
  Agent& agent = agents_.Make(input.agent_id);
  AgentInput step{AgentInput::Kind::kSignIn};
  step.wish = input.wish;
  agent.gateway_id = input.gateway_id;
  Move(agent, step);
  Heard(agent, input.gateway_id);
  TouchAgent(agent);  // Told even where nothing changed: the gateway may be new.
  Answer(input.request, input.agent_id, absl::OkStatus());
}

void Router::On(const SignOutInput& input) {
  Agent* agent = agents_.Find(input.agent_id);
  if (agent == nullptr || !agent->signed_in()) {
    return Answer(input.request, input.agent_id, absl::OkStatus());  // What was asked for holds.
  }
  if (agent->state == AgentState::kOffered) {
    EndOffer(*entries_.Find(agent->interaction_id), OfferOutcome::kDeclined, "agent signed out",
             true);
  }
  Move(*agent, AgentInput{AgentInput::Kind::kSignOut}, "signed out");
  Answer(input.request, input.agent_id, absl::OkStatus());
}

void Router::On(const SetStateInput& input) {
  Agent* agent = agents_.Find(input.agent_id);
  if (agent == nullptr || !agent->signed_in()) {
    return Answer(input.request, input.agent_id, NotSignedIn(input.agent_id));
  }
  AgentInput step{AgentInput::Kind::kSetState};
  step.wish = input.wish;
  Heard(*agent, agent->gateway_id);
  Move(*agent, step);
  Answer(input.request, input.agent_id, absl::OkStatus());
}

void Router::On(const DeclineOfferInput& input) {
  Agent* agent = agents_.Find(input.agent_id);
  Entry* entry = agent == nullptr ? nullptr : entries_.Find(agent->interaction_id);
  if (entry == nullptr || entry->state != EntryState::kOffered ||
      entry->offer.offer_id != input.offer_id || entry->offer.token != input.token) {
    return Answer(
        input.request, input.agent_id,
        absl::FailedPreconditionError(absl::StrCat("offer ", input.offer_id, " is over")));
  }
  EndOffer(*entry, OfferOutcome::kDeclined, "declined by the agent", true);
  Answer(input.request, input.agent_id, absl::OkStatus());
}

void Router::On(const DispositionInput& input) {
  Agent* agent = agents_.Find(input.agent_id);
  const bool working = agent != nullptr && (agent->state == AgentState::kEngaged ||
                                            agent->state == AgentState::kWrapUp);
  const bool same =
      working && (input.interaction_id.empty() || input.interaction_id == agent->interaction_id);
  if (!same || (input.finish && agent->state != AgentState::kWrapUp)) {
    return Answer(input.request, input.agent_id,
                  absl::FailedPreconditionError(absl::StrCat("agent \"", input.agent_id,
                                                             "\" is not in wrap-up of interaction ",
                                                             input.interaction_id)));
  }
  if (!input.disposition_id.empty() || !input.comment.empty()) {
    Tell(*agent, DispositionChosen{input.disposition_id, input.comment});
  }
  if (input.finish) EndWrapUp(*agent, false);
  Answer(input.request, input.agent_id, absl::OkStatus());
}

void Router::On(const HeartbeatInput& input) {
  Agent* agent = agents_.Find(input.agent_id);
  if (agent == nullptr || !agent->signed_in()) {
    // Told even where no answer was asked for: the gateway signs in again.
    effects_.replies.push_back({input.request, input.agent_id, NotSignedIn(input.agent_id)});
    return;
  }
  Heard(*agent, input.gateway_id);
  Answer(input.request, input.agent_id, absl::OkStatus());
}

void Router::On(const GatewayLost& input) {
  std::vector<std::string> lost;
  agents_.ForEach([&](const Agent& agent) {
    if (agent.gateway_id == input.gateway_id && agent.connected) lost.push_back(agent.agent_id);
  });
  for (const std::string& id : lost) Disconnect(*agents_.Find(id));
}

void Router::Heard(Agent& agent, const std::string& gateway_id) {
  if (!agent.signed_in()) return;
  timers_.Set({Timer::kHeartbeat, agent.agent_id}, now_ + options_.heartbeat_max);
  timers_.Cancel({Timer::kOfflineGrace, agent.agent_id});
  if (agent.connected && agent.gateway_id == gateway_id) return;
  agent.connected = true;
  agent.gateway_id = gateway_id;
  // Back before the work was over: the sign-out noted for its end is void.
  if (agent.next && agent.next->state == AgentState::kOffline) agent.next.reset();
  TouchAgent(agent);
}

// Nothing is offered to an agent who cannot see it; the state is kept for
// the desktop to come back to.
void Router::Disconnect(Agent& agent) {
  timers_.Cancel({Timer::kHeartbeat, agent.agent_id});
  if (!agent.connected) return;
  agent.connected = false;
  timers_.Set({Timer::kOfflineGrace, agent.agent_id}, now_ + options_.offline_grace);
  TouchAgent(agent);
}

void Router::OnOfflineGrace(Agent& agent) {
  if (agent.state == AgentState::kOffered) {
    EndOffer(*entries_.Find(agent.interaction_id), OfferOutcome::kRevoked, "agent lost", true);
  }
  Move(agent, AgentInput{AgentInput::Kind::kConnectionExpired}, "connection lost");
}

// The only place where an agent's state changes.
void Router::Move(Agent& agent, const AgentInput& input, const std::string& cause) {
  const Agent before = agent;
  const Reaction reaction = Step(agent, input, now_);
  if (reaction == Reaction::kIgnored || reaction == Reaction::kRefused) return;
  if (reaction == Reaction::kMoved) {
    // The end of work belongs to the interaction that it ends.
    const Agent& told = agent.interaction_id.empty() ? before : agent;
    if (before.state == AgentState::kOffline) Tell(agent, AgentSignedIn{agent.gateway_id});
    Tell(told, AgentStateChanged{before.state, agent.state, agent.reason_id});
    if (!agent.signed_in()) {
      Tell(agent, AgentSignedOut{cause.empty() ? "asked for during work" : cause});
      agent.connected = false;
      timers_.Cancel({Timer::kHeartbeat, agent.agent_id});
      timers_.Cancel({Timer::kOfflineGrace, agent.agent_id});
    }
  }
  TouchAgent(agent);
}

void Router::EndWrapUp(Agent& agent, bool by_timeout) {
  if (agent.state != AgentState::kWrapUp) return;
  timers_.Cancel({Timer::kWrapUpLimit, agent.agent_id});
  Tell(agent, WrapUpEnded{by_timeout});
  Move(agent, AgentInput{AgentInput::Kind::kWrapUpOver});
}

void Router::Answer(const RequestRef& request, const std::string& agent_id, absl::Status status) {
  if (request.request_id.empty()) return;
  effects_.replies.push_back({request, agent_id, std::move(status)});
}

}  // namespace zvon::routing
