#include "services/routing/adapters/proto_values.h"

namespace zvon::routing {
namespace pb = zvon::routing::v1;

void SetTime(absl::Time from, google::protobuf::Timestamp* to) {
  const int64_t nanos = absl::ToUnixNanos(from);
  to->set_seconds(nanos / 1'000'000'000);
  to->set_nanos(static_cast<int32_t>(nanos % 1'000'000'000));
}

absl::Time GetTime(const google::protobuf::Timestamp& from) {
  return absl::FromUnixSeconds(from.seconds()) + absl::Nanoseconds(from.nanos());
}

void SetDuration(absl::Duration from, google::protobuf::Duration* to) {
  const int64_t nanos = absl::ToInt64Nanoseconds(from);
  to->set_seconds(nanos / 1'000'000'000);
  to->set_nanos(static_cast<int32_t>(nanos % 1'000'000'000));
}

absl::Duration GetDuration(const google::protobuf::Duration& from) {
  return absl::Seconds(from.seconds()) + absl::Nanoseconds(from.nanos());
}

pb::AgentState ToProto(AgentState state) {
  switch (state) {
    case AgentState::kOffline:
      return pb::AGENT_STATE_OFFLINE;
    case AgentState::kNotReady:
      return pb::AGENT_STATE_NOT_READY;
    case AgentState::kReady:
      return pb::AGENT_STATE_READY;
    case AgentState::kOffered:
      return pb::AGENT_STATE_OFFERED;
    case AgentState::kEngaged:
      return pb::AGENT_STATE_ENGAGED;
    case AgentState::kWrapUp:
      return pb::AGENT_STATE_WRAP_UP;
  }
  return pb::AGENT_STATE_UNSPECIFIED;
}

std::optional<AgentState> FromProto(pb::AgentState state) {
  switch (state) {
    case pb::AGENT_STATE_OFFLINE:
      return AgentState::kOffline;
    case pb::AGENT_STATE_NOT_READY:
      return AgentState::kNotReady;
    case pb::AGENT_STATE_READY:
      return AgentState::kReady;
    case pb::AGENT_STATE_OFFERED:
      return AgentState::kOffered;
    case pb::AGENT_STATE_ENGAGED:
      return AgentState::kEngaged;
    case pb::AGENT_STATE_WRAP_UP:
      return AgentState::kWrapUp;
    default:
      return std::nullopt;
  }
}

pb::QueueEntryOutcome ToProto(EntryOutcome outcome) {
  switch (outcome) {
    case EntryOutcome::kAnswered:
      return pb::QUEUE_ENTRY_OUTCOME_ANSWERED;
    case EntryOutcome::kAbandoned:
      return pb::QUEUE_ENTRY_OUTCOME_ABANDONED;
    case EntryOutcome::kFlowedOut:
      return pb::QUEUE_ENTRY_OUTCOME_FLOWED_OUT;
    case EntryOutcome::kRefused:
      return pb::QUEUE_ENTRY_OUTCOME_REFUSED;
  }
  return pb::QUEUE_ENTRY_OUTCOME_UNSPECIFIED;
}

pb::OfferOutcome ToProto(OfferOutcome outcome) {
  switch (outcome) {
    case OfferOutcome::kAccepted:
      return pb::OFFER_OUTCOME_ACCEPTED;
    case OfferOutcome::kDeclined:
      return pb::OFFER_OUTCOME_DECLINED;
    case OfferOutcome::kExpired:
      return pb::OFFER_OUTCOME_EXPIRED;
    case OfferOutcome::kRevoked:
      return pb::OFFER_OUTCOME_REVOKED;
    case OfferOutcome::kFailed:
      return pb::OFFER_OUTCOME_FAILED;
  }
  return pb::OFFER_OUTCOME_UNSPECIFIED;
}

void ToProto(const FencingToken& from, pb::FencingToken* to) {
  to->set_epoch(from.epoch);
  to->set_counter(from.counter);
}

FencingToken FromProto(const pb::FencingToken& from) { return {from.epoch(), from.counter()}; }

void ToProto(const std::string& interaction_id, const std::string& queue_id,
             absl::Time enqueue_time, const SummaryPtr& from, pb::InteractionSummary* to) {
  to->set_interaction_id(interaction_id);
  to->set_queue_id(queue_id);
  SetTime(enqueue_time, to->mutable_enqueue_time());
  if (from == nullptr) return;
  to->set_call_id(from->call_id);
  to->set_caller_number(from->caller_number);
  to->set_caller_name(from->caller_name);
  to->set_called_number(from->called_number);
  to->mutable_customer_data()->insert(from->customer_data.begin(), from->customer_data.end());
}

SummaryPtr FromProto(const pb::InteractionSummary& from) {
  auto to = std::make_shared<Summary>();
  to->call_id = from.call_id();
  to->caller_number = from.caller_number();
  to->caller_name = from.caller_name();
  to->called_number = from.called_number();
  to->customer_data.insert(from.customer_data().begin(), from.customer_data().end());
  return to;
}

void ToProto(const Offer& from, pb::Offer* to) {
  to->set_offer_id(from.offer_id);
  ToProto(from.token, to->mutable_token());
  to->set_agent_id(from.agent_id);
  SetTime(from.offer_time, to->mutable_offer_time());
  SetTime(from.deadline, to->mutable_deadline());
  to->set_reason(from.reason);
}

Offer FromProto(const pb::Offer& from) {
  Offer to;
  to.offer_id = from.offer_id();
  to.token = FromProto(from.token());
  to.agent_id = from.agent_id();
  to.offer_time = GetTime(from.offer_time());
  to.deadline = GetTime(from.deadline());
  to.reason = from.reason();
  return to;
}

}  // namespace zvon::routing
