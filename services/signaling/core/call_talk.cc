// Two legs that hear each other: bridge, recording, hold, changes of media.

#include <utility>

#include "services/signaling/core/call.h"

namespace zvon::signaling {
namespace {
// Ringing as the Russian network plays it: 425 Hz, 1 s on, 4 s off.
std::vector<PlayItem> RingbackItems() {
  PlayItem tone;
  tone.tone_hz = 425;
  tone.duration = absl::Seconds(1);
  PlayItem pause;
  pause.silence = absl::Seconds(4);
  return {tone, pause};
}
bool Holds(Direction direction) {
  return direction == Direction::kRecvOnly || direction == Direction::kInactive;
}
}  // namespace

Leg* Call::Partner(const Leg& leg) {
  if (leg.id == state_.bridge_left) return state_.FindLeg(state_.bridge_right);
  if (leg.id == state_.bridge_right) return state_.FindLeg(state_.bridge_left);
  return nullptr;
}

// `left` is the customer's side.
void Call::Connect(Leg& left, Leg& right) {
  state_.bridge_left = left.id;
  state_.bridge_right = right.id;
  state_.talk_agent = right.agent_id;
  state_.playing = {};
  const bool anchored = left.media != MediaAnchor::kNone && right.media != MediaAnchor::kNone;
  if (anchored) {
    Order(MediaOrder::Kind::kBridge, left.id);
    std::get<MediaOrder>(effects_.back()).other_endpoint_id = right.id;
  }
  Fact& bridged = AddFact(Fact::Kind::kLegsBridged);
  bridged.leg_id = left.id;
  bridged.other_leg_id = right.id;
  bridged.agent_id = right.agent_id;
  // Talks of agents with the outside are kept; colleagues among themselves not.
  const bool outside = !left.trunk_id.empty() || !right.trunk_id.empty();
  const bool of_agent = !left.agent_id.empty() || !right.agent_id.empty();
  if (anchored && (state_.assignment || (outside && of_agent))) StartRecording(left, right);
  SetState(left);
  SetState(right);
  TellAgent(right);
  TellAgent(left);
}

void Call::StartRecording(const Leg& left, const Leg& right) {
  Recording& recording = state_.recording;
  recording = Recording{NewId(), left.id, right.id, right.agent_id, now()};
  MediaOrder order;
  order.kind = MediaOrder::Kind::kStartRecording;
  order.object_id = recording.id;
  order.endpoint_id = left.id;
  order.other_endpoint_id = right.id;
  order.agent_id = right.agent_id;
  Emit(std::move(order));
  Fact& started = AddFact(Fact::Kind::kRecordingStarted);
  started.recording_id = recording.id;
  started.leg_id = right.id;
  started.agent_id = right.agent_id;
}

// The two part; the legs themselves are the caller's affair.
void Call::EndTalk(const std::string& cause) {
  if (!Talking()) return;
  if (!state_.recording.id.empty()) {
    if (state_.phase == CallPhase::kLive) {
      Order(MediaOrder::Kind::kStopRecording, "");
      std::get<MediaOrder>(effects_.back()).object_id = state_.recording.id;
    }
    Fact& ended = AddFact(Fact::Kind::kRecordingEnded);
    ended.recording_id = state_.recording.id;
    ended.agent_id = state_.recording.agent_id;
    ended.length = now() - state_.recording.start_time;
    state_.recording = {};
  }
  if (std::exchange(state_.assignment, false)) {
    RoutingOrder order;
    order.kind = RoutingOrder::Kind::kAssignmentEnded;
    order.agent_id = state_.talk_agent;
    order.cause = cause;
    Emit(std::move(order));
    if (state_.queue.state == QueueState::kAssigned) state_.queue.state = QueueState::kNone;
  }
  for (const std::string& id : {state_.bridge_left, state_.bridge_right}) {
    Leg* leg = state_.FindLeg(id);
    if (leg == nullptr || !leg->held()) continue;
    leg->held_by_phone = leg->held_by_desktop = false;
    Fact& fact = AddFact(Fact::Kind::kHoldEnded);
    fact.leg_id = leg->id;
    fact.agent_id = leg->agent_id;
  }
  state_.bridge_left.clear();
  state_.bridge_right.clear();
  state_.talk_agent.clear();
}

void Call::ApplyHold(Leg& leg, bool was_held) {
  Leg* partner = Partner(leg);
  if (leg.held() == was_held || partner == nullptr) return;
  SetState(leg);
  Fact& fact = AddFact(leg.held() ? Fact::Kind::kHoldStarted : Fact::Kind::kHoldEnded);
  fact.leg_id = leg.id;
  fact.agent_id = leg.agent_id;
  if (leg.media != MediaAnchor::kNone && partner->media != MediaAnchor::kNone) {
    if (leg.held()) {
      if (!partner->held()) {
        Order(MediaOrder::Kind::kUnbridge, partner->id);
        HoldMusic(*partner);
      }
    } else if (!partner->held()) {
      state_.playing = {};
      Order(MediaOrder::Kind::kBridge, state_.bridge_left);
      std::get<MediaOrder>(effects_.back()).other_endpoint_id = state_.bridge_right;
    } else {
      HoldMusic(leg);
    }
  }
  TellAgent(leg);
}

void Call::PlayOwn(Leg& leg, std::vector<PlayItem> items, bool loop) {
  if (items.empty() || leg.media == MediaAnchor::kNone) return;
  MediaOrder order;
  order.kind = MediaOrder::Kind::kPlay;
  order.endpoint_id = leg.id;
  order.object_id = "signaling/" + std::to_string(++state_.play_counter);
  order.items = std::move(items);
  order.loop = loop;
  state_.playing = Playing{leg.id, order.object_id, order.items, loop, false, true, now()};
  Emit(std::move(order));
}

void Call::HoldMusic(Leg& leg) {
  std::vector<PlayItem> items;
  for (const std::string& prompt : environment_->Limits().music) {
    items.emplace_back();
    items.back().prompt = prompt;
  }
  PlayOwn(leg, std::move(items), /*loop=*/true);
}

void Call::Ringback(Leg& leg) { PlayOwn(leg, RingbackItems(), /*loop=*/true); }

void Call::StopOwnPlay(Leg& leg) {
  if (!state_.playing.ours || state_.playing.leg_id != leg.id) return;
  Order(MediaOrder::Kind::kStopPlay, leg.id);
  std::get<MediaOrder>(effects_.back()).object_id = state_.playing.play_id;
  state_.playing = {};
}

// re-INVITE or UPDATE. An agent's phone that holds puts the other side on
// music; a customer's exchange that holds plays its own.
void Call::On(const BranchOffer& in) {
  Leg* leg = state_.LegOfBranch(in.branch_id);
  if (leg == nullptr || leg->branch != in.branch_id || !leg->live()) {
    Emit(AnswerOffer{in.branch_id, 481, {}});
    return;
  }
  if (leg->media == MediaAnchor::kNone) {
    Leg* partner = Partner(*leg);
    if (partner == nullptr || !state_.reoffer_branch.empty()) {
      Emit(AnswerOffer{in.branch_id, 491, {}});
      return;
    }
    state_.reoffer_branch = in.branch_id;
    leg->body = in.body;
    SdpPart sdp;
    sdp.present = true;
    sdp.verbatim = in.body;
    Emit(SendReinvite{partner->branch, std::move(sdp)});
    return;
  }
  if (in.remote.known() && !(in.remote == leg->remote)) {
    leg->remote = in.remote;
    Order(MediaOrder::Kind::kUpdateEndpoint, leg->id);
    std::get<MediaOrder>(effects_.back()).remote = leg->remote;
  }
  Emit(AnswerOffer{in.branch_id, 200, LocalSdp(*leg, in.remote.direction)});
  if (!in.remote.known() || leg->agent_id.empty()) return;
  const bool was_held = leg->held();
  leg->held_by_phone = Holds(in.remote.direction);
  ApplyHold(*leg, was_held);
}

void Call::On(const ReinviteDone& in) {
  Leg* leg = state_.LegOfBranch(in.branch_id);
  if (leg == nullptr || !leg->live()) return;
  if (leg->media == MediaAnchor::kNone) {
    if (state_.reoffer_branch.empty() || in.code < 200) return;
    leg->body = in.body;
    AnswerOffer answer;
    answer.branch_id = std::exchange(state_.reoffer_branch, "");
    answer.code = in.code < 300 ? 200 : (in.code == 491 || in.code == 488 ? in.code : 488);
    answer.sdp.present = answer.code == 200;
    answer.sdp.verbatim = in.body;
    Emit(std::move(answer));
    return;
  }
  if (in.code >= 300 || !in.remote.known() || in.remote == leg->remote) return;
  leg->remote = in.remote;
  Order(MediaOrder::Kind::kUpdateEndpoint, leg->id);
  std::get<MediaOrder>(effects_.back()).remote = leg->remote;
}

}  // namespace zvon::signaling
