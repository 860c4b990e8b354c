// What agents ask for, from the desktop or by their phone's REFER.

#include <utility>

#include "services/signaling/core/call_dial.h"

namespace zvon::signaling {
namespace {
// google.rpc.Code
constexpr int kInvalidArgument = 3;
constexpr int kNotFound = 5;
constexpr int kFailedPrecondition = 9;
constexpr int kUnavailable = 14;
}  // namespace

void Call::Finish(const std::string& request_id, int code, const std::string& message) {
  if (!request_id.empty()) Emit(CommandDone{request_id, code, message});
}

void Call::TellAgent(Leg& leg) {
  if (leg.agent_id.empty()) return;
  leg.told_agent = true;
  Emit(AgentCallChanged{leg.id});
}

void Call::On(const AgentCommand& in) {
  using Kind = AgentCommand::Kind;
  Leg* leg = state_.LegOfAgent(in.agent_id);
  if (leg == nullptr || state_.phase != CallPhase::kLive) {
    return Finish(in.request_id, kNotFound, "the agent is no party of this call");
  }
  switch (in.kind) {
    case Kind::kAnswer: {
      if (!leg->outgoing || leg->progress != LegProgress::kCalling) {
        return Finish(in.request_id, kFailedPrecondition,
                      "the call is not ringing at the agent's phone");
      }
      for (const Branch& branch : leg->branches) {
        if (branch.state == BranchState::kRinging) Emit(NotifyTalk{branch.id});
      }
      return Finish(in.request_id, 0, "");
    }
    case Kind::kHold:
    case Kind::kResume:
      return DoHold(*leg, in, in.kind == Kind::kHold);
    case Kind::kHangUp: {
      Finish(in.request_id, 0, "");
      if (leg->progress == LegProgress::kAnswered) {
        EndLeg(*leg, EndCause::kAgentHangup, 0, /*by_peer=*/false);
        return LegGone(*leg, EndCause::kAgentHangup);
      }
      if (leg->id == state_.dial.leg_id) return DialFailed(*leg, EndCause::kRejected, 603);
      return FinishCall(EndCause::kAgentHangup, 603);
    }
    case Kind::kBlindTransfer: {
      if (Partner(*leg) == nullptr) {
        return Finish(in.request_id, kFailedPrecondition, "the call is not connected");
      }
      const TransferTarget target = FindTransferTarget(in);
      Finish(in.request_id, target.code, target.message);
      if (target.code == 0) Transfer(*leg, target);
      return;
    }
    case Kind::kSendDigits: {
      Leg* partner = Partner(*leg);
      if (partner == nullptr || partner->media == MediaAnchor::kNone) {
        return Finish(in.request_id, kFailedPrecondition, "the call is not connected");
      }
      if (in.digits.empty() ||
          in.digits.find_first_not_of("0123456789*#ABCD") != std::string::npos) {
        return Finish(in.request_id, kInvalidArgument, "digits are 0-9 * # A-D");
      }
      Order(MediaOrder::Kind::kSendDigits, partner->id);
      std::get<MediaOrder>(effects_.back()).digits = in.digits;
      return Finish(in.request_id, 0, "");
    }
  }
}

void Call::DoHold(Leg& leg, const AgentCommand& in, bool hold) {
  if (Partner(leg) == nullptr || !leg.answered()) {
    return Finish(in.request_id, kFailedPrecondition, "the call is not connected");
  }
  if (!hold && leg.held_by_phone && !leg.held_by_desktop) {
    return Finish(in.request_id, kFailedPrecondition, "the phone itself holds the call");
  }
  const bool was_held = leg.held();
  leg.held_by_desktop = hold;
  ApplyHold(leg, was_held);
  Finish(in.request_id, 0, "");
}

Call::TransferTarget Call::FindTransferTarget(const AgentCommand& in) const {
  TransferTarget target;
  if (!in.queue_id.empty()) {
    target.queue_id = in.queue_id;
    target.text = "queue:" + in.queue_id;
    return target;
  }
  target.user_id = in.target_agent_id;
  target.text = in.target_agent_id.empty() ? in.number : "agent:" + in.target_agent_id;
  if (target.user_id.empty()) {
    const DialTarget found = environment_->Resolve(state_.tenant_id, in.number);
    if (found.kind == DialTarget::Kind::kNone) {
      target.code = kNotFound;
      target.message = "nobody has the number " + in.number;
    } else if (found.kind == DialTarget::Kind::kScenario) {
      target.code = kFailedPrecondition;
      target.message =
          "the number " + in.number + " is answered by a scenario; transfer to a queue";
    } else if (found.kind == DialTarget::Kind::kTrunks) {
      target.contacts = {found.routes.front()};
      target.fallbacks.assign(found.routes.begin() + 1, found.routes.end());
    }
    target.user_id = found.user_id;
  }
  if (target.code != 0 || target.user_id.empty()) return target;
  if (target.user_id == in.agent_id) {
    target.code = kInvalidArgument;
    target.message = "that is the agent itself";
    return target;
  }
  target.contacts = environment_->ContactsOf(state_.tenant_id, target.user_id);
  if (target.contacts.empty()) {
    target.code = kUnavailable;
    target.message = "the phone of " + target.user_id + " is not registered";
  }
  return target;
}

// The agent leaves, the customer hears music or ringing, the target is rung.
void Call::Transfer(Leg& leg, const TransferTarget& target) {
  Leg* remaining = Partner(leg);
  EndTalk("transferred");
  EndLeg(leg, EndCause::kTransferred, 0, /*by_peer=*/false);
  if (!target.queue_id.empty()) {
    Fact& fact = AddFact(Fact::Kind::kCallTransferred);
    fact.text = target.text;
    fact.succeeded = true;
    HoldMusic(*remaining);
    state_.run.queue_is_agents = true;
    return EnterQueue(target.queue_id, {}, state_.queue.priority, absl::ZeroDuration());
  }
  DialOrder order;
  order.purpose = DialPurpose::kAgentTransfer;
  order.kind = target.user_id.empty() ? LegKind::kOther : LegKind::kAgent;
  order.agent_id = target.user_id;
  order.party.number = target.text;
  if (!target.user_id.empty())
    order.party = environment_->PartyOf(state_.tenant_id, target.user_id);
  order.contacts = target.contacts;
  order.fallbacks = target.fallbacks;
  order.target = target.text;
  Ringback(*remaining);
  if (!StartDial(std::move(order))) Apologize(EndCause::kFailure);
}

void Call::On(const BranchRefer& in) {
  Leg* leg = state_.LegOfBranch(in.branch_id);
  if (leg == nullptr || !leg->answered() || Partner(*leg) == nullptr) {
    Emit(AnswerRefer{in.branch_id, 481});
    return;
  }
  // Only the platform's own users may send calls elsewhere.
  if (leg->agent_id.empty()) {
    Emit(AnswerRefer{in.branch_id, 603});
    return;
  }
  AgentCommand command;
  command.agent_id = leg->agent_id;
  command.number = in.number;
  const TransferTarget target = FindTransferTarget(command);
  if (target.code != 0) {
    Emit(AnswerRefer{in.branch_id, target.code == kNotFound ? 404 : 480});
    return;
  }
  Emit(AnswerRefer{in.branch_id, 202});
  Emit(NotifyRefer{in.branch_id, 200, /*last=*/true});
  Transfer(*leg, target);
}

}  // namespace zvon::signaling
