#include "services/routing/server/wire_codec.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/routing/adapters/proto_values.h"

namespace zvon::routing {
namespace {

namespace svc = zvon::routingservice::v1;
namespace pb = zvon::routing::v1;

absl::Status Missing(const char* what) {
  return absl::InvalidArgumentError(absl::StrCat(what, " is missing"));
}

EnqueueInput ToEnqueue(const svc::OwnerItem& item, const std::string& owner_id) {
  const svc::Enqueue& from = item.enqueue();
  EnqueueInput to;
  to.owner_id = owner_id;
  to.interaction_id = item.interaction_id();
  to.queue_id = from.queue_id();
  to.skills = MakeSkillSet({from.skill_ids().begin(), from.skill_ids().end()});
  to.priority = from.priority();
  if (from.has_enqueue_time()) to.enqueue_time = GetTime(from.enqueue_time());
  to.wait_max = GetDuration(from.wait_max());
  to.summary = FromProto(from.summary());
  to.republished = from.republished();
  to.assigned_agent_id = from.assigned_agent_id();
  return to;
}

EntryOutcome ToOutcome(pb::QueueEntryOutcome outcome) {
  return outcome == pb::QUEUE_ENTRY_OUTCOME_FLOWED_OUT ? EntryOutcome::kFlowedOut
                                                       : EntryOutcome::kAbandoned;
}

absl::StatusOr<Progress> ToProgress(svc::OfferProgress::Progress progress) {
  switch (progress) {
    case svc::OfferProgress::PROGRESS_RINGING:
      return Progress::kRinging;
    case svc::OfferProgress::PROGRESS_ANSWERED:
      return Progress::kAnswered;
    case svc::OfferProgress::PROGRESS_DECLINED:
      return Progress::kDeclined;
    case svc::OfferProgress::PROGRESS_FAILED:
      return Progress::kFailed;
    case svc::OfferProgress::PROGRESS_EXPIRED:
      return Progress::kExpired;
    default:
      return Missing("progress");
  }
}

// Ready or NotReady; anything else is not the agent's to ask for.
absl::StatusOr<NextState> ToWish(pb::AgentState state, const std::string& reason_id) {
  if (state == pb::AGENT_STATE_READY) return NextState{AgentState::kReady, {}};
  if (state == pb::AGENT_STATE_NOT_READY) return NextState{AgentState::kNotReady, reason_id};
  return absl::InvalidArgumentError("state must be READY or NOT_READY");
}

absl::StatusOr<Input> ToSignIn(const svc::AgentItem& item, const std::string& gateway_id,
                               RequestRef request) {
  SignInInput to{item.agent_id(), std::move(request), gateway_id, std::nullopt};
  if (item.sign_in().state() != pb::AGENT_STATE_UNSPECIFIED) {
    absl::StatusOr<NextState> wish = ToWish(item.sign_in().state(), item.sign_in().reason_id());
    if (!wish.ok()) return wish.status();
    to.wish = *std::move(wish);
  }
  return to;
}

absl::StatusOr<Input> ToSetState(const svc::AgentItem& item, RequestRef request) {
  absl::StatusOr<NextState> wish = ToWish(item.set_state().state(), item.set_state().reason_id());
  if (!wish.ok()) return wish.status();
  return SetStateInput{item.agent_id(), std::move(request), *std::move(wish)};
}

struct OwnerFiller {
  svc::DeliveryItem& item;

  void operator()(const Position& from) const {
    item.mutable_position()->set_position(from.position);
    SetTime(from.enqueue_time, item.mutable_position()->mutable_enqueue_time());
  }
  void operator()(const Refused& from) const { item.mutable_refused()->set_message(from.message); }
  void operator()(const OfferStarted& from) const {
    pb::Offer* to = item.mutable_offer();
    ToProto(from.offer, to);
    to->set_tenant_id(item.tenant_id());
    to->set_interaction_id(item.interaction_id());
    to->set_queue_id(from.queue_id);
    ToProto(item.interaction_id(), from.queue_id, from.enqueue_time, from.summary,
            to->mutable_interaction());
  }
  void operator()(const OfferRevoked& from) const {
    auto* to = item.mutable_offer_revoked();
    to->set_offer_id(from.offer_id);
    ToProto(from.token, to->mutable_token());
    to->set_reason(from.reason);
  }
  void operator()(const Assigned& from) const {
    auto* to = item.mutable_assigned();
    to->set_offer_id(from.offer_id);
    ToProto(from.token, to->mutable_token());
    to->set_agent_id(from.agent_id);
  }
  void operator()(const WaitExpired&) const { item.mutable_wait_expired(); }
};

}  // namespace

absl::StatusOr<Input> ToInput(const svc::OwnerItem& item, const std::string& owner_id) {
  if (item.tenant_id().empty()) return Missing("tenant_id");
  if (item.interaction_id().empty()) return Missing("interaction_id");
  switch (item.item_case()) {
    case svc::OwnerItem::kEnqueue:
      return ToEnqueue(item, owner_id);
    case svc::OwnerItem::kWithdraw:
      return WithdrawInput{item.interaction_id(), ToOutcome(item.withdraw().outcome())};
    case svc::OwnerItem::kOfferProgress: {
      const svc::OfferProgress& from = item.offer_progress();
      const absl::StatusOr<Progress> progress = ToProgress(from.progress());
      if (!progress.ok()) return progress.status();
      return OfferProgressInput{owner_id,        item.interaction_id(),
                                from.offer_id(), FromProto(from.token()),
                                *progress,       from.message()};
    }
    case svc::OwnerItem::kAssignmentEnded:
      return AssignmentEndedInput{item.interaction_id(), item.assignment_ended().agent_id(),
                                  item.assignment_ended().cause()};
    default:
      return Missing("item");
  }
}

absl::StatusOr<Input> ToInput(const svc::AgentItem& item, const std::string& gateway_id,
                              uint64_t session) {
  if (item.tenant_id().empty()) return Missing("tenant_id");
  if (item.agent_id().empty()) return Missing("agent_id");
  RequestRef request{session, item.request_id()};
  switch (item.item_case()) {
    case svc::AgentItem::kSignIn:
      return ToSignIn(item, gateway_id, std::move(request));
    case svc::AgentItem::kSignOut:
      return SignOutInput{item.agent_id(), std::move(request)};
    case svc::AgentItem::kSetState:
      return ToSetState(item, std::move(request));
    case svc::AgentItem::kDeclineOffer:
      return DeclineOfferInput{item.agent_id(), std::move(request), item.decline_offer().offer_id(),
                               FromProto(item.decline_offer().token())};
    case svc::AgentItem::kFinishWrapUp: {
      const svc::FinishWrapUp& from = item.finish_wrap_up();
      return DispositionInput{item.agent_id(),       std::move(request), from.interaction_id(),
                              from.disposition_id(), from.comment(),     true};
    }
    case svc::AgentItem::kSetDisposition: {
      const svc::SetDisposition& from = item.set_disposition();
      return DispositionInput{item.agent_id(),       std::move(request), from.interaction_id(),
                              from.disposition_id(), from.comment(),     false};
    }
    case svc::AgentItem::kHeartbeat:
      return HeartbeatInput{item.agent_id(), std::move(request), gateway_id};
    default:
      return Missing("item");
  }
}

svc::DeliveryItem ToWire(const std::string& tenant_id, const OwnerMessage& message) {
  svc::DeliveryItem item;
  item.set_tenant_id(tenant_id);
  item.set_interaction_id(message.interaction_id);
  std::visit(OwnerFiller{item}, message.body);
  return item;
}

svc::GatewayItem ToWire(const std::string& tenant_id, const Reply& reply) {
  svc::GatewayItem item;
  item.set_tenant_id(tenant_id);
  item.set_agent_id(reply.agent_id);
  item.mutable_result()->set_request_id(reply.request.request_id);
  item.mutable_result()->set_code(static_cast<int>(reply.status.code()));
  item.mutable_result()->set_message(std::string(reply.status.message()));
  return item;
}

svc::GatewayItem ToWire(const std::string& tenant_id, const AgentView& view) {
  const Agent& agent = view.agent;
  svc::GatewayItem item;
  item.set_tenant_id(tenant_id);
  item.set_agent_id(agent.agent_id);
  pb::AgentStatus* to = item.mutable_agent();
  to->set_tenant_id(tenant_id);
  to->set_agent_id(agent.agent_id);
  to->set_state(ToProto(agent.state));
  to->set_reason_id(agent.reason_id);
  SetTime(agent.state_time, to->mutable_state_time());
  if (!agent.interaction_id.empty()) {
    ToProto(agent.interaction_id, agent.queue_id, agent.enqueue_time, agent.summary,
            to->mutable_interaction());
  }
  if (view.offer) {
    ToProto(*view.offer, to->mutable_offer());
    to->mutable_offer()->set_tenant_id(tenant_id);
    to->mutable_offer()->set_interaction_id(agent.interaction_id);
    to->mutable_offer()->set_queue_id(agent.queue_id);
    *to->mutable_offer()->mutable_interaction() = to->interaction();
  }
  if (agent.state == AgentState::kWrapUp) {
    SetTime(agent.wrap_up_deadline, to->mutable_wrap_up_deadline());
  }
  if (agent.next) {
    to->set_next_state(ToProto(agent.next->state));
    to->set_next_reason_id(agent.next->reason_id);
  }
  to->set_sequence(agent.sequence);
  SetTime(agent.login_time, to->mutable_login_time());
  to->set_handled_today(agent.handled_today);
  to->set_connection_lost(agent.signed_in() && !agent.connected);
  return item;
}

svc::GatewayItem ToWire(const std::string& tenant_id, const QueueView& view) {
  svc::GatewayItem item;
  item.set_tenant_id(tenant_id);
  pb::QueueStatus* to = item.mutable_queue();
  to->set_tenant_id(tenant_id);
  to->set_queue_id(view.queue_id);
  to->set_waiting(view.waiting);
  if (view.longest_enqueue_time != absl::InfiniteFuture()) {
    SetTime(view.longest_enqueue_time, to->mutable_longest_enqueue_time());
  }
  to->set_agents_ready(view.agents_ready);
  to->set_agents_engaged(view.agents_engaged);
  to->set_agents_not_ready(view.agents_not_ready);
  to->set_agents_signed_in(view.agents_signed_in);
  to->set_offered_today(view.today.offered);
  to->set_answered_today(view.today.answered);
  to->set_abandoned_today(view.today.abandoned);
  to->set_answered_within_threshold_today(view.today.answered_within_threshold);
  SetDuration(view.today.average_wait(), to->mutable_average_wait_today());
  to->set_unservable(view.unservable);
  return item;
}

}  // namespace zvon::routing
