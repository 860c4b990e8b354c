#include "services/routing/adapters/state_codec.h"

#include <utility>

#include "services/routing/adapters/proto_values.h"
#include "zvon/routing/v1/state.pb.h"

namespace zvon::routing {
namespace {

namespace pb = zvon::routing::v1;

pb::EntryState ToProto(EntryState state) {
  switch (state) {
    case EntryState::kWaiting:
      return pb::ENTRY_STATE_WAITING;
    case EntryState::kOffered:
      return pb::ENTRY_STATE_OFFERED;
    case EntryState::kAssigned:
      return pb::ENTRY_STATE_ASSIGNED;
  }
  return pb::ENTRY_STATE_UNSPECIFIED;
}

EntryState FromProto(pb::EntryState state) {
  if (state == pb::ENTRY_STATE_OFFERED) return EntryState::kOffered;
  if (state == pb::ENTRY_STATE_ASSIGNED) return EntryState::kAssigned;
  return EntryState::kWaiting;
}

absl::Status BadRecord(const char* what) {
  return absl::DataLossError(std::string("bad ") + what + " in the store");
}

}  // namespace

std::string Encode(const Agent& agent) {
  pb::AgentRecord to;
  to.set_agent_id(agent.agent_id);
  to.set_state(ToProto(agent.state));
  to.set_reason_id(agent.reason_id);
  SetTime(agent.state_time, to.mutable_state_time());
  SetTime(agent.login_time, to.mutable_login_time());
  SetTime(agent.release_time, to.mutable_release_time());
  if (!agent.interaction_id.empty()) {
    ToProto(agent.interaction_id, agent.queue_id, agent.enqueue_time, agent.summary,
            to.mutable_interaction());
  }
  if (agent.state == AgentState::kWrapUp) {
    SetTime(agent.wrap_up_deadline, to.mutable_wrap_up_deadline());
  }
  if (agent.next) {
    to.set_next_state(ToProto(agent.next->state));
    to.set_next_reason_id(agent.next->reason_id);
  }
  to.set_sequence(agent.sequence);
  to.set_handled_today(agent.handled_today);
  to.set_handled_day(agent.handled_day);
  to.set_gateway_id(agent.gateway_id);
  return to.SerializeAsString();
}

absl::StatusOr<Agent> DecodeAgent(const std::string& bytes) {
  pb::AgentRecord from;
  if (!from.ParseFromString(bytes)) return BadRecord("agent");
  Agent to;
  to.agent_id = from.agent_id();
  to.state = FromProto(from.state()).value_or(AgentState::kOffline);
  to.reason_id = from.reason_id();
  to.state_time = GetTime(from.state_time());
  to.login_time = GetTime(from.login_time());
  to.release_time = GetTime(from.release_time());
  if (from.has_interaction()) {
    to.interaction_id = from.interaction().interaction_id();
    to.queue_id = from.interaction().queue_id();
    to.enqueue_time = GetTime(from.interaction().enqueue_time());
    to.summary = FromProto(from.interaction());
  }
  if (from.has_wrap_up_deadline()) to.wrap_up_deadline = GetTime(from.wrap_up_deadline());
  if (const auto next = FromProto(from.next_state())) {
    to.next = NextState{*next, from.next_reason_id()};
  }
  to.sequence = from.sequence();
  to.handled_today = from.handled_today();
  to.handled_day = from.handled_day();
  to.gateway_id = from.gateway_id();
  return to;
}

std::string Encode(const Entry& entry) {
  pb::EntryRecord to;
  ToProto(entry.interaction_id, entry.queue_id, entry.enqueue_time, entry.summary,
          to.mutable_interaction());
  to.set_queue_id(entry.queue_id);
  *to.mutable_skill_ids() = {entry.skills.begin(), entry.skills.end()};
  to.set_priority(entry.priority);
  SetTime(entry.enqueue_time, to.mutable_enqueue_time());
  SetTime(entry.enter_time, to.mutable_enter_time());
  if (entry.wait_deadline != absl::InfiniteFuture()) {
    SetTime(entry.wait_deadline, to.mutable_wait_deadline());
  }
  to.set_state(ToProto(entry.state));
  if (entry.state != EntryState::kWaiting) ToProto(entry.offer, to.mutable_offer());
  to.set_owner_id(entry.owner_id);
  to.set_ended_offer_id(entry.ended_offer_id);
  ToProto(entry.ended_token, to.mutable_ended_token());
  for (const auto& [agent_id, until] : entry.avoid)
    SetTime(until, &(*to.mutable_avoid())[agent_id]);
  return to.SerializeAsString();
}

absl::StatusOr<Entry> DecodeEntry(const std::string& bytes) {
  pb::EntryRecord from;
  if (!from.ParseFromString(bytes)) return BadRecord("entry");
  Entry to;
  to.interaction_id = from.interaction().interaction_id();
  to.queue_id = from.queue_id();
  to.skills = MakeSkillSet({from.skill_ids().begin(), from.skill_ids().end()});
  to.priority = from.priority();
  to.enqueue_time = GetTime(from.enqueue_time());
  to.enter_time = GetTime(from.enter_time());
  if (from.has_wait_deadline()) to.wait_deadline = GetTime(from.wait_deadline());
  to.summary = FromProto(from.interaction());
  to.state = FromProto(from.state());
  if (from.has_offer()) to.offer = FromProto(from.offer());
  to.owner_id = from.owner_id();
  to.ended_offer_id = from.ended_offer_id();
  to.ended_token = FromProto(from.ended_token());
  for (const auto& [agent_id, until] : from.avoid()) to.avoid[agent_id] = GetTime(until);
  return to;
}

std::string Encode(const QueueCounters& counters) {
  pb::QueueCountersRecord to;
  to.set_queue_id(counters.queue_id);
  to.set_day(counters.day);
  to.set_offered(counters.offered);
  to.set_answered(counters.answered);
  to.set_abandoned(counters.abandoned);
  to.set_answered_within_threshold(counters.answered_within_threshold);
  SetDuration(counters.answered_wait, to.mutable_answered_wait());
  return to.SerializeAsString();
}

absl::StatusOr<QueueCounters> DecodeCounters(const std::string& bytes) {
  pb::QueueCountersRecord from;
  if (!from.ParseFromString(bytes)) return BadRecord("queue counters");
  QueueCounters to;
  to.queue_id = from.queue_id();
  to.day = from.day();
  to.offered = from.offered();
  to.answered = from.answered();
  to.abandoned = from.abandoned();
  to.answered_within_threshold = from.answered_within_threshold();
  to.answered_wait = GetDuration(from.answered_wait());
  return to;
}

std::string Encode(const OutboxEvent& event) {
  pb::OutboxRecord to;
  to.set_topic(event.topic);
  to.set_key(event.key);
  to.set_event_id(event.event_id);
  to.set_type(event.type);
  SetTime(event.time, to.mutable_time());
  to.set_payload(event.payload);
  return to.SerializeAsString();
}

absl::StatusOr<OutboxEvent> DecodeOutboxEvent(const std::string& bytes) {
  pb::OutboxRecord from;
  if (!from.ParseFromString(bytes)) return BadRecord("outbox event");
  OutboxEvent to;
  to.topic = from.topic();
  to.key = from.key();
  to.event_id = from.event_id();
  to.type = from.type();
  to.time = GetTime(from.time());
  to.payload = from.payload();
  return to;
}

}  // namespace zvon::routing
