// The router's side of a call: a stay in a queue, offers, the assignment.

#include <utility>

#include "services/signaling/core/call_dial.h"

namespace zvon::signaling {

void Call::EnterQueue(const std::string& queue_id, std::vector<std::string> skill_ids, int priority,
                      absl::Duration wait_max) {
  QueueStay& queue = state_.queue;
  queue.state = QueueState::kWaiting;
  queue.queue_id = queue_id;
  queue.skill_ids = std::move(skill_ids);
  queue.priority = priority;
  queue.wait_max = wait_max;
  queue.offer_id.clear();
  queue.agent_id.clear();
  // The first entry counts for ever: a transfer does not send to the back.
  if (queue.enqueue_time == absl::InfinitePast()) queue.enqueue_time = now();
  SendEnqueue(/*republished=*/false);
}

void Call::SendEnqueue(bool republished) {
  RoutingOrder order;
  order.kind = RoutingOrder::Kind::kEnqueue;
  order.republished = republished;
  if (state_.queue.state == QueueState::kAssigned) order.assigned_agent_id = state_.queue.agent_id;
  Emit(std::move(order));
}

void Call::SendOfferProgress(RoutingOrder::Progress progress, const std::string& message) {
  RoutingOrder order;
  order.kind = RoutingOrder::Kind::kOfferProgress;
  order.offer_id = state_.queue.offer_id;
  order.token = state_.queue.token;
  order.progress = progress;
  order.message = message;
  order.agent_id = state_.queue.agent_id;
  Emit(std::move(order));
}

void Call::On(const QueuePositionTold& in) {
  if (state_.queue.state == QueueState::kNone || state_.run.queue_is_agents || Talking()) return;
  RunOrder order;
  order.kind = RunOrder::Kind::kQueueProgress;
  order.position = in.position;
  order.waited = now() - state_.queue.enqueue_time;
  TellRun(std::move(order));
}

void Call::On(const EnqueueRefused& in) {
  if (state_.queue.state != QueueState::kWaiting) return;
  QueueOver(RunOrder::QueueOutcome::kRefused, in.message);
}

void Call::On(const WaitExpired&) {
  if (state_.queue.state == QueueState::kNone || state_.queue.state == QueueState::kAssigned)
    return;
  StopDial(EndCause::kCancelled);
  QueueOver(RunOrder::QueueOutcome::kTimedOut, "");
}

// The stay is over without an agent. Where an agent put the call there, the
// run knows nothing of it: for it the talk ends now.
void Call::QueueOver(RunOrder::QueueOutcome outcome, const std::string& message) {
  state_.queue.state = QueueState::kNone;
  if (!RunListens()) return Apologize(EndCause::kNoAnswer);
  RunOrder order;
  order.kind = RunOrder::Kind::kQueueEnded;
  order.outcome = std::exchange(state_.run.queue_is_agents, false)
                      ? RunOrder::QueueOutcome::kTalkEnded
                      : outcome;
  order.message = message;
  TellRun(std::move(order));
}

void Call::On(const OfferReceived& in) {
  QueueStay& queue = state_.queue;
  if (state_.phase != CallPhase::kLive) return;
  if (queue.state == QueueState::kNone || queue.state == QueueState::kAssigned) return;
  if (in.token < queue.token || in.offer_id == queue.offer_id) return;
  if (queue.state != QueueState::kWaiting) StopDial(EndCause::kCancelled);  // The newer one wins.
  queue.state = QueueState::kWaiting;
  if (state_.dial.purpose != DialPurpose::kNone) return;
  queue.offer_id = in.offer_id;
  queue.token = in.token;
  queue.agent_id = in.agent_id;
  queue.deadline = in.deadline;
  DialOrder order;
  order.purpose = DialPurpose::kOffer;
  order.kind = LegKind::kAgent;
  order.agent_id = in.agent_id;
  order.party = environment_->PartyOf(state_.tenant_id, in.agent_id);
  order.contacts = environment_->ContactsOf(state_.tenant_id, in.agent_id);
  order.target = in.agent_id;
  order.ring_timeout = in.deadline - now();
  if (order.ring_timeout <= absl::ZeroDuration()) {
    return SendOfferProgress(RoutingOrder::Progress::kExpired, "the deadline has passed");
  }
  if (order.contacts.empty()) {
    return SendOfferProgress(RoutingOrder::Progress::kFailed,
                             "the agent's phone is not registered");
  }
  if (!StartDial(std::move(order))) {
    return SendOfferProgress(RoutingOrder::Progress::kFailed, "no media node");
  }
  queue.state = QueueState::kOffered;
}

// Back to waiting; the caller has heard nothing of the attempt.
void Call::OfferOver() {
  CancelTimer(CallTimer::kAssigned);
  if (state_.queue.state == QueueState::kOffered || state_.queue.state == QueueState::kAnswering) {
    state_.queue.state = QueueState::kWaiting;
  }
}

void Call::On(const OfferRevoked& in) {
  if (in.offer_id != state_.queue.offer_id || state_.dial.purpose != DialPurpose::kOffer) return;
  StopDial(EndCause::kCancelled);
  OfferOver();
}

void Call::On(const AgentAssigned& in) {
  QueueStay& queue = state_.queue;
  if (in.offer_id != queue.offer_id || queue.state != QueueState::kAnswering) return;
  Leg* agent_leg = state_.FindLeg(state_.dial.leg_id);
  Leg* customer = CustomerLeg();
  CancelTimer(CallTimer::kAssigned);
  state_.dial = {};
  if (agent_leg == nullptr || !agent_leg->answered() || customer == nullptr) return;
  queue.state = QueueState::kAssigned;
  state_.assignment = true;
  if (!customer->answered()) AnswerCaller();
  Connect(*customer, *agent_leg);
  if (state_.run.queue_is_agents) return;
  RunOrder order;
  order.kind = RunOrder::Kind::kQueueEnded;
  order.outcome = RunOrder::QueueOutcome::kConnected;
  order.agent_id = in.agent_id;
  TellRun(std::move(order));
}

void Call::LeaveQueue(RoutingOrder::Outcome outcome) {
  QueueStay& queue = state_.queue;
  if (queue.state == QueueState::kNone) return;
  if (queue.state == QueueState::kOffered || queue.state == QueueState::kAnswering) {
    StopDial(EndCause::kCancelled);
  }
  queue.state = QueueState::kNone;
  RoutingOrder order;
  order.kind = RoutingOrder::Kind::kWithdraw;
  order.outcome = outcome;
  Emit(std::move(order));
}

// A new leader may know all of it, or nothing: it is told the same in both cases.
void Call::On(const RouterUp&) {
  if (state_.queue.state == QueueState::kNone || state_.phase != CallPhase::kLive) return;
  SendEnqueue(/*republished=*/true);
  if (state_.queue.state == QueueState::kOffered) {
    const Leg* leg = state_.FindLeg(state_.dial.leg_id);
    if (leg != nullptr && leg->ringing) SendOfferProgress(RoutingOrder::Progress::kRinging, "");
  }
  if (state_.queue.state == QueueState::kAnswering) {
    SetTimer(CallTimer::kAssigned, environment_->Limits().assigned_timeout);
    SendOfferProgress(RoutingOrder::Progress::kAnswered, "");
  }
}

}  // namespace zvon::signaling
