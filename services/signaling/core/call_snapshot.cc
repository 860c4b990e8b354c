#include "services/signaling/core/call_snapshot.h"

#include "services/signaling/core/archive.h"

namespace zvon::signaling {

template <class A>
void Describe(A& a, Party& v) {
  a(1, v.number), a(2, v.display_name);
}
template <class A>
void Describe(A& a, MediaDescription& v) {
  a(1, v.address), a(2, v.port), a(3, v.codec), a(4, v.payload_type), a(5, v.dtmf_payload_type);
  a(6, v.packet_time), a(7, v.direction);
}
template <class A>
void Describe(A& a, PlayItem& v) {
  a(1, v.prompt), a(2, v.silence), a(3, v.tone_hz), a(4, v.duration);
}
template <class A>
void Describe(A& a, MediaQuality& v) {
  a(1, v.packets_received), a(2, v.packets_sent), a(3, v.packets_lost), a(4, v.packets_refused);
  a(5, v.jitter);
}
template <class A>
void Describe(A& a, FencingToken& v) {
  a(1, v.epoch), a(2, v.counter);
}
template <class A>
void Describe(A& a, DialContact& v) {
  a(1, v.uri), a(2, v.flow), a(3, v.trunk_id), a(4, v.direct_media);
}
template <class A>
void Describe(A& a, Branch& v) {
  a(1, v.id), a(2, v.state), a(3, v.contact);
}
template <class A>
void Describe(A& a, Leg& v) {
  a(1, v.id), a(2, v.kind), a(3, v.outgoing), a(4, v.progress), a(5, v.party), a(6, v.agent_id);
  a(7, v.trunk_id), a(8, v.branches), a(9, v.branches_made), a(10, v.branch), a(11, v.media);
  a(12, v.local_address), a(13, v.local_port), a(14, v.remote), a(15, v.body);
  a(16, v.early_wanted), a(17, v.early_sent), a(18, v.answer_wanted), a(19, v.ringing),
      a(20, v.acked);
  a(21, v.held_by_phone), a(22, v.held_by_desktop), a(23, v.moving), a(24, v.reinvite_wanted);
  a(25, v.reported), a(26, v.start_time), a(27, v.answer_time), a(28, v.state_time),
      a(29, v.end_time);
  a(30, v.cause), a(31, v.sip_code), a(32, v.quality), a(33, v.told_agent);
}
template <class A>
void Describe(A& a, Run& v) {
  a(1, v.state), a(2, v.scenario_id), a(3, v.replica), a(4, v.transfer_command_id);
  a(5, v.queue_is_agents);
}
template <class A>
void Describe(A& a, QueueStay& v) {
  a(1, v.state), a(2, v.queue_id), a(3, v.skill_ids), a(4, v.priority), a(5, v.wait_max);
  a(6, v.enqueue_time), a(7, v.customer_data), a(8, v.offer_id), a(9, v.token), a(10, v.deadline);
  a(11, v.agent_id);
}
template <class A>
void Describe(A& a, Dial& v) {
  a(1, v.purpose), a(2, v.leg_id), a(3, v.fallbacks), a(4, v.target), a(5, v.request_id);
  a(6, v.referrer_branch);
}
template <class A>
void Describe(A& a, Playing& v) {
  a(1, v.leg_id), a(2, v.play_id), a(3, v.items), a(4, v.loop), a(5, v.stop_on_digit), a(6, v.ours);
  a(7, v.start_time);
}
template <class A>
void Describe(A& a, Recording& v) {
  a(1, v.id), a(2, v.left_leg_id), a(3, v.right_leg_id), a(4, v.agent_id), a(5, v.start_time);
}

namespace {
struct TimerRow {
  CallTimer timer = CallTimer::kDeadline;
  std::string leg_id;
  absl::Time time;
};
}  // namespace
template <class A>
void Describe(A& a, TimerRow& v) {
  a(1, v.timer), a(2, v.leg_id), a(3, v.time);
}

template <class A>
void Describe(A& a, CallState& v) {
  a(1, v.call_id), a(2, v.tenant_id), a(3, v.interaction_id), a(4, v.direction), a(5, v.caller);
  a(6, v.called_number), a(7, v.trunk_id), a(8, v.traceparent), a(9, v.start_time), a(10, v.phase);
  a(11, v.answered), a(12, v.cause), a(13, v.sip_code), a(14, v.legs), a(15, v.media_node);
  a(16, v.media_down), a(17, v.bridge_left), a(18, v.bridge_right), a(19, v.talk_agent);
  a(20, v.assignment), a(21, v.run), a(22, v.queue), a(23, v.dial), a(24, v.playing);
  a(25, v.recording), a(26, v.reoffer_branch), a(28, v.fact_sequence), a(29, v.play_counter);
}

std::string SerializeCall(const CallState& state) {
  ArchiveWriter writer;
  Describe(writer, const_cast<CallState&>(state));
  std::vector<TimerRow> timers;
  for (const auto& [key, time] : state.timers) timers.push_back({key.first, key.second, time});
  writer(27, timers);
  return writer.Take();
}

absl::StatusOr<CallState> ParseCall(std::string_view bytes) {
  CallState state;
  ArchiveReader reader(bytes);
  Describe(reader, state);
  std::vector<TimerRow> timers;
  reader(27, timers);
  for (const TimerRow& row : timers) state.timers[{row.timer, row.leg_id}] = row.time;
  if (!reader.ok() || state.call_id.empty())
    return absl::InvalidArgumentError("not a call snapshot");
  return state;
}

}  // namespace zvon::signaling
