#include "services/scenario/adapters/run_codec.h"

#include <utility>

#include "zvon/scenario/v1/run_snapshot.pb.h"
#include "zvon/scenarioservice/v1/scenario_service.pb.h"

namespace zvon::scenario {
namespace {

namespace service = ::zvon::scenarioservice::v1;

absl::Duration FromProto(const google::protobuf::Duration& d) {
  return absl::Seconds(d.seconds()) + absl::Nanoseconds(d.nanos());
}
void ToProto(absl::Duration d, google::protobuf::Duration* out) {
  out->set_seconds(absl::IDivDuration(d, absl::Seconds(1), &d));
  out->set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(d)));
}
absl::Time FromProto(const google::protobuf::Timestamp& t) {
  return absl::FromUnixSeconds(t.seconds()) + absl::Nanoseconds(t.nanos());
}
void ToProto(absl::Time t, google::protobuf::Timestamp* out) {
  const int64_t seconds = absl::ToUnixSeconds(t);
  out->set_seconds(seconds);
  out->set_nanos(
      static_cast<int32_t>(absl::ToInt64Nanoseconds(t - absl::FromUnixSeconds(seconds))));
}

QueueOutcome Outcome(service::QueueEnded::Outcome outcome) {
  switch (outcome) {
    case service::QueueEnded::OUTCOME_CONNECTED:
      return QueueOutcome::kConnected;
    case service::QueueEnded::OUTCOME_TIMED_OUT:
      return QueueOutcome::kTimedOut;
    case service::QueueEnded::OUTCOME_TALK_ENDED:
      return QueueOutcome::kTalkEnded;
    default:
      return QueueOutcome::kRefused;
  }
}

void FillItem(const PlayItem& item, media::v1::PlayItem* out) {
  if (!item.prompt.empty()) {
    out->set_prompt(item.prompt);
  } else if (item.tone_hz != 0) {
    out->set_tone_hz(item.tone_hz);
    ToProto(item.duration, out->mutable_duration());
  } else {
    ToProto(item.duration, out->mutable_silence());
  }
}

struct CommandFiller {
  service::RunCommand& out;
  void operator()(const AnswerCommand&) const { out.mutable_answer(); }
  void operator()(const PlayCommand& c) const {
    service::RunPlay* play = out.mutable_play();
    play->set_play_id(c.play_id);
    for (const PlayItem& item : c.items) FillItem(item, play->add_items());
    play->set_loop(c.loop);
    play->set_stop_on_digit(c.stop_on_digit);
  }
  void operator()(const StopPlayCommand& c) const {
    out.mutable_stop_play()->set_play_id(c.play_id);
  }
  void operator()(const EnqueueCommand& c) const {
    service::EnqueueCall* enqueue = out.mutable_enqueue();
    enqueue->set_queue_id(c.queue_id);
    for (const std::string& skill : c.skill_ids) enqueue->add_skill_ids(skill);
    enqueue->set_priority(c.priority);
    if (c.wait_max > absl::ZeroDuration()) ToProto(c.wait_max, enqueue->mutable_wait_max());
    for (const auto& [name, value] : c.customer_data)
      (*enqueue->mutable_customer_data())[name] = value;
  }
  void operator()(const LeaveQueueCommand&) const { out.mutable_leave_queue(); }
  void operator()(const TransferCommand& c) const {
    out.mutable_transfer()->set_number(c.number);
    out.mutable_transfer()->set_user_id(c.user_id);
    ToProto(c.ring_timeout, out.mutable_transfer()->mutable_ring_timeout());
  }
  void operator()(const HangUpCommand&) const { out.mutable_hang_up(); }
  void operator()(const EchoCommand&) const { out.mutable_echo(); }
  void operator()(const EndCommand&) const { out.mutable_end(); }
};

void FillCall(const CallFacts& call, call::v1::CallInfo* out) {
  out->set_call_id(call.call_id);
  out->set_tenant_id(call.tenant_id);
  out->set_interaction_id(call.interaction_id);
  out->mutable_caller()->set_number(call.caller_number);
  out->mutable_caller()->set_display_name(call.caller_name);
  out->set_called_number(call.called_number);
  out->set_trunk_id(call.trunk_id);
  ToProto(call.start_time, out->mutable_start_time());
  out->set_traceparent(call.traceparent);
}

void FillMemory(const StepMemory& memory, v1::RunSnapshot::StepMemory* out) {
  out->set_phase(memory.phase);
  out->set_attempts(memory.attempts);
  out->set_position(memory.position);
  out->set_digits(memory.digits);
  out->set_play_id(memory.play_id);
  if (memory.timer != absl::InfiniteFuture()) ToProto(memory.timer, out->mutable_timer());
  if (memory.deadline != absl::InfiniteFuture()) ToProto(memory.deadline, out->mutable_deadline());
}

StepMemory ReadMemory(const v1::RunSnapshot::StepMemory& in) {
  StepMemory out;
  out.phase = in.phase();
  out.attempts = in.attempts();
  out.position = in.position();
  out.digits = in.digits();
  out.play_id = in.play_id();
  if (in.has_timer()) out.timer = FromProto(in.timer());
  if (in.has_deadline()) out.deadline = FromProto(in.deadline());
  return out;
}

}  // namespace

CallFacts CallFromProto(const call::v1::CallInfo& proto) {
  CallFacts out;
  out.call_id = proto.call_id();
  out.tenant_id = proto.tenant_id();
  out.interaction_id = proto.interaction_id();
  out.caller_number = proto.caller().number();
  out.caller_name = proto.caller().display_name();
  out.called_number = proto.called_number();
  out.trunk_id = proto.trunk_id();
  out.traceparent = proto.traceparent();
  out.start_time = FromProto(proto.start_time());
  return out;
}

std::optional<RunEvent> EventFromProto(const service::RunEvent& proto) {
  switch (proto.event_case()) {
    case service::RunEvent::kAnswered:
      return Answered{};
    case service::RunEvent::kPlayFinished:
      return PlayFinished{proto.play_finished().play_id(), proto.play_finished().by_digit(),
                          proto.play_finished().failed()};
    case service::RunEvent::kDigit:
      return DigitPressed{proto.digit().digit()};
    case service::RunEvent::kQueueProgress:
      return QueueProgressed{proto.queue_progress().position(),
                             FromProto(proto.queue_progress().waited())};
    case service::RunEvent::kQueueEnded:
      return QueueLeft{Outcome(proto.queue_ended().outcome()), proto.queue_ended().agent_id(),
                       proto.queue_ended().message()};
    case service::RunEvent::kTransferEnded:
      return TransferLeft{proto.transfer_ended().connected(),
                          call::v1::EndCause_Name(proto.transfer_ended().cause())};
    case service::RunEvent::kCallEnded:
      return CallOver{};
    case service::RunEvent::kCommandFailed:
      return CommandRefused{proto.command_failed().command_id(), proto.command_failed().message()};
    default:
      return std::nullopt;
  }
}

service::RunCommand CommandToProto(const std::string& run_id, const RunCommand& command) {
  service::RunCommand out;
  out.set_run_id(run_id);
  out.set_command_id(command.command_id);
  std::visit(CommandFiller{out}, command.kind);
  return out;
}

std::string EncodeRunState(const RunState& state) {
  v1::RunSnapshot out;
  FillCall(state.call, out.mutable_call());
  out.set_scenario_id(state.scenario_id);
  out.set_version(state.version);
  out.set_language(state.language);
  out.set_ending(state.phase == RunPhase::kEnding);
  out.set_step_id(state.step_id);
  out.set_visit(state.visit);
  out.set_ordinal(state.ordinal);
  out.set_resumptions(state.resumptions);
  out.set_steps_without_wait(state.steps_without_wait);
  out.set_failures(state.failures);
  out.set_answered(state.answered);
  out.set_queued(state.queued);
  out.set_connected(state.connected);
  out.set_failed(state.failed);
  out.set_message(state.message);
  out.mutable_variables()->insert(state.variables.begin(), state.variables.end());
  for (const std::string& skill : state.skill_ids) out.add_skill_ids(skill);
  out.set_priority(state.priority);
  out.set_typed_ahead(state.typed_ahead);
  FillMemory(state.memory, out.mutable_memory());
  out.set_fact_sequence(state.fact_sequence);
  return out.SerializeAsString();
}

absl::StatusOr<RunState> DecodeRunState(const std::string& bytes) {
  v1::RunSnapshot in;
  if (!in.ParseFromString(bytes) || in.call().call_id().empty()) {
    return absl::DataLossError("these bytes are no snapshot of a run");
  }
  RunState out;
  out.call = CallFromProto(in.call());
  out.scenario_id = in.scenario_id();
  out.version = in.version();
  out.language = in.language();
  out.phase = in.ending() ? RunPhase::kEnding : RunPhase::kRunning;
  out.step_id = in.step_id();
  out.visit = in.visit();
  out.ordinal = in.ordinal();
  out.resumptions = in.resumptions();
  out.steps_without_wait = in.steps_without_wait();
  out.failures = in.failures();
  out.answered = in.answered();
  out.queued = in.queued();
  out.connected = in.connected();
  out.failed = in.failed();
  out.message = in.message();
  out.variables = {in.variables().begin(), in.variables().end()};
  out.skill_ids = {in.skill_ids().begin(), in.skill_ids().end()};
  out.priority = in.priority();
  out.typed_ahead = in.typed_ahead();
  out.memory = ReadMemory(in.memory());
  out.fact_sequence = in.fact_sequence();
  return out;
}

}  // namespace zvon::scenario
