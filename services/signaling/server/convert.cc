#include "services/signaling/server/convert.h"

namespace zvon::signaling {
namespace {
namespace call_pb = zvon::call::v1;
namespace media_pb = zvon::media::v1;
namespace media_svc = zvon::mediaservice::v1;
namespace run_svc = zvon::scenarioservice::v1;
namespace routing_svc = zvon::routingservice::v1;
namespace routing_pb = zvon::routing::v1;
namespace agent_svc = zvon::signalingservice::v1;
namespace events_pb = zvon::events::v1;

template <class To, class From>
To Same(From value) {
  return static_cast<To>(static_cast<int>(value));
}
static_assert(static_cast<int>(EndCause::kOverload) == call_pb::END_CAUSE_OVERLOAD);
static_assert(static_cast<int>(LegState::kEnded) == call_pb::LEG_STATE_ENDED);
static_assert(static_cast<int>(Codec::kPcma) == media_pb::CODEC_PCMA);
static_assert(static_cast<int>(Direction::kInactive) == media_pb::DIRECTION_INACTIVE);
static_assert(static_cast<int>(LegKind::kOther) == events_pb::LEG_KIND_OTHER);
static_assert(static_cast<int>(CallDirection::kInternal) == events_pb::CALL_DIRECTION_INTERNAL);
static_assert(static_cast<int>(RoutingOrder::Progress::kExpired) ==
              routing_svc::OfferProgress::PROGRESS_EXPIRED);
static_assert(static_cast<int>(RoutingOrder::Outcome::kAbandoned) ==
              routing_pb::QUEUE_ENTRY_OUTCOME_ABANDONED);
static_assert(static_cast<int>(RoutingOrder::Outcome::kFlowedOut) ==
              routing_pb::QUEUE_ENTRY_OUTCOME_FLOWED_OUT);
static_assert(static_cast<int>(RunOrder::QueueOutcome::kTalkEnded) ==
              run_svc::QueueEnded::OUTCOME_TALK_ENDED);

void Fill(const MediaDescription& from, media_pb::RemoteDescription* to) {
  to->set_address(from.address);
  to->set_port(from.port);
  to->set_codec(Same<media_pb::Codec>(from.codec));
  to->set_payload_type(from.payload_type);
  to->set_dtmf_payload_type(from.dtmf_payload_type);
  *to->mutable_packet_time() = ToProto(from.packet_time);
  to->set_direction(Same<media_pb::Direction>(from.direction));
}
void Fill(const PlayItem& from, media_pb::PlayItem* to) {
  if (!from.prompt.empty()) {
    to->set_prompt(from.prompt);
  } else if (from.tone_hz != 0) {
    to->set_tone_hz(from.tone_hz);
    *to->mutable_duration() = ToProto(from.duration);
  } else {
    *to->mutable_silence() = ToProto(from.silence);
  }
}
PlayItem ItemOf(const media_pb::PlayItem& from) {
  PlayItem item;
  item.prompt = from.prompt();
  item.tone_hz = from.tone_hz();
  if (from.has_silence()) item.silence = FromProto(from.silence());
  if (from.has_duration()) item.duration = FromProto(from.duration());
  return item;
}
void Fill(const Party& from, call_pb::Party* to) {
  to->set_number(from.number);
  to->set_display_name(from.display_name);
}
void Fill(const MediaQuality& from, media_pb::MediaQuality* to) {
  to->set_packets_received(from.packets_received);
  to->set_packets_sent(from.packets_sent);
  to->set_packets_lost(from.packets_lost);
  to->set_packets_refused(from.packets_refused);
  *to->mutable_jitter() = ToProto(from.jitter);
}
void Fill(const FencingToken& from, routing_pb::FencingToken* to) {
  to->set_epoch(from.epoch);
  to->set_counter(from.counter);
}
}  // namespace

google::protobuf::Timestamp ToProto(absl::Time time) {
  google::protobuf::Timestamp out;
  const int64_t seconds = absl::ToUnixSeconds(time);
  out.set_seconds(seconds);
  out.set_nanos(
      static_cast<int32_t>((time - absl::FromUnixSeconds(seconds)) / absl::Nanoseconds(1)));
  return out;
}
google::protobuf::Duration ToProto(absl::Duration duration) {
  google::protobuf::Duration out;
  absl::Duration rest = duration;
  out.set_seconds(absl::IDivDuration(rest, absl::Seconds(1), &rest));
  out.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(rest)));
  return out;
}
absl::Time FromProto(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}
absl::Duration FromProto(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

// --- Media.

media_svc::MediaCommand ToProto(const CallState& call, const MediaOrder& order) {
  using Kind = MediaOrder::Kind;
  media_svc::MediaCommand out;
  out.set_call_id(call.call_id);
  switch (order.kind) {
    case Kind::kCreateEndpoint: {
      auto* c = out.mutable_create_endpoint();
      c->set_endpoint_id(order.endpoint_id);
      c->set_port(order.port);
      if (order.remote.known()) Fill(order.remote, c->mutable_remote());
      break;
    }
    case Kind::kUpdateEndpoint: {
      auto* c = out.mutable_update_endpoint();
      c->set_endpoint_id(order.endpoint_id);
      Fill(order.remote, c->mutable_remote());
      break;
    }
    case Kind::kDeleteEndpoint:
      out.mutable_delete_endpoint()->set_endpoint_id(order.endpoint_id);
      break;
    case Kind::kPlay: {
      auto* c = out.mutable_play();
      c->set_endpoint_id(order.endpoint_id);
      c->set_play_id(order.object_id);
      for (const PlayItem& item : order.items) Fill(item, c->add_items());
      c->set_loop(order.loop);
      c->set_stop_on_digit(order.stop_on_digit);
      if (order.offset > absl::ZeroDuration()) *c->mutable_offset() = ToProto(order.offset);
      break;
    }
    case Kind::kStopPlay: {
      auto* c = out.mutable_stop_play();
      c->set_endpoint_id(order.endpoint_id);
      c->set_play_id(order.object_id);
      break;
    }
    case Kind::kBridge: {
      auto* c = out.mutable_bridge();
      c->set_endpoint_id(order.endpoint_id);
      c->set_other_endpoint_id(order.other_endpoint_id);
      break;
    }
    case Kind::kUnbridge:
      out.mutable_unbridge()->set_endpoint_id(order.endpoint_id);
      break;
    case Kind::kStartRecording: {
      auto* c = out.mutable_start_recording();
      c->set_recording_id(order.object_id);
      c->set_tenant_id(call.tenant_id);
      c->set_interaction_id(call.interaction_id);
      c->set_left_endpoint_id(order.endpoint_id);
      c->set_right_endpoint_id(order.other_endpoint_id);
      c->set_right_agent_id(order.agent_id);
      break;
    }
    case Kind::kStopRecording:
      out.mutable_stop_recording()->set_recording_id(order.object_id);
      break;
    case Kind::kSendDigits: {
      auto* c = out.mutable_send_digits();
      c->set_endpoint_id(order.endpoint_id);
      c->set_digits(order.digits);
      break;
    }
    case Kind::kEcho:
      out.mutable_echo()->set_endpoint_id(order.endpoint_id);
      break;
    case Kind::kDeleteCall:
      out.mutable_delete_call();
      break;
  }
  return out;
}

std::optional<CallInput> FromProto(const media_svc::MediaEvent& event) {
  using Event = media_svc::MediaEvent;
  switch (event.event_case()) {
    case Event::kEndpointReady: {
      const auto& e = event.endpoint_ready();
      return EndpointReady{e.endpoint_id(), e.local_address(), e.local_port()};
    }
    case Event::kCommandFailed: {
      const auto& e = event.command_failed();
      return MediaFailed{e.command(), e.endpoint_id(), e.message()};
    }
    case Event::kPlayFinished: {
      const auto& e = event.play_finished();
      using Reason = media_svc::PlayFinished;
      return PlayFinished{e.endpoint_id(), e.play_id(), e.reason() == Reason::REASON_DIGIT,
                          e.reason() == Reason::REASON_FAILED,
                          e.reason() == Reason::REASON_STOPPED};
    }
    case Event::kDigitReceived:
      return DigitHeard{event.digit_received().endpoint_id(), event.digit_received().digit()};
    case Event::kMediaTimeout:
      return MediaTimedOut{event.media_timeout().endpoint_id()};
    case Event::kEndpointClosed: {
      const auto& q = event.endpoint_closed().quality();
      EndpointClosed closed;
      closed.endpoint_id = event.endpoint_closed().endpoint_id();
      closed.quality = {q.packets_received(), q.packets_sent(), q.packets_lost(),
                        q.packets_refused(), FromProto(q.jitter())};
      return closed;
    }
    default:
      return std::nullopt;
  }
}

// --- Scenario.

call_pb::CallInfo InfoOf(const CallState& call) {
  call_pb::CallInfo info;
  info.set_call_id(call.call_id);
  info.set_tenant_id(call.tenant_id);
  info.set_interaction_id(call.interaction_id);
  Fill(call.caller, info.mutable_caller());
  info.set_called_number(call.called_number);
  info.set_trunk_id(call.trunk_id);
  *info.mutable_start_time() = ToProto(call.start_time);
  info.set_traceparent(call.traceparent);
  return info;
}

run_svc::RunEvent ToProto(const CallState& call, const RunOrder& order) {
  using Kind = RunOrder::Kind;
  run_svc::RunEvent out;
  out.set_run_id(call.call_id);
  switch (order.kind) {
    case Kind::kStart:
      *out.mutable_start()->mutable_call() = InfoOf(call);
      out.mutable_start()->set_scenario_id(call.run.scenario_id);
      break;
    case Kind::kResume: {
      auto* e = out.mutable_resume();
      *e->mutable_call() = InfoOf(call);
      e->set_scenario_id(call.run.scenario_id);
      e->set_answered(order.answered);
      e->set_queued(order.queued);
      e->set_connected(order.connected);
      break;
    }
    case Kind::kAnswered:
      out.mutable_answered();
      break;
    case Kind::kPlayFinished: {
      auto* e = out.mutable_play_finished();
      e->set_play_id(order.play_id);
      e->set_by_digit(order.by_digit);
      e->set_failed(order.failed);
      break;
    }
    case Kind::kDigit:
      out.mutable_digit()->set_digit(order.digit);
      break;
    case Kind::kQueueProgress:
      out.mutable_queue_progress()->set_position(order.position);
      *out.mutable_queue_progress()->mutable_waited() = ToProto(order.waited);
      break;
    case Kind::kQueueEnded: {
      auto* e = out.mutable_queue_ended();
      e->set_outcome(Same<run_svc::QueueEnded::Outcome>(order.outcome));
      e->set_agent_id(order.agent_id);
      e->set_message(order.message);
      break;
    }
    case Kind::kTransferEnded:
      out.mutable_transfer_ended()->set_connected(order.connected);
      out.mutable_transfer_ended()->set_cause(Same<call_pb::EndCause>(order.cause));
      break;
    case Kind::kCallEnded:
      out.mutable_call_ended()->set_cause(Same<call_pb::EndCause>(order.cause));
      break;
    case Kind::kCommandFailed: {
      auto* e = out.mutable_command_failed();
      e->set_command_id(order.command_id);
      e->set_code(order.code);
      e->set_message(order.message);
      break;
    }
  }
  return out;
}

std::optional<CallInput> FromProto(const run_svc::RunCommand& command) {
  using Command = run_svc::RunCommand;
  using Kind = RunCommandReceived::Kind;
  RunCommandReceived in;
  in.command_id = command.command_id();
  switch (command.command_case()) {
    case Command::kAnswer:
      in.kind = Kind::kAnswer;
      return in;
    case Command::kPlay:
      in.kind = Kind::kPlay;
      in.play_id = command.play().play_id();
      for (const auto& item : command.play().items()) in.items.push_back(ItemOf(item));
      in.loop = command.play().loop();
      in.stop_on_digit = command.play().stop_on_digit();
      return in;
    case Command::kStopPlay:
      in.kind = Kind::kStopPlay;
      in.play_id = command.stop_play().play_id();
      return in;
    case Command::kEnqueue: {
      const auto& c = command.enqueue();
      in.kind = Kind::kEnqueue;
      in.queue_id = c.queue_id();
      in.skill_ids.assign(c.skill_ids().begin(), c.skill_ids().end());
      in.priority = c.priority();
      in.wait_max = FromProto(c.wait_max());
      in.customer_data.insert(c.customer_data().begin(), c.customer_data().end());
      return in;
    }
    case Command::kLeaveQueue:
      in.kind = Kind::kLeaveQueue;
      return in;
    case Command::kTransfer:
      in.kind = Kind::kTransfer;
      in.number = command.transfer().number();
      in.user_id = command.transfer().user_id();
      in.ring_timeout = FromProto(command.transfer().ring_timeout());
      return in;
    case Command::kHangUp:
      in.kind = Kind::kHangUp;
      return in;
    case Command::kEcho:
      in.kind = Kind::kEcho;
      return in;
    case Command::kEnd:
      in.kind = Kind::kEnd;
      return in;
    case Command::kRefused:
      in.kind = Kind::kRefused;
      in.message = command.refused().message();
      return in;
    case Command::COMMAND_NOT_SET:
      return std::nullopt;
  }
  return std::nullopt;
}

// --- Routing.

routing_svc::OwnerItem ToProto(const CallState& call, const RoutingOrder& order) {
  using Kind = RoutingOrder::Kind;
  routing_svc::OwnerItem out;
  out.set_tenant_id(call.tenant_id);
  out.set_interaction_id(call.interaction_id);
  switch (order.kind) {
    case Kind::kEnqueue: {
      auto* e = out.mutable_enqueue();
      e->set_queue_id(call.queue.queue_id);
      for (const std::string& skill : call.queue.skill_ids) e->add_skill_ids(skill);
      e->set_priority(call.queue.priority);
      *e->mutable_enqueue_time() = ToProto(call.queue.enqueue_time);
      if (call.queue.wait_max > absl::ZeroDuration())
        *e->mutable_wait_max() = ToProto(call.queue.wait_max);
      e->set_republished(order.republished);
      e->set_assigned_agent_id(order.assigned_agent_id);
      auto* s = e->mutable_summary();
      s->set_interaction_id(call.interaction_id);
      s->set_call_id(call.call_id);
      s->set_caller_number(call.caller.number);
      s->set_caller_name(call.caller.display_name);
      s->set_called_number(call.called_number);
      s->set_queue_id(call.queue.queue_id);
      *s->mutable_enqueue_time() = ToProto(call.queue.enqueue_time);
      s->mutable_customer_data()->insert(call.queue.customer_data.begin(),
                                         call.queue.customer_data.end());
      break;
    }
    case Kind::kWithdraw:
      out.mutable_withdraw()->set_outcome(Same<routing_pb::QueueEntryOutcome>(order.outcome));
      break;
    case Kind::kOfferProgress: {
      auto* p = out.mutable_offer_progress();
      p->set_offer_id(order.offer_id);
      Fill(order.token, p->mutable_token());
      p->set_progress(Same<routing_svc::OfferProgress::Progress>(order.progress));
      p->set_message(order.message);
      break;
    }
    case Kind::kAssignmentEnded:
      out.mutable_assignment_ended()->set_agent_id(order.agent_id);
      out.mutable_assignment_ended()->set_cause(order.cause);
      break;
  }
  return out;
}

std::optional<CallInput> FromProto(const routing_svc::DeliveryItem& item) {
  using Item = routing_svc::DeliveryItem;
  switch (item.item_case()) {
    case Item::kPosition:
      return QueuePositionTold{item.position().position()};
    case Item::kRefused:
      return EnqueueRefused{item.refused().message()};
    case Item::kOffer: {
      const auto& o = item.offer();
      OfferReceived in;
      in.offer_id = o.offer_id();
      in.token = {o.token().epoch(), o.token().counter()};
      in.queue_id = o.queue_id();
      in.agent_id = o.agent_id();
      in.deadline = FromProto(o.deadline());
      return in;
    }
    case Item::kOfferRevoked:
      return OfferRevoked{item.offer_revoked().offer_id()};
    case Item::kAssigned:
      return AgentAssigned{item.assigned().offer_id(), item.assigned().agent_id()};
    case Item::kWaitExpired:
      return WaitExpired{};
    default:
      return std::nullopt;
  }
}

// --- Agents.

agent_svc::AgentCall ToProto(const CallState& call, const Leg& leg) {
  agent_svc::AgentCall out;
  out.set_tenant_id(call.tenant_id);
  out.set_agent_id(leg.agent_id);
  out.set_call_id(call.call_id);
  out.set_interaction_id(call.interaction_id);
  LegState state = LegState::kRinging;
  if (!leg.live()) {
    state = LegState::kEnded;
  } else if (leg.answered()) {
    state = leg.held() ? LegState::kHeld : LegState::kAnswered;
  }
  out.set_state(Same<call_pb::LegState>(state));
  const Leg* other = nullptr;
  for (const Leg& candidate : call.legs) {
    if (candidate.id != leg.id && (other == nullptr || candidate.live())) other = &candidate;
  }
  if (other != nullptr) {
    Fill(other->party, out.mutable_other_party());
  } else {
    out.mutable_other_party()->set_number(call.called_number);
  }
  out.set_called_number(call.called_number);
  const bool by_queue = call.queue.agent_id == leg.agent_id && !call.queue.offer_id.empty();
  if (by_queue) {
    out.set_queue_id(call.queue.queue_id);
    out.set_offer_id(call.queue.offer_id);
  }
  *out.mutable_state_time() = ToProto(leg.state_time);
  out.set_recording(call.recording.right_leg_id == leg.id || call.recording.left_leg_id == leg.id);
  out.set_end_cause(Same<call_pb::EndCause>(leg.cause));
  out.mutable_customer_data()->insert(call.queue.customer_data.begin(),
                                      call.queue.customer_data.end());
  return out;
}

std::optional<AgentCommand> FromProto(const agent_svc::AgentCommand& command) {
  using Command = agent_svc::AgentCommand;
  AgentCommand in;
  in.request_id = command.request_id();
  in.agent_id = command.agent_id();
  switch (command.command_case()) {
    case Command::kAnswer:
      in.kind = AgentCommand::Kind::kAnswer;
      return in;
    case Command::kHold:
      in.kind = AgentCommand::Kind::kHold;
      return in;
    case Command::kResume:
      in.kind = AgentCommand::Kind::kResume;
      return in;
    case Command::kHangUp:
      in.kind = AgentCommand::Kind::kHangUp;
      return in;
    case Command::kBlindTransfer:
      in.kind = AgentCommand::Kind::kBlindTransfer;
      in.number = command.blind_transfer().number();
      in.queue_id = command.blind_transfer().queue_id();
      in.target_agent_id = command.blind_transfer().agent_id();
      return in;
    case Command::kSendDigits:
      in.kind = AgentCommand::Kind::kSendDigits;
      in.digits = command.send_digits().digits();
      return in;
    default:
      return std::nullopt;
  }
}

// --- Facts.

const char* TypeOf(Fact::Kind kind) {
  using Kind = Fact::Kind;
  switch (kind) {
    case Kind::kCallStarted:
      return "zvon.call.started";
    case Kind::kCallAnswered:
      return "zvon.call.answered";
    case Kind::kCallEnded:
      return "zvon.call.ended";
    case Kind::kLegStarted:
      return "zvon.leg.started";
    case Kind::kLegAnswered:
      return "zvon.leg.answered";
    case Kind::kLegEnded:
      return "zvon.leg.ended";
    case Kind::kHoldStarted:
      return "zvon.hold.started";
    case Kind::kHoldEnded:
      return "zvon.hold.ended";
    case Kind::kCallTransferred:
      return "zvon.call.transferred";
    case Kind::kLegsBridged:
      return "zvon.legs.bridged";
    case Kind::kRecordingStarted:
      return "zvon.recording.started";
    case Kind::kRecordingEnded:
      return "zvon.recording.ended";
    case Kind::kMediaMoved:
      return "zvon.media.moved";
  }
  return "";
}

events_pb::Event ToProto(const CallState& call, const Fact& fact) {
  using Kind = Fact::Kind;
  events_pb::Event out;
  *out.mutable_occur_time() = ToProto(fact.time);
  out.set_tenant_id(call.tenant_id);
  out.set_interaction_id(call.interaction_id);
  out.set_call_id(call.call_id);
  out.set_agent_id(fact.agent_id);
  out.set_traceparent(call.traceparent);
  out.set_sequence(fact.sequence);
  const auto kind = Same<events_pb::LegKind>(fact.leg_kind);
  const auto cause = Same<call_pb::EndCause>(fact.cause);
  switch (fact.kind) {
    case Kind::kCallStarted: {
      auto* f = out.mutable_call_started();
      f->set_direction(Same<events_pb::CallDirection>(call.direction));
      f->set_caller_number(call.caller.number);
      f->set_caller_name(call.caller.display_name);
      f->set_called_number(call.called_number);
      f->set_trunk_id(call.trunk_id);
      f->set_scenario_id(call.run.scenario_id);
      break;
    }
    case Kind::kCallAnswered:
      out.mutable_call_answered();
      break;
    case Kind::kCallEnded:
      out.mutable_call_ended()->set_cause(cause);
      out.mutable_call_ended()->set_sip_code(fact.sip_code);
      break;
    case Kind::kLegStarted: {
      auto* f = out.mutable_leg_started();
      f->set_leg_id(fact.leg_id);
      f->set_kind(kind);
      f->set_number(fact.text);
      break;
    }
    case Kind::kLegAnswered:
      out.mutable_leg_answered()->set_leg_id(fact.leg_id);
      out.mutable_leg_answered()->set_kind(kind);
      break;
    case Kind::kLegEnded: {
      auto* f = out.mutable_leg_ended();
      f->set_leg_id(fact.leg_id);
      f->set_kind(kind);
      f->set_cause(cause);
      f->set_sip_code(fact.sip_code);
      Fill(fact.quality, f->mutable_quality());
      break;
    }
    case Kind::kHoldStarted:
      out.mutable_hold_started()->set_leg_id(fact.leg_id);
      break;
    case Kind::kHoldEnded:
      out.mutable_hold_ended()->set_leg_id(fact.leg_id);
      break;
    case Kind::kCallTransferred:
      out.mutable_call_transferred()->set_target(fact.text);
      out.mutable_call_transferred()->set_succeeded(fact.succeeded);
      break;
    case Kind::kLegsBridged:
      out.mutable_legs_bridged()->set_leg_id(fact.leg_id);
      out.mutable_legs_bridged()->set_other_leg_id(fact.other_leg_id);
      break;
    case Kind::kRecordingStarted:
      out.mutable_recording_started()->set_recording_id(fact.recording_id);
      out.mutable_recording_started()->set_agent_leg_id(fact.leg_id);
      break;
    case Kind::kRecordingEnded:
      out.mutable_recording_ended()->set_recording_id(fact.recording_id);
      *out.mutable_recording_ended()->mutable_talked() = ToProto(fact.length);
      break;
    case Kind::kMediaMoved:
      *out.mutable_media_moved()->mutable_gap() = ToProto(fact.length);
      break;
  }
  return out;
}

}  // namespace zvon::signaling
