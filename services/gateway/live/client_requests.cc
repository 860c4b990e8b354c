// The requests of clients, each to its owner.

#include <utility>

#include "services/gateway/core/permissions.h"
#include "services/gateway/live/client_hub.h"
#include "services/gateway/live/json.h"

namespace zvon::gateway {
namespace {

using routingservice::v1::AgentItem;
using signalingservice::v1::AgentCommand;
using v1::ClientFrame;

absl::Status NeedsText(const std::string& value, const char* field) {
  if (!value.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(std::string(field) + ": is missing");
}

// Fills the item the router is asked; the agent's own names come later.
absl::Status ToAgentItem(const ClientFrame& frame, AgentItem* item) {
  switch (frame.frame_case()) {
    case ClientFrame::kSetState: {
      auto state = frame.set_state().state();
      if (state != routing::v1::AGENT_STATE_READY && state != routing::v1::AGENT_STATE_NOT_READY) {
        return absl::InvalidArgumentError("state: expected READY or NOT_READY");
      }
      item->mutable_set_state()->set_state(state);
      item->mutable_set_state()->set_reason_id(frame.set_state().reason_id());
      return absl::OkStatus();
    }
    case ClientFrame::kFinishWrapUp: {
      const auto& from = frame.finish_wrap_up();
      auto* to = item->mutable_finish_wrap_up();
      to->set_interaction_id(from.interaction_id());
      to->set_disposition_id(from.disposition_id());
      to->set_comment(from.comment());
      return NeedsText(from.interaction_id(), "interactionId");
    }
    case ClientFrame::kSetDisposition: {
      const auto& from = frame.set_disposition();
      auto* to = item->mutable_set_disposition();
      to->set_interaction_id(from.interaction_id());
      to->set_disposition_id(from.disposition_id());
      to->set_comment(from.comment());
      return NeedsText(from.interaction_id(), "interactionId");
    }
    default:
      return absl::UnimplementedError("this request is not known");
  }
}

absl::Status ToTransfer(const v1::Transfer& from, signalingservice::v1::BlindTransfer* to) {
  int targets = !from.number().empty() + !from.queue_id().empty() + !from.agent_id().empty();
  if (targets != 1) {
    return absl::InvalidArgumentError("one of number, queueId and agentId is expected");
  }
  if (!from.number().empty()) to->set_number(from.number());
  if (!from.queue_id().empty()) to->set_queue_id(from.queue_id());
  if (!from.agent_id().empty()) to->set_agent_id(from.agent_id());
  return absl::OkStatus();
}

absl::Status ToAction(v1::CallAction::Action action, AgentCommand* command) {
  switch (action) {
    case v1::CallAction::ACTION_ANSWER:
      command->mutable_answer();
      return absl::OkStatus();
    case v1::CallAction::ACTION_HOLD:
      command->mutable_hold();
      return absl::OkStatus();
    case v1::CallAction::ACTION_RESUME:
      command->mutable_resume();
      return absl::OkStatus();
    case v1::CallAction::ACTION_HANG_UP:
      command->mutable_hang_up();
      return absl::OkStatus();
    default:
      return absl::InvalidArgumentError("action: is missing");
  }
}

absl::Status CheckDigits(const std::string& digits) {
  constexpr size_t kDigitsMax = 64;
  if (digits.empty() || digits.size() > kDigitsMax ||
      digits.find_first_not_of("0123456789*#ABCD") != std::string::npos) {
    return absl::InvalidArgumentError("digits: expected up to 64 of 0-9, *, #, A-D");
  }
  return absl::OkStatus();
}

absl::Status ToCommand(const ClientFrame& frame, AgentCommand* command) {
  switch (frame.frame_case()) {
    case ClientFrame::kCallAction:
      command->set_call_id(frame.call_action().call_id());
      return ToAction(frame.call_action().action(), command);
    case ClientFrame::kTransfer:
      command->set_call_id(frame.transfer().call_id());
      return ToTransfer(frame.transfer(), command->mutable_blind_transfer());
    case ClientFrame::kSendDigits:
      command->set_call_id(frame.send_digits().call_id());
      command->mutable_send_digits()->set_digits(frame.send_digits().digits());
      return CheckDigits(frame.send_digits().digits());
    case ClientFrame::kStartCall:
      command->mutable_start_call()->set_number(frame.start_call().number());
      return NeedsText(frame.start_call().number(), "number");
    default:
      return absl::UnimplementedError("this request is not known");
  }
}

}  // namespace

void ClientHub::OnRequest(const SessionPtr& session, const ClientFrame& frame) {
  if (frame.has_ack()) return session->replay.Acknowledge(frame.ack().sequence());
  if (frame.has_ping()) {
    v1::ServerFrame pong;
    pong.mutable_pong()->mutable_server_time()->set_seconds(absl::ToUnixSeconds(runner_.Now()));
    pong.mutable_pong()->mutable_server_time()->set_nanos(
        static_cast<int32_t>(absl::ToUnixMillis(runner_.Now()) % 1000 * 1'000'000));
    return session->SendNow(ToJson(pong));
  }
  if (!frame.id().empty()) {
    std::string answer;
    switch (session->requests.Begin(frame.id(), runner_.Now(), &answer)) {
      case AnsweredRequests::Seen::kAnswered:
        return session->SendNow(answer);
      case AnsweredRequests::Seen::kUnderWay:
        return;
      case AnsweredRequests::Seen::kNew:
        break;
    }
  }
  Carry(session, frame);
}

void ClientHub::Carry(const SessionPtr& session, const ClientFrame& frame) {
  switch (frame.frame_case()) {
    case ClientFrame::kSubscribe:
      return Subscribe(session, frame, true);
    case ClientFrame::kUnsubscribe:
      return Subscribe(session, frame, false);
    case ClientFrame::kHello:
      return session->Respond(frame.id(), absl::FailedPreconditionError("hello was said already"));
    case ClientFrame::FRAME_NOT_SET:
      return session->Respond(frame.id(), absl::InvalidArgumentError("the frame is empty"));
    default:
      break;
  }
  if (!MayDo(session->user.permissions, kHandleCalls)) {
    return session->Respond(frame.id(),
                            absl::PermissionDeniedError("you do not take interactions"));
  }
  switch (frame.frame_case()) {
    case ClientFrame::kCallAction:
    case ClientFrame::kTransfer:
    case ClientFrame::kSendDigits:
    case ClientFrame::kStartCall:
      return CarryCallRequest(session, frame);
    default:
      return CarryAgentRequest(session, frame);
  }
}

absl::Status ClientHub::CheckChoices(const std::string& tenant_id, const ClientFrame& frame) const {
  if (configuration_->revision() == 0) return absl::OkStatus();
  if (const std::string& id = frame.set_state().reason_id(); !id.empty()) {
    const auto* reason = configuration_->Find(tenant_id, "reasons", id);
    if (reason == nullptr || reason->not_ready_reason().system()) {
      return absl::InvalidArgumentError("reasonId: \"" + id + "\" is not a reason to choose");
    }
  }
  std::string disposition = frame.has_finish_wrap_up() ? frame.finish_wrap_up().disposition_id()
                                                       : frame.set_disposition().disposition_id();
  if (!disposition.empty() &&
      configuration_->Find(tenant_id, "dispositions", disposition) == nullptr) {
    return absl::InvalidArgumentError("dispositionId: \"" + disposition + "\" does not exist");
  }
  return absl::OkStatus();
}

AgentDesk::Done ClientHub::Responder(const SessionPtr& session, const std::string& id) {
  return [session, id](const absl::Status& status, const std::string& call_id) {
    session->Respond(id, status, call_id);
  };
}

void ClientHub::CarryAgentRequest(const SessionPtr& session, const ClientFrame& frame) {
  AgentKey key = KeyOf(*session);
  if (!session->agent || !desk_.SignedIn(key)) {
    return session->Respond(frame.id(),
                            absl::FailedPreconditionError("you are not signed in as an agent"));
  }
  if (frame.has_sign_out()) {
    return desk_.SignOut(
        key, [session, id = frame.id()](const absl::Status& status, const std::string&) {
          if (status.ok()) session->agent = false;
          session->Respond(id, status);
        });
  }
  if (absl::Status status = CheckChoices(key.tenant_id, frame); !status.ok()) {
    return session->Respond(frame.id(), status);
  }
  AgentItem item;
  if (frame.has_decline_offer()) {
    const std::string& offer_id = frame.decline_offer().offer_id();
    item.mutable_decline_offer()->set_offer_id(offer_id);
    if (!desk_.TokenOf(key, offer_id, item.mutable_decline_offer()->mutable_token())) {
      return session->Respond(frame.id(), absl::NotFoundError("this offer is over"));
    }
  } else if (absl::Status status = ToAgentItem(frame, &item); !status.ok()) {
    return session->Respond(frame.id(), status);
  }
  desk_.Ask(key, std::move(item), Responder(session, frame.id()));
}

void ClientHub::CarryCallRequest(const SessionPtr& session, const ClientFrame& frame) {
  AgentCommand command;
  if (absl::Status status = ToCommand(frame, &command); !status.ok()) {
    return session->Respond(frame.id(), status);
  }
  desk_.Command(KeyOf(*session), std::move(command), Responder(session, frame.id()));
}

void ClientHub::Subscribe(const SessionPtr& session, const ClientFrame& frame, bool on) {
  v1::Topic topic = on ? frame.subscribe().topic() : frame.unsubscribe().topic();
  if (topic != v1::TOPIC_LIVE) {
    return session->Respond(frame.id(), absl::InvalidArgumentError("topic: expected TOPIC_LIVE"));
  }
  if (!on) {
    StopWatching(*session);
    return session->Respond(frame.id(), absl::OkStatus());
  }
  if (!MayWatch(session->user.permissions)) {
    return session->Respond(frame.id(),
                            absl::PermissionDeniedError("you may not see the live view"));
  }
  session->Respond(frame.id(), absl::OkStatus());
  if (session->watches_live) return;
  session->watches_live = true;
  live_.Watch(session->user.tenant_id,
              [&](const LiveView::Body& body) { SendLive(*session, body); });
}

void ClientHub::SendLive(ClientSession& session, const LiveView::Body& body) {
  session.SendEvent(MayDo(session.user.permissions, kReadLive) ? body->full : body->colleague);
}

void ClientHub::StopWatching(ClientSession& session) {
  if (!session.watches_live) return;
  session.watches_live = false;
  live_.Unwatch(session.user.tenant_id);
}

}  // namespace zvon::gateway
