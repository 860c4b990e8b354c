// How a call begins, until its first leg is answered or refused.

#include "services/signaling/core/call.h"

#include "services/signaling/core/call_dial.h"

namespace zvon::signaling {

void Call::On(const InviteReceived& in) {
  if (!state_.legs.empty()) return;
  Leg leg;
  leg.id = in.leg_id;
  leg.kind = in.kind;
  leg.party = state_.caller;
  leg.agent_id = in.agent_id;
  leg.trunk_id = state_.trunk_id;
  leg.branches.push_back({in.branch_id, BranchState::kCalling, {}});
  leg.branch = in.branch_id;
  leg.remote = in.remote;
  leg.start_time = leg.state_time = now();
  state_.legs.push_back(std::move(leg));
  Leg& caller = state_.legs.back();
  state_.run.scenario_id = in.target.scenario_id;
  AddFact(Fact::Kind::kCallStarted);
  Fact& started = AddFact(Fact::Kind::kLegStarted);
  started.leg_id = caller.id;
  started.leg_kind = caller.kind;
  started.agent_id = caller.agent_id;
  started.text = caller.party.number;
  SetTimer(CallTimer::kDuration, environment_->Limits().duration_max);
  SetTimer(CallTimer::kSetup, environment_->Limits().setup_max);
  Respond(caller, 100);

  switch (in.target.kind) {
    case DialTarget::Kind::kNone:
      return RejectCaller(404, EndCause::kUnreachable);
    case DialTarget::Kind::kScenario:
      if (!Anchor(caller)) return;
      state_.run.state = RunState::kStarting;
      return AttachRun();
    case DialTarget::Kind::kUser: {
      auto contacts = environment_->ContactsOf(state_.tenant_id, in.target.user_id);
      if (contacts.empty()) return RejectCaller(480, EndCause::kUnreachable);
      if (!Anchor(caller)) return;
      DialOrder order;
      order.purpose = DialPurpose::kDirect;
      order.kind = LegKind::kAgent;
      order.agent_id = in.target.user_id;
      order.party = environment_->PartyOf(state_.tenant_id, in.target.user_id);
      order.contacts = std::move(contacts);
      order.target = state_.called_number;
      StartDial(std::move(order));
      return;
    }
    case DialTarget::Kind::kTrunks: {
      if (in.target.routes.empty()) return RejectCaller(404, EndCause::kUnreachable);
      if (in.target.routes.front().direct_media && !in.body.empty()) {
        caller.body = in.body;
      } else if (!Anchor(caller)) {
        return;
      }
      DialOrder order;
      order.purpose = DialPurpose::kDirect;
      order.kind = caller.kind == LegKind::kAgent ? LegKind::kCustomer : LegKind::kOther;
      order.party.number = state_.called_number;
      order.contacts = {in.target.routes.front()};
      order.fallbacks.assign(in.target.routes.begin() + 1, in.target.routes.end());
      order.target = state_.called_number;
      StartDial(std::move(order));
      return;
    }
  }
}

void Call::On(const StartCallOrdered& in) {
  if (!state_.legs.empty()) return;
  SetTimer(CallTimer::kDuration, environment_->Limits().duration_max);
  AddFact(Fact::Kind::kCallStarted);
  DialOrder order;
  order.purpose = DialPurpose::kStartCallAgent;
  order.kind = LegKind::kAgent;
  order.agent_id = in.agent_id;
  order.party = environment_->PartyOf(state_.tenant_id, in.agent_id);
  order.contacts = environment_->ContactsOf(state_.tenant_id, in.agent_id);
  order.target = in.number;
  order.request_id = in.request_id;
  if (order.contacts.empty()) {
    Finish(in.request_id, 9, "the agent's phone is not registered");
    return FinishCall(EndCause::kUnreachable, 480);
  }
  if (!StartDial(std::move(order))) {
    Finish(in.request_id, 14, "no media node");
    return FinishCall(EndCause::kFailure, 503);
  }
}

// An endpoint at the call's media node. Without any node the call is refused.
bool Call::Anchor(Leg& leg) {
  if (state_.media_node.empty()) state_.media_node = environment_->PickMedia("");
  if (state_.media_node.empty()) {
    if (!leg.outgoing) RejectCaller(503, EndCause::kOverload);
    return false;
  }
  leg.media = MediaAnchor::kCreating;
  Order(MediaOrder::Kind::kCreateEndpoint, leg.id);
  if (leg.remote.known()) std::get<MediaOrder>(effects_.back()).remote = leg.remote;
  return true;
}

void Call::On(const EndpointReady& in) {
  Leg* leg = state_.FindLeg(in.endpoint_id);
  if (leg == nullptr || !leg->live() || leg->media != MediaAnchor::kCreating) return;
  const bool moved =
      leg->moving && (leg->local_address != in.address || leg->local_port != in.port);
  leg->media = MediaAnchor::kReady;
  leg->moving = false;
  leg->local_address = in.address;
  leg->local_port = in.port;
  if (moved) {
    leg->reinvite_wanted = !leg->answered();
    if (leg->answered()) Emit(SendReinvite{leg->branch, LocalSdp(*leg)});
    return;
  }
  if (leg->outgoing) {
    if (leg->progress == LegProgress::kWaitingMedia) InviteBranches(*leg);
    return;
  }
  if (leg->answer_wanted) return AnswerCaller();
  if (leg->early_wanted) SendEarly(*leg);
}

// 183 with our SDP, once: the caller hears the run before the answer.
void Call::SendEarly(Leg& leg) {
  if (leg.outgoing || leg.answered() || leg.early_sent) return;
  leg.early_wanted = true;
  if (leg.media != MediaAnchor::kReady || !leg.remote.known()) return;
  leg.early_sent = leg.ringing = true;
  Respond(leg, 183, LocalSdp(leg));
}

void Call::AnswerCaller() {
  Leg& caller = state_.legs.front();
  if (caller.outgoing || !caller.live()) return;
  if (caller.answered()) return;
  if (caller.media == MediaAnchor::kCreating) {
    caller.answer_wanted = true;
    return;
  }
  caller.answer_wanted = false;
  caller.progress = LegProgress::kAnswered;
  caller.branches.front().state = BranchState::kAnswered;
  caller.answer_time = now();
  SetState(caller);
  SdpPart sdp;
  if (caller.media == MediaAnchor::kNone) {
    sdp.present = true;
    if (const Leg* other = state_.FindLeg(state_.dial.leg_id)) sdp.verbatim = other->body;
  } else {
    sdp = LocalSdp(caller);
  }
  Respond(caller, 200, std::move(sdp));
  CancelTimer(CallTimer::kSetup);
  if (!state_.answered) {
    state_.answered = true;
    AddFact(Fact::Kind::kCallAnswered);
  }
  Fact& answered = AddFact(Fact::Kind::kLegAnswered);
  answered.leg_id = caller.id;
  answered.leg_kind = caller.kind;
  answered.agent_id = caller.agent_id;
  TellAgent(caller);
  RunOrder order;
  order.kind = RunOrder::Kind::kAnswered;
  TellRun(std::move(order));
}

void Call::On(const BranchAcked& in) {
  Leg* leg = state_.LegOfBranch(in.branch_id);
  if (leg == nullptr || !leg->answered()) return;
  leg->acked = true;
  // The ACK carries the answer where the INVITE came without an offer.
  if (!in.remote.known() || in.remote == leg->remote || leg->media == MediaAnchor::kNone) return;
  leg->remote = in.remote;
  Order(MediaOrder::Kind::kUpdateEndpoint, leg->id);
  std::get<MediaOrder>(effects_.back()).remote = leg->remote;
}

void Call::On(const BranchCancelled& in) {
  Leg* leg = state_.LegOfBranch(in.branch_id);
  if (leg == nullptr || leg->outgoing || leg->progress != LegProgress::kCalling) return;
  EndLeg(*leg, EndCause::kCancelled, 487, /*by_peer=*/true);
  LegGone(*leg, EndCause::kCancelled);
}

void Call::RejectCaller(int code, EndCause cause) { FinishCall(cause, code); }

}  // namespace zvon::signaling
