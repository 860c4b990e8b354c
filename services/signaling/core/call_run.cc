// The scenario run: commands down, events up, and what happens when its
// replica dies.

#include <utility>

#include "services/signaling/core/call_dial.h"

namespace zvon::signaling {
namespace {
// A replica that fails over at once is not heard in the music.
constexpr absl::Duration kMusicGrace = absl::Milliseconds(300);
}  // namespace

bool Call::RunListens() const {
  return state_.run.state == RunState::kRunning || state_.run.state == RunState::kStarting ||
         state_.run.state == RunState::kLost;
}

void Call::TellRun(RunOrder order) {
  if (!RunListens() || state_.run.replica.empty()) return;
  order.replica = state_.run.replica;
  Emit(std::move(order));
}

// Finds a replica for a run that has none. Its start or resumption carries the
// whole state, so that nothing told meanwhile is missed.
void Call::AttachRun() {
  Run& run = state_.run;
  if (!RunListens() || !run.replica.empty()) return;
  run.replica = environment_->PickScenario();
  if (run.replica.empty()) {
    SetTimer(CallTimer::kRunLost, environment_->Limits().run_timeout);
    return;
  }
  CancelTimer(CallTimer::kRunLost);
  RunOrder order;
  order.kind = run.state == RunState::kLost ? RunOrder::Kind::kResume : RunOrder::Kind::kStart;
  order.answered = state_.answered;
  order.queued =
      state_.queue.state != QueueState::kNone && state_.queue.state != QueueState::kAssigned;
  order.connected = Talking();
  TellRun(std::move(order));
}

void Call::On(const RunReplicaLost& in) {
  Run& run = state_.run;
  if (!RunListens() || run.replica != in.replica) return;
  run.replica.clear();
  if (run.state == RunState::kRunning) run.state = RunState::kLost;
  AttachRun();
  if (!run.replica.empty()) return;
  // Nobody can take it now: the caller hears music meanwhile.
  Leg* customer = CustomerLeg();
  if (customer == nullptr || !customer->answered() || Talking()) return;
  if (state_.playing.play_id.empty() || !state_.playing.loop) {
    SetTimer(CallTimer::kRunLost, kMusicGrace, customer->id);
  }
}

void Call::On(const RunReplicaUp&) {
  if (state_.phase == CallPhase::kLive) AttachRun();
}

// Two clocks: one with the leg's id starts the music, the other gives up.
void Call::RunGivenUp() {
  Run& run = state_.run;
  if (!run.replica.empty() || !RunListens()) return;
  Leg* customer = CustomerLeg();
  const bool whole = state_.timers.count({CallTimer::kRunLost, ""}) == 0;
  if (!whole) {
    if (customer != nullptr && customer->answered() && !Talking()) HoldMusic(*customer);
    return;
  }
  if (!state_.answered) return FinishCall(EndCause::kFailure, 503);
  if (Talking() || state_.queue.state != QueueState::kNone ||
      state_.dial.purpose != DialPurpose::kNone) {
    // The call gets along by itself; the run may still come back.
    SetTimer(CallTimer::kRunLost, environment_->Limits().run_timeout);
    return;
  }
  Apologize(EndCause::kFailure);
}

void Call::FailRunCommand(const std::string& command_id, int code, const std::string& message) {
  RunOrder order;
  order.kind = RunOrder::Kind::kCommandFailed;
  order.command_id = command_id;
  order.code = code;
  order.message = message;
  TellRun(std::move(order));
}

void Call::On(const RunCommandReceived& in) {
  if (!RunListens() || state_.phase != CallPhase::kLive) return;
  using Kind = RunCommandReceived::Kind;
  if (in.kind != Kind::kRefused) state_.run.state = RunState::kRunning;
  switch (in.kind) {
    case Kind::kAnswer: {
      if (!state_.answered) return AnswerCaller();
      RunOrder order;
      order.kind = RunOrder::Kind::kAnswered;
      return TellRun(std::move(order));
    }
    case Kind::kPlay:
      return RunPlay(in);
    case Kind::kStopPlay: {
      Leg* customer = CustomerLeg();
      if (customer == nullptr || Talking()) return;
      Order(MediaOrder::Kind::kStopPlay, customer->id);
      std::get<MediaOrder>(effects_.back()).object_id = in.play_id;
      return;
    }
    case Kind::kEnqueue:
      if (state_.queue.state != QueueState::kNone) return;  // Repeated after a resumption.
      state_.run.queue_is_agents = false;
      state_.queue.customer_data = in.customer_data;
      return EnterQueue(in.queue_id, in.skill_ids, in.priority, in.wait_max);
    case Kind::kLeaveQueue:
      if (state_.queue.state == QueueState::kAssigned) return;
      return LeaveQueue(RoutingOrder::Outcome::kFlowedOut);
    case Kind::kTransfer:
      return RunTransfer(in);
    case Kind::kHangUp:
      return FinishCall(EndCause::kScenarioHangup, 480);
    case Kind::kEcho: {
      Leg* customer = CustomerLeg();
      if (customer == nullptr || Talking())
        return FailRunCommand(in.command_id, 9, "the call is connected");
      return Order(MediaOrder::Kind::kEcho, customer->id);
    }
    case Kind::kEnd:
      return RunEnds();
    case Kind::kRefused:
      if (state_.run.state == RunState::kStarting || !state_.answered) {
        state_.run.state = RunState::kEnded;
        return Apologize(EndCause::kFailure);
      }
      return RunEnds();
  }
}

void Call::RunPlay(const RunCommandReceived& in) {
  Leg* customer = CustomerLeg();
  if (customer == nullptr || Talking())
    return FailRunCommand(in.command_id, 9, "the call is connected");
  if (!customer->answered()) {
    customer->early_wanted = true;
    SendEarly(*customer);
  }
  CancelTimer(CallTimer::kRunLost, customer->id);
  state_.playing =
      Playing{customer->id, in.play_id, in.items, in.loop, in.stop_on_digit, false, now()};
  MediaOrder order;
  order.kind = MediaOrder::Kind::kPlay;
  order.endpoint_id = customer->id;
  order.object_id = in.play_id;
  order.items = in.items;
  order.loop = in.loop;
  order.stop_on_digit = in.stop_on_digit;
  Emit(std::move(order));
}

void Call::RunTransfer(const RunCommandReceived& in) {
  if (state_.dial.purpose != DialPurpose::kNone || Talking()) return;  // Repeated.
  DialOrder order;
  order.purpose = DialPurpose::kRunTransfer;
  order.ring_timeout = in.ring_timeout;
  order.target = in.number.empty() ? in.user_id : in.number;
  std::string user_id = in.user_id;
  if (user_id.empty()) {
    const DialTarget target = environment_->Resolve(state_.tenant_id, in.number);
    user_id = target.user_id;
    if (target.kind == DialTarget::Kind::kTrunks && !target.routes.empty()) {
      order.kind = LegKind::kOther;
      order.party.number = in.number;
      order.contacts = {target.routes.front()};
      order.fallbacks.assign(target.routes.begin() + 1, target.routes.end());
    }
  }
  if (!user_id.empty()) {
    order.kind = LegKind::kAgent;
    order.agent_id = user_id;
    order.party = environment_->PartyOf(state_.tenant_id, user_id);
    order.contacts = environment_->ContactsOf(state_.tenant_id, user_id);
  }
  const bool reachable = !order.contacts.empty();
  if (reachable && StartDial(std::move(order))) {
    Leg* customer = CustomerLeg();
    if (customer != nullptr && customer->answered() && state_.playing.play_id.empty())
      Ringback(*customer);
    return;
  }
  RunOrder ended;
  ended.kind = RunOrder::Kind::kTransferEnded;
  ended.cause = EndCause::kUnreachable;
  TellRun(std::move(ended));
}

// The call goes on without its run where it has somewhere to go.
void Call::RunEnds() {
  state_.run.state = RunState::kEnded;
  CancelTimer(CallTimer::kRunLost);
  if (Talking() || state_.dial.purpose != DialPurpose::kNone) return;
  if (state_.queue.state == QueueState::kNone) return FinishCall(EndCause::kScenarioHangup, 480);
  Leg* customer = CustomerLeg();
  if (customer != nullptr && customer->answered() && !state_.playing.loop) HoldMusic(*customer);
}

void Call::On(const PlayFinished& in) {
  if (state_.playing.play_id != in.play_id || state_.playing.leg_id != in.endpoint_id) return;
  const bool ours = state_.playing.ours;
  state_.playing = {};
  if (state_.phase == CallPhase::kApologizing) return FinishCall(state_.cause, state_.sip_code);
  if (ours) return;
  Leg* customer = CustomerLeg();
  const bool waits = state_.queue.state != QueueState::kNone && !Talking();
  if (customer != nullptr && customer->answered() && !Talking() && state_.run.replica.empty() &&
      (waits || RunListens())) {
    HoldMusic(*customer);
  }
  if (in.stopped) return;
  RunOrder order;
  order.kind = RunOrder::Kind::kPlayFinished;
  order.play_id = in.play_id;
  order.by_digit = in.by_digit;
  order.failed = in.failed;
  TellRun(std::move(order));
}

void Call::On(const DigitHeard& in) {
  const Leg* customer = Customer();
  if (customer == nullptr || customer->id != in.endpoint_id || Talking()) return;
  RunOrder order;
  order.kind = RunOrder::Kind::kDigit;
  order.digit = in.digit;
  TellRun(std::move(order));
}

// INFO carries the digit past the media: between talking legs we pass it on.
void Call::On(const BranchDigit& in) {
  Leg* leg = state_.LegOfBranch(in.branch_id);
  if (leg == nullptr || !leg->answered()) return;
  Leg* partner = Partner(*leg);
  if (partner == nullptr) return On(DigitHeard{leg->id, in.digit});
  if (partner->media == MediaAnchor::kNone) return;
  Order(MediaOrder::Kind::kSendDigits, partner->id);
  std::get<MediaOrder>(effects_.back()).digits = in.digit;
}

}  // namespace zvon::signaling
