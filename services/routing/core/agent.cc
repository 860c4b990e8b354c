#include "services/routing/core/agent.h"

#include "services/common/check/check.h"

namespace zvon::routing {
namespace {

using Kind = AgentInput::Kind;

void Enter(Agent& agent, AgentState state, absl::Time now, std::string reason_id = {}) {
  agent.state = state;
  agent.reason_id = std::move(reason_id);
  agent.state_time = now;
}

void TakeUp(Agent& agent, const AgentInput& input) {
  agent.interaction_id = input.interaction_id;
  agent.queue_id = input.queue_id;
  agent.enqueue_time = input.enqueue_time;
  agent.summary = input.summary;
}

void PutDown(Agent& agent) {
  agent.interaction_id.clear();
  agent.queue_id.clear();
  agent.enqueue_time = absl::Time();
  agent.summary.reset();
  agent.wrap_up_deadline = absl::Time();
}

Reaction Refused() { return Reaction::kRefused; }
Reaction Ignored() { return Reaction::kIgnored; }

// Leaves an offer or an interaction for the state asked for meanwhile, or
// else for `otherwise`.
Reaction LeaveFor(Agent& agent, NextState otherwise, absl::Time now) {
  const NextState to = agent.next.value_or(std::move(otherwise));
  agent.next.reset();
  PutDown(agent);
  Enter(agent, to.state, now, to.reason_id);
  return Reaction::kMoved;
}

Reaction Release(Agent& agent, absl::Time now) {
  agent.release_time = now;
  return LeaveFor(agent, NextState{AgentState::kReady, {}}, now);
}

Reaction Note(Agent& agent, std::optional<NextState> wish) {
  agent.next = std::move(wish);
  return Reaction::kNoted;
}

// A sign-in of an agent who is signed in already only confirms; a wish that
// was "leave when done" falls with it.
Reaction SignInAgainWhileBusy(Agent& agent, const AgentInput& input) {
  if (input.wish) return Note(agent, input.wish);
  if (agent.next && agent.next->state == AgentState::kOffline) agent.next.reset();
  return Reaction::kNoted;
}

Reaction FromOffline(Agent& agent, const AgentInput& input, absl::Time now) {
  switch (input.kind) {
    case Kind::kSignIn: {
      const NextState to = input.wish.value_or(NextState{AgentState::kNotReady, {}});
      agent.login_time = now;
      agent.release_time = now;
      Enter(agent, to.state, now, to.reason_id);
      return Reaction::kMoved;
    }
    case Kind::kAssigned:  // The router lost its memory, the talk goes on.
      if (agent.login_time == absl::Time()) agent.login_time = agent.release_time = now;
      TakeUp(agent, input);
      Enter(agent, AgentState::kEngaged, now);
      return Reaction::kMoved;
    case Kind::kSetState:
      return Refused();
    case Kind::kSignOut:
    case Kind::kOffer:
    case Kind::kAccepted:
    case Kind::kOfferTakenBack:
    case Kind::kOfferMissed:
    case Kind::kAssignmentEnded:
    case Kind::kWrapUpOver:
    case Kind::kConnectionExpired:
      return Ignored();
  }
  return Ignored();
}

// NotReady and Ready differ in one input only: the offer.
Reaction FromFree(Agent& agent, const AgentInput& input, absl::Time now) {
  switch (input.kind) {
    case Kind::kSignIn:
      if (!input.wish) return Reaction::kNoted;
      [[fallthrough]];
    case Kind::kSetState:
      if (input.wish->state == agent.state && input.wish->reason_id == agent.reason_id) {
        return Reaction::kNoted;
      }
      Enter(agent, input.wish->state, now, input.wish->reason_id);
      return Reaction::kMoved;
    case Kind::kSignOut:
    case Kind::kConnectionExpired:
      Enter(agent, AgentState::kOffline, now);
      return Reaction::kMoved;
    case Kind::kAssigned:
      TakeUp(agent, input);
      Enter(agent, AgentState::kEngaged, now);
      return Reaction::kMoved;
    case Kind::kOffer:
    case Kind::kAccepted:
    case Kind::kOfferTakenBack:
    case Kind::kOfferMissed:
    case Kind::kAssignmentEnded:
    case Kind::kWrapUpOver:
      return Ignored();
  }
  return Ignored();
}

Reaction FromReady(Agent& agent, const AgentInput& input, absl::Time now) {
  if (input.kind != Kind::kOffer) return FromFree(agent, input, now);
  TakeUp(agent, input);
  Enter(agent, AgentState::kOffered, now);
  return Reaction::kMoved;
}

Reaction FromOffered(Agent& agent, const AgentInput& input, absl::Time now) {
  switch (input.kind) {
    case Kind::kSignIn:
      return SignInAgainWhileBusy(agent, input);
    case Kind::kSetState:
      return Note(agent, input.wish);
    case Kind::kAccepted:
      Enter(agent, AgentState::kEngaged, now);
      return Reaction::kMoved;
    case Kind::kOfferTakenBack:
      return LeaveFor(agent, NextState{AgentState::kReady, {}}, now);
    case Kind::kOfferMissed:
      // Who asked to be NotReady meanwhile gets the reason asked for; who
      // asked for Ready has not earned it by missing an offer.
      if (input.wish && agent.next && agent.next->state == AgentState::kReady) agent.next.reset();
      return LeaveFor(agent, input.wish.value_or(NextState{AgentState::kReady, {}}), now);
    // The router ends the offer first; after that the state is another.
    case Kind::kSignOut:
    case Kind::kAssigned:
    case Kind::kConnectionExpired:
      return Note(agent, NextState{AgentState::kOffline, {}});
    case Kind::kOffer:
    case Kind::kAssignmentEnded:
    case Kind::kWrapUpOver:
      return Ignored();
  }
  return Ignored();
}

Reaction FromEngaged(Agent& agent, const AgentInput& input, absl::Time now) {
  switch (input.kind) {
    case Kind::kSignIn:
      return SignInAgainWhileBusy(agent, input);
    case Kind::kSetState:
      return Note(agent, input.wish);
    // The phone goes on without the desktop; the end of the work signs out.
    case Kind::kSignOut:
    case Kind::kConnectionExpired:
      return Note(agent, NextState{AgentState::kOffline, {}});
    case Kind::kAssignmentEnded:
      if (input.wrap_up_limit <= absl::ZeroDuration()) return Release(agent, now);
      Enter(agent, AgentState::kWrapUp, now);
      agent.wrap_up_deadline = now + input.wrap_up_limit;
      return Reaction::kMoved;
    case Kind::kAssigned:
      return input.interaction_id == agent.interaction_id ? Reaction::kNoted : Refused();
    case Kind::kOffer:
    case Kind::kAccepted:
    case Kind::kOfferTakenBack:
    case Kind::kOfferMissed:
    case Kind::kWrapUpOver:
      return Ignored();
  }
  return Ignored();
}

Reaction FromWrapUp(Agent& agent, const AgentInput& input, absl::Time now) {
  switch (input.kind) {
    case Kind::kSignIn:
      return SignInAgainWhileBusy(agent, input);
    case Kind::kSetState:
      return Note(agent, input.wish);
    case Kind::kWrapUpOver:
      return Release(agent, now);
    case Kind::kSignOut:
    case Kind::kConnectionExpired:
      return Note(agent, NextState{AgentState::kOffline, {}});
    case Kind::kAssigned:
      TakeUp(agent, input);
      agent.wrap_up_deadline = absl::Time();
      Enter(agent, AgentState::kEngaged, now);
      return Reaction::kMoved;
    case Kind::kOffer:
    case Kind::kAccepted:
    case Kind::kOfferTakenBack:
    case Kind::kOfferMissed:
    case Kind::kAssignmentEnded:
      return Ignored();
  }
  return Ignored();
}

bool Busy(AgentState state) {
  return state == AgentState::kOffered || state == AgentState::kEngaged ||
         state == AgentState::kWrapUp;
}

}  // namespace

Reaction Step(Agent& agent, const AgentInput& input, absl::Time now) {
  ZVON_CHECK(input.kind != Kind::kSetState || input.wish.has_value());
  const Reaction reaction = [&] {
    switch (agent.state) {
      case AgentState::kOffline:
        return FromOffline(agent, input, now);
      case AgentState::kNotReady:
        return FromFree(agent, input, now);
      case AgentState::kReady:
        return FromReady(agent, input, now);
      case AgentState::kOffered:
        return FromOffered(agent, input, now);
      case AgentState::kEngaged:
        return FromEngaged(agent, input, now);
      case AgentState::kWrapUp:
        return FromWrapUp(agent, input, now);
    }
    return Reaction::kIgnored;
  }();
  ZVON_CHECK(Busy(agent.state) == !agent.interaction_id.empty());
  ZVON_CHECK(Busy(agent.state) || !agent.next.has_value());
  return reaction;
}

}  // namespace zvon::routing
