// Faults of media: a silent peer, a failed order, a lost node.

#include <utility>

#include "services/signaling/core/call.h"

namespace zvon::signaling {

void Call::On(const MediaTimedOut& in) {
  Leg* leg = state_.FindLeg(in.endpoint_id);
  if (leg == nullptr || !leg->answered() || leg->held() || leg->moving) return;
  // A peer that only listens need not send.
  if (leg->remote.direction == Direction::kSendOnly ||
      leg->remote.direction == Direction::kInactive)
    return;
  EndLeg(*leg, EndCause::kMediaTimeout, 0, /*by_peer=*/false);
  LegGone(*leg, EndCause::kMediaTimeout);
}

void Call::On(const MediaFailed& in) {
  if (in.command == "play" && !state_.playing.play_id.empty()) {
    return On(PlayFinished{state_.playing.leg_id, state_.playing.play_id, false, true, false});
  }
  if (in.command != "create_endpoint") return;
  Leg* leg = state_.FindLeg(in.endpoint_id);
  if (leg == nullptr || !leg->live() || leg->media != MediaAnchor::kCreating) return;
  leg->media = MediaAnchor::kClosed;
  if (leg->id == state_.dial.leg_id) return GiveUpDial(EndCause::kFailure, 503);
  FinishCall(EndCause::kFailure, 503);
}

void Call::On(const MediaNodeLost& in) {
  if (state_.media_node.empty() || state_.phase != CallPhase::kLive) return;
  const bool known = std::exchange(state_.media_down, true);
  if (in.emptied) return MoveMedia(state_.media_node);
  if (known) return;  // Another vain attempt to connect.
  SetTimer(CallTimer::kMediaMove, environment_->Limits().media_move_delay);
}

void Call::On(const MediaNodeKept&) {
  state_.media_down = false;
  CancelTimer(CallTimer::kMediaMove);
  // Any order tells the node whose stream the call's events go to.
  for (const Leg& leg : state_.legs) {
    if (!leg.live() || leg.media != MediaAnchor::kReady || !leg.remote.known()) continue;
    Order(MediaOrder::Kind::kUpdateEndpoint, leg.id);
    std::get<MediaOrder>(effects_.back()).remote = leg.remote;
    return;
  }
}

void Call::MediaMoveDue() {
  if (!state_.media_down || state_.phase != CallPhase::kLive) return;
  const std::string node = environment_->PickMedia(state_.media_node);
  if (node.empty()) {
    SetTimer(CallTimer::kMediaMove, environment_->Limits().media_move_delay);
    return;
  }
  MoveMedia(node);
}

// Everything that the node held is ordered again: on the same node with the
// same ports, so that the phones need not be told.
void Call::MoveMedia(const std::string& node) {
  const bool same = node == state_.media_node;
  CancelTimer(CallTimer::kMediaMove);
  state_.media_down = false;
  state_.media_node = node;
  bool any = false;
  for (Leg& leg : state_.legs) {
    if (!leg.live() || leg.media == MediaAnchor::kNone || leg.media == MediaAnchor::kClosed)
      continue;
    leg.moving = leg.local_port != 0;
    leg.media = MediaAnchor::kCreating;
    Order(MediaOrder::Kind::kCreateEndpoint, leg.id);
    auto& order = std::get<MediaOrder>(effects_.back());
    order.remote = leg.remote;
    order.port = same ? leg.local_port : 0;
    any = true;
  }
  if (!any) return;
  if (Talking()) {
    const Leg* left = state_.FindLeg(state_.bridge_left);
    const Leg* right = state_.FindLeg(state_.bridge_right);
    if (left != nullptr && right != nullptr && !left->held() && !right->held()) {
      Order(MediaOrder::Kind::kBridge, left->id);
      std::get<MediaOrder>(effects_.back()).other_endpoint_id = right->id;
    }
  }
  const Playing& playing = state_.playing;
  if (!playing.play_id.empty()) {
    MediaOrder order;
    order.kind = MediaOrder::Kind::kPlay;
    order.endpoint_id = playing.leg_id;
    order.object_id = playing.play_id;
    order.items = playing.items;
    order.loop = playing.loop;
    order.stop_on_digit = playing.stop_on_digit;
    order.offset = now() - playing.start_time;
    Emit(std::move(order));
  }
  if (!state_.recording.id.empty()) {
    MediaOrder order;
    order.kind = MediaOrder::Kind::kStartRecording;
    order.object_id = state_.recording.id;
    order.endpoint_id = state_.recording.left_leg_id;
    order.other_endpoint_id = state_.recording.right_leg_id;
    order.agent_id = state_.recording.agent_id;
    Emit(std::move(order));
  }
  AddFact(Fact::Kind::kMediaMoved);
}

}  // namespace zvon::signaling
