// Ringing somebody: one leg, forked to all contacts of a user or tried trunk
// by trunk. At most one dial is under way in a call.

#include "services/signaling/core/call_dial.h"

#include <algorithm>
#include <utility>

namespace zvon::signaling {
namespace {

// Another trunk may succeed where this one is out of order.
bool WorthAnotherTrunk(int code) {
  return code == 408 || code == 430 || (code >= 500 && code < 600);
}

EndCause CauseOf(int code) {
  switch (code) {
    case 486:
    case 600:
      return EndCause::kBusy;
    case 603:
    case 403:
    case 433:
      return EndCause::kRejected;
    case 408:
    case 480:
      return EndCause::kNoAnswer;
    case 487:
      return EndCause::kCancelled;
    case 404:
    case 410:
    case 484:
    case 604:
      return EndCause::kUnreachable;
    default:
      return code >= 500 ? EndCause::kFailure : EndCause::kRejected;
  }
}

// Which of two failures of a forked leg to tell (RFC 3261 section 16.7,
// simplified): a decision of a person beats silence.
int BetterCode(int a, int b) {
  auto rank = [](int code) {
    if (code == 0) return 9;
    if (code >= 600) return 0;
    if (code == 486) return 1;
    if (code >= 500) return 3;
    return code == 408 || code == 480 ? 4 : 2;
  };
  return rank(b) < rank(a) ? b : a;
}

}  // namespace

bool Call::StartDial(DialOrder order) {
  Leg leg;
  leg.id = NewId();
  leg.kind = order.kind;
  leg.outgoing = true;
  leg.party = order.party;
  leg.agent_id = order.agent_id;
  leg.start_time = leg.state_time = now();
  leg.progress = LegProgress::kWaitingMedia;
  const bool direct = !order.contacts.empty() && order.contacts.front().direct_media &&
                      !state_.legs.empty() && state_.legs.front().media == MediaAnchor::kNone;
  state_.legs.push_back(std::move(leg));
  Leg& added = state_.legs.back();
  if (!direct && !Anchor(added)) {
    state_.legs.pop_back();
    return false;
  }
  for (const DialContact& contact : order.contacts) AddBranch(added, contact);
  state_.dial = Dial{order.purpose,           added.id,         std::move(order.fallbacks),
                     std::move(order.target), order.request_id, ""};
  Fact& started = AddFact(Fact::Kind::kLegStarted);
  started.leg_id = added.id;
  started.leg_kind = added.kind;
  started.agent_id = added.agent_id;
  started.text = added.party.number;
  const absl::Duration ring = order.ring_timeout > absl::ZeroDuration()
                                  ? order.ring_timeout
                                  : environment_->Limits().ring_timeout;
  SetTimer(CallTimer::kDeadline, ring, added.id);
  if (direct) InviteBranches(added);
  return true;
}

void Call::AddBranch(Leg& leg, const DialContact& contact) {
  leg.trunk_id = contact.trunk_id;
  leg.branches.push_back(
      {leg.id + "/" + std::to_string(leg.branches_made++), BranchState::kCalling, contact});
}

// Sends the INVITE of every branch that was not sent yet: all of them when the
// leg's address has become known, the last one when a trunk is tried next.
void Call::InviteBranches(Leg& leg) {
  const bool first = leg.progress == LegProgress::kWaitingMedia;
  leg.progress = LegProgress::kCalling;
  SendInvite invite;
  invite.leg_id = leg.id;
  invite.from = state_.caller;
  if (leg.kind == LegKind::kAgent) invite.interaction_id = state_.interaction_id;
  if (state_.dial.purpose == DialPurpose::kStartCallAgent)
    invite.from = Party{state_.dial.target, ""};
  if (leg.media == MediaAnchor::kNone) {
    invite.sdp.present = true;
    invite.sdp.verbatim = state_.legs.front().body;
  } else {
    invite.sdp = LocalSdp(leg);
  }
  for (size_t i = first ? 0 : leg.branches.size() - 1; i < leg.branches.size(); ++i) {
    invite.branch_id = leg.branches[i].id;
    invite.contact = leg.branches[i].contact;
    Emit(invite);
  }
}

void Call::On(const BranchProgress& in) {
  Leg* leg = state_.LegOfBranch(in.branch_id);
  Branch* branch = state_.FindBranch(in.branch_id);
  if (branch == nullptr || !leg->outgoing || leg->progress != LegProgress::kCalling ||
      in.code == 100)
    return;
  branch->state = BranchState::kRinging;
  const bool first = !std::exchange(leg->ringing, true);
  if (state_.dial.leg_id != leg->id) return;
  Leg& caller = state_.legs.front();
  switch (state_.dial.purpose) {
    case DialPurpose::kOffer:
      if (!first) return;
      SendOfferProgress(RoutingOrder::Progress::kRinging, "");
      return TellAgent(*leg);
    case DialPurpose::kDirect:
      if (caller.outgoing || caller.answered()) return;
      if (leg->media == MediaAnchor::kNone) {
        SdpPart sdp;
        sdp.present = !in.body.empty();
        sdp.verbatim = in.body;
        if (first || sdp.present) Respond(caller, in.code, std::move(sdp));
      } else if (in.remote.known() && leg->branches.size() == 1 && caller.remote.known() &&
                 caller.media == MediaAnchor::kReady && !caller.early_sent) {
        // Announcements of the far network are for the caller's ears.
        leg->remote = in.remote;
        Order(MediaOrder::Kind::kUpdateEndpoint, leg->id);
        std::get<MediaOrder>(effects_.back()).remote = leg->remote;
        Order(MediaOrder::Kind::kBridge, caller.id);
        std::get<MediaOrder>(effects_.back()).other_endpoint_id = leg->id;
        SendEarly(caller);
      } else if (first && !caller.early_sent) {
        Respond(caller, 180);
      }
      if (first) {
        caller.ringing = true;
        TellAgent(*leg);
        TellAgent(caller);
      }
      return;
    case DialPurpose::kStartCallNumber:
      if (first) Ringback(caller);
      return;
    default:
      if (first) TellAgent(*leg);
      return;
  }
}

void Call::On(const BranchAnswered& in) {
  Leg* leg = state_.LegOfBranch(in.branch_id);
  Branch* winner = state_.FindBranch(in.branch_id);
  if (winner == nullptr || !leg->outgoing) {
    Emit(SendBye{in.branch_id, EndCause::kFailure});
    return;
  }
  if (leg->branch == in.branch_id) return;
  if (leg->progress != LegProgress::kCalling || winner->state == BranchState::kEnded) {
    winner->state = BranchState::kEnded;
    Emit(SendBye{in.branch_id, EndCause::kCancelled});
    return;
  }
  if (leg->media != MediaAnchor::kNone && !in.remote.known()) {
    Emit(SendBye{in.branch_id, EndCause::kFailure});
    return On(BranchFailed{in.branch_id, 488, "unusable SDP answer"});
  }
  winner->state = BranchState::kAnswered;
  leg->branch = in.branch_id;
  leg->progress = LegProgress::kAnswered;
  leg->acked = true;
  leg->answer_time = now();
  SetState(*leg);
  for (Branch& other : leg->branches) {
    if (other.id == leg->branch || other.state == BranchState::kEnded) continue;
    other.state = BranchState::kEnded;
    Emit(CancelInvite{other.id, /*answered_elsewhere=*/true});
  }
  leg->body = leg->media == MediaAnchor::kNone ? in.body : "";
  if (leg->media != MediaAnchor::kNone) {
    leg->remote = in.remote;
    Order(MediaOrder::Kind::kUpdateEndpoint, leg->id);
    std::get<MediaOrder>(effects_.back()).remote = leg->remote;
    if (leg->reinvite_wanted && leg->media == MediaAnchor::kReady) {
      leg->reinvite_wanted = false;
      Emit(SendReinvite{leg->branch, LocalSdp(*leg)});
    }
  }
  Fact& answered = AddFact(Fact::Kind::kLegAnswered);
  answered.leg_id = leg->id;
  answered.leg_kind = leg->kind;
  answered.agent_id = leg->agent_id;
  if (state_.dial.leg_id == leg->id) DialAnswered(*leg);
}

void Call::DialAnswered(Leg& leg) {
  CancelTimer(CallTimer::kDeadline, leg.id);
  const Dial dial = state_.dial;
  if (dial.purpose == DialPurpose::kOffer) {
    // The router has the last word; the dial is over when it has spoken.
    state_.queue.state = QueueState::kAnswering;
    SetTimer(CallTimer::kAssigned, environment_->Limits().assigned_timeout);
    return SendOfferProgress(RoutingOrder::Progress::kAnswered, "");
  }
  if (dial.purpose == DialPurpose::kDirect) AnswerCaller();  // Reads the dial's leg.
  state_.dial = {};
  if (dial.purpose == DialPurpose::kStartCallAgent) {
    if (!state_.answered) {
      state_.answered = true;
      AddFact(Fact::Kind::kCallAnswered);
    }
    TellAgent(leg);
    Finish(dial.request_id, 0, "");
    state_.dial.target = dial.target;
    return DialNumberForAgent(leg);
  }
  if (dial.purpose == DialPurpose::kStartCallNumber) return Connect(leg, state_.legs.front());
  Leg* customer = nullptr;
  for (Leg& other : state_.legs) {
    if (other.live() && other.id != leg.id) customer = &other;
  }
  if (customer == nullptr) return FinishCall(EndCause::kFailure, 0);
  Connect(*customer, leg);
  if (dial.purpose == DialPurpose::kRunTransfer) {
    RunOrder order;
    order.kind = RunOrder::Kind::kTransferEnded;
    order.connected = true;
    TellRun(std::move(order));
  }
  if (dial.purpose == DialPurpose::kAgentTransfer) {
    Fact& fact = AddFact(Fact::Kind::kCallTransferred);
    fact.text = dial.target;
    fact.succeeded = true;
  }
}

void Call::On(const BranchFailed& in) {
  Leg* leg = state_.LegOfBranch(in.branch_id);
  Branch* branch = state_.FindBranch(in.branch_id);
  if (branch == nullptr || !leg->outgoing || leg->progress != LegProgress::kCalling) return;
  branch->state = BranchState::kEnded;
  leg->sip_code = BetterCode(leg->sip_code, in.code);
  const bool others = std::any_of(leg->branches.begin(), leg->branches.end(),
                                  [](const Branch& b) { return b.state != BranchState::kEnded; });
  // 6xx is the user's word for all of the phones.
  if (others && in.code < 600) return;
  Dial& dial = state_.dial;
  if (dial.leg_id == leg->id && !dial.fallbacks.empty() && WorthAnotherTrunk(in.code)) {
    const DialContact next = dial.fallbacks.front();
    dial.fallbacks.erase(dial.fallbacks.begin());
    leg->sip_code = 0;
    leg->ringing = false;
    AddBranch(*leg, next);
    return InviteBranches(*leg);
  }
  DialFailed(*leg, CauseOf(leg->sip_code), leg->sip_code);
}

// Our time is up, or nobody needs the leg any more.
void Call::GiveUpDial(EndCause cause, int code) {
  if (Leg* leg = state_.FindLeg(state_.dial.leg_id)) DialFailed(*leg, cause, code);
}

// Takes the ringing or answered leg down without telling anybody why.
void Call::StopDial(EndCause cause) {
  Leg* leg = state_.FindLeg(state_.dial.leg_id);
  state_.dial = {};
  CancelTimer(CallTimer::kAssigned);
  if (leg != nullptr && leg->live()) EndLeg(*leg, cause, leg->sip_code, /*by_peer=*/false);
}

void Call::DialFailed(Leg& leg, EndCause cause, int code) {
  if (!leg.live()) return;
  const Dial dial = state_.dial;
  EndLeg(leg, cause, code, /*by_peer=*/false);
  if (dial.leg_id != leg.id) return;
  state_.dial = {};
  using Progress = RoutingOrder::Progress;
  switch (dial.purpose) {
    case DialPurpose::kNone:
      return;
    case DialPurpose::kOffer: {
      const Progress progress =
          cause == EndCause::kBusy || cause == EndCause::kRejected
              ? Progress::kDeclined
              : (cause == EndCause::kNoAnswer ? Progress::kExpired : Progress::kFailed);
      SendOfferProgress(progress, "SIP " + std::to_string(code));
      return OfferOver();
    }
    case DialPurpose::kDirect:
      return RejectCaller(code == 0 ? 480 : code, cause);
    case DialPurpose::kRunTransfer: {
      if (!RunListens()) return Apologize(cause);
      RunOrder order;
      order.kind = RunOrder::Kind::kTransferEnded;
      order.cause = cause;
      if (Leg* customer = CustomerLeg()) StopOwnPlay(*customer);
      return TellRun(std::move(order));
    }
    case DialPurpose::kAgentTransfer: {
      Fact& fact = AddFact(Fact::Kind::kCallTransferred);
      fact.text = dial.target;
      if (!dial.referrer_branch.empty())
        Emit(NotifyRefer{dial.referrer_branch, code == 0 ? 480 : code, true});
      return Apologize(cause);
    }
    case DialPurpose::kStartCallAgent:
      Finish(dial.request_id, 9, "the agent's phone did not answer");
      return FinishCall(cause, code);
    case DialPurpose::kStartCallNumber:
      return FinishCall(cause, code);
  }
}

// Second half of StartCall: the agent's phone is up, now the number.
void Call::DialNumberForAgent(Leg& agent_leg) {
  const std::string number = state_.dial.target;
  const DialTarget target = environment_->Resolve(state_.tenant_id, number);
  DialOrder order;
  order.purpose = DialPurpose::kStartCallNumber;
  order.kind = LegKind::kCustomer;
  order.party.number = number;
  order.target = number;
  if (target.kind == DialTarget::Kind::kUser) {
    order.agent_id = target.user_id;
    order.party = environment_->PartyOf(state_.tenant_id, target.user_id);
    order.contacts = environment_->ContactsOf(state_.tenant_id, target.user_id);
  } else if (target.kind == DialTarget::Kind::kTrunks && !target.routes.empty()) {
    order.contacts = {target.routes.front()};
    order.fallbacks.assign(target.routes.begin() + 1, target.routes.end());
  }
  (void)agent_leg;
  if (order.contacts.empty() || !StartDial(std::move(order)))
    FinishCall(EndCause::kUnreachable, 404);
}

}  // namespace zvon::signaling
