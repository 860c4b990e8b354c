// Endings: of a leg, of the call, and of what was left to say.

#include <algorithm>
#include <utility>

#include "services/signaling/core/call.h"

namespace zvon::signaling {
namespace {
constexpr absl::Duration kQualityWait = absl::Seconds(2);
constexpr absl::Duration kApologyMax = absl::Seconds(15);

const char* CauseText(EndCause cause) {
  switch (cause) {
    case EndCause::kCustomerHangup:
      return "customer_hangup";
    case EndCause::kAgentHangup:
      return "agent_hangup";
    case EndCause::kScenarioHangup:
      return "scenario_hangup";
    case EndCause::kMediaTimeout:
      return "media_timeout";
    case EndCause::kSessionTimeout:
      return "session_timeout";
    default:
      return "failure";
  }
}
}  // namespace

void Call::On(const BranchBye& in) {
  Leg* leg = state_.LegOfBranch(in.branch_id);
  if (leg == nullptr || !leg->live() || (!leg->branch.empty() && leg->branch != in.branch_id))
    return;
  const Leg* customer = Customer();
  const bool by_customer = customer != nullptr && customer->id == leg->id;
  const EndCause cause =
      by_customer || leg->agent_id.empty() ? EndCause::kCustomerHangup : EndCause::kAgentHangup;
  EndLeg(*leg, cause, 0, /*by_peer=*/true);
  LegGone(*leg, cause);
}

void Call::On(const BranchLost& in) {
  Leg* leg = state_.LegOfBranch(in.branch_id);
  if (leg == nullptr || !leg->live() || leg->branch != in.branch_id) return;
  EndLeg(*leg, in.cause, in.code, /*by_peer=*/in.code == 481);
  LegGone(*leg, in.cause);
}

// Takes the leg down: by response, CANCEL or BYE, as far as it had come.
void Call::EndLeg(Leg& leg, EndCause cause, int code, bool by_peer) {
  if (!leg.live()) return;
  const LegProgress before = std::exchange(leg.progress, LegProgress::kEnded);
  if (before == LegProgress::kAnswered) {
    if (!by_peer) Emit(SendBye{leg.branch, cause});
  } else if (!leg.outgoing) {
    Respond(leg, code == 0 ? 480 : code);
  } else if (before == LegProgress::kCalling) {
    for (Branch& branch : leg.branches) {
      if (branch.state == BranchState::kEnded) continue;
      branch.state = BranchState::kEnded;
      Emit(CancelInvite{branch.id, false});
    }
  }
  CancelTimer(CallTimer::kDeadline, leg.id);
  leg.cause = cause;
  leg.sip_code = code;
  leg.end_time = now();
  SetState(leg);
  if (state_.playing.leg_id == leg.id) state_.playing = {};
  if (leg.agent_id.empty() == false && (leg.told_agent || leg.answer_time != absl::InfinitePast()))
    TellAgent(leg);
  if (leg.media == MediaAnchor::kCreating || leg.media == MediaAnchor::kReady) {
    leg.media = MediaAnchor::kClosing;
    // The end of the whole call is one order for all endpoints.
    if (state_.phase != CallPhase::kClosing) {
      Order(MediaOrder::Kind::kDeleteEndpoint, leg.id);
      SetTimer(CallTimer::kClosing, kQualityWait);
    }
    return;
  }
  ReportLeg(leg);
}

// What becomes of the call after a leg that was its own has gone.
void Call::LegGone(Leg& leg, EndCause cause) {
  if (state_.phase == CallPhase::kClosing) return;
  const std::string id = leg.id;
  const bool was_right = state_.bridge_right == id;
  const bool dialled = state_.dial.leg_id == id;
  if (dialled) {
    // An agent who answers an offer and hangs up before the router's word.
    const bool offer = state_.dial.purpose == DialPurpose::kOffer;
    state_.dial = {};
    if (offer) {
      SendOfferProgress(RoutingOrder::Progress::kDeclined, "hung up before the connection");
      return OfferOver();
    }
    return FinishCall(cause, 0);
  }
  if (!was_right || !RunListens()) return FinishCall(cause, 0);
  EndTalk(CauseText(cause));
  state_.run.queue_is_agents = false;
  RunOrder order;
  order.kind = RunOrder::Kind::kQueueEnded;
  order.outcome = RunOrder::QueueOutcome::kTalkEnded;
  order.agent_id = leg.agent_id;
  TellRun(std::move(order));
  Leg* customer = CustomerLeg();
  if (state_.run.replica.empty() && customer != nullptr) HoldMusic(*customer);
}

void Call::FinishCall(EndCause cause, int code) {
  if (state_.phase == CallPhase::kClosing || state_.phase == CallPhase::kFinished) return;
  state_.phase = CallPhase::kClosing;
  state_.cause = cause;
  state_.sip_code = code;
  if (state_.queue.state != QueueState::kNone && state_.queue.state != QueueState::kAssigned) {
    LeaveQueue(RoutingOrder::Outcome::kAbandoned);
  }
  EndTalk(CauseText(cause));
  state_.dial = {};
  bool anchored = false;
  for (Leg& leg : state_.legs) {
    EndLeg(leg, cause, code, /*by_peer=*/false);
    anchored = anchored || leg.media == MediaAnchor::kClosing;
  }
  RunOrder order;
  order.kind = RunOrder::Kind::kCallEnded;
  order.cause = cause;
  TellRun(std::move(order));
  state_.run.state = RunState::kEnded;
  state_.timers.clear();
  if (!state_.media_node.empty()) {
    // One order takes everything down; what this turn ordered to that end is spared.
    effects_.erase(std::remove_if(effects_.begin(), effects_.end(),
                                  [](const CallEffect& effect) {
                                    const auto* media = std::get_if<MediaOrder>(&effect);
                                    return media != nullptr &&
                                           (media->kind == MediaOrder::Kind::kDeleteEndpoint ||
                                            media->kind == MediaOrder::Kind::kStopRecording);
                                  }),
                   effects_.end());
    Order(MediaOrder::Kind::kDeleteCall, "");
  }
  if (!anchored) return Finalize();
  SetTimer(CallTimer::kClosing, kQualityWait);
}

// The customer is told that it did not work before the hang-up.
void Call::Apologize(EndCause cause) {
  Leg* customer = CustomerLeg();
  if (customer == nullptr || !customer->answered() ||
      environment_->Limits().apology_prompt.empty()) {
    return FinishCall(cause, 480);
  }
  EndTalk(CauseText(cause));
  state_.phase = CallPhase::kApologizing;
  state_.cause = cause;
  PlayItem item;
  item.prompt = environment_->Limits().apology_prompt;
  PlayOwn(*customer, {item}, /*loop=*/false);
  SetTimer(CallTimer::kApology, kApologyMax);
}

void Call::On(const EndpointClosed& in) {
  Leg* leg = state_.FindLeg(in.endpoint_id);
  if (leg == nullptr || leg->media != MediaAnchor::kClosing) return;
  leg->quality = in.quality;
  ReportLeg(*leg);
  for (const Leg& other : state_.legs) {
    if (other.media == MediaAnchor::kClosing) return;
  }
  CancelTimer(CallTimer::kClosing);
  if (state_.phase == CallPhase::kClosing) Finalize();
}

void Call::ReportLeg(Leg& leg) {
  if (std::exchange(leg.reported, true)) return;
  leg.media = leg.media == MediaAnchor::kNone ? MediaAnchor::kNone : MediaAnchor::kClosed;
  Fact& ended = AddFact(Fact::Kind::kLegEnded);
  ended.time = leg.end_time;
  ended.leg_id = leg.id;
  ended.leg_kind = leg.kind;
  ended.agent_id = leg.agent_id;
  ended.cause = leg.cause;
  ended.sip_code = leg.sip_code;
  ended.quality = leg.quality;
}

// All is told, or the time to wait for the rest is over.
void Call::Finalize() {
  for (Leg& leg : state_.legs) {
    if (!leg.live()) ReportLeg(leg);
  }
  if (state_.phase != CallPhase::kClosing) return;
  Fact& ended = AddFact(Fact::Kind::kCallEnded);
  ended.cause = state_.cause;
  ended.sip_code = state_.sip_code;
  for (const Leg& leg : state_.legs) ended.time = leg.end_time;
  state_.phase = CallPhase::kFinished;
  state_.timers.clear();
  Emit(CallFinished{});
}

}  // namespace zvon::signaling
