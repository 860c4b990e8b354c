#include "services/media/core/media_core.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace zvon::media {
namespace {

// What CommandFailed says of each command.
const char* NameOf(const Command& command) {
  static constexpr const char* kNames[] = {"create_endpoint",
                                           "update_endpoint",
                                           "delete_endpoint",
                                           "play",
                                           "stop_play",
                                           "bridge",
                                           "unbridge",
                                           "start_recording",
                                           "pause_recording",
                                           "resume_recording",
                                           "stop_recording",
                                           "send_digits",
                                           "echo",
                                           "delete_call"};
  return kNames[command.body.index()];
}

template <class Body>
std::string EndpointOf(const Body& body) {
  if constexpr (requires { body.endpoint_id; }) {
    return body.endpoint_id;
  } else if constexpr (requires { body.left_endpoint_id; }) {
    return body.left_endpoint_id;
  } else {
    return {};
  }
}

}  // namespace

MediaCore::MediaCore(MediaCoreOptions options, RandomSource random, const PromptSource& prompts,
                     DigitDetectorFactory make_detector)
    : options_(options),
      random_(std::move(random)),
      prompts_(prompts),
      make_detector_(std::move(make_detector)) {}

MediaCore::~MediaCore() = default;

void MediaCore::Handle(const Command& command, absl::Time now, Effects& out) {
  std::visit(
      [&](const auto& body) {
        const absl::Status status = Do(command.call_id, body, now, out);
        if (status.ok()) return;
        Tell(command.call_id, CommandFailed{NameOf(command), EndpointOf(body), status}, now, out);
      },
      command.body);
}

Endpoint* MediaCore::Find(const std::string& call_id, const std::string& endpoint_id) {
  const auto call = calls_.find(call_id);
  if (call == calls_.end()) return nullptr;
  const auto it = call->second.endpoints.find(endpoint_id);
  return it == call->second.endpoints.end() ? nullptr : it->second;
}

std::vector<std::string> MediaCore::CallIds() const {
  std::vector<std::string> ids;
  ids.reserve(calls_.size());
  for (const auto& [id, call] : calls_) ids.push_back(id);
  return ids;
}

absl::Time MediaCore::LastReceived(const std::string& call_id) const {
  absl::Time last = absl::InfinitePast();
  const auto call = calls_.find(call_id);
  if (call == calls_.end()) return last;
  for (const auto& [id, e] : call->second.endpoints) {
    if (e->received.active()) last = std::max(last, e->last_received);
  }
  return last;
}

void MediaCore::FinishPlay(Endpoint& e, PlayFinished::Reason reason, absl::Time now, Effects& out) {
  if (!e.player) return;
  PlayFinished finished{e.endpoint_id, e.player->play_id(), reason, e.player->played(), {}};
  e.player.reset();
  e.played.clear();
  e.last_play = finished;
  Tell(e.call_id, std::move(finished), now, out);
}

void MediaCore::Separate(Endpoint& e) {
  if (e.peer != nullptr) e.peer->peer = nullptr;
  e.peer = nullptr;
}

void MediaCore::Remove(Endpoint& e, absl::Time now, Effects& out) {
  FinishPlay(e, PlayFinished::Reason::kStopped, now, out);
  Separate(e);
  if (e.port != 0) {
    SendReport(e, /*bye=*/true, now, out);
    const MediaQuality quality{e.received.packets_received(), e.out.packets(),
                               e.received.packets_lost(), e.refused, e.received.jitter()};
    Tell(e.call_id, EndpointClosed{e.endpoint_id, quality}, now, out);
    out.closes.push_back(e.slot);
  }
  Call& call = calls_[e.call_id];
  call.endpoints.erase(e.endpoint_id);
  Retap(call);
  const Slot slot = e.slot;
  slots_[slot].reset();
  free_slots_.push_back(slot);
  --endpoint_count_;
}

}  // namespace zvon::media
