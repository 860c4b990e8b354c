// What each command does. All are harmless when repeated.

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/dtmf/dtmf_event.h"
#include "services/media/core/media_core.h"

namespace zvon::media {
namespace {

absl::Status NoEndpoint(const std::string& call_id, const std::string& endpoint_id) {
  return absl::NotFoundError(
      absl::StrCat("call ", call_id, " has no endpoint '", endpoint_id, "'"));
}

absl::Status CheckRemote(const RemoteDescription& remote) {
  if (remote.codec == Codec::kNone) return absl::InvalidArgumentError("remote without a codec");
  if (remote.payload_type > 127 || remote.dtmf_payload_type > 127) {
    return absl::InvalidArgumentError("payload type over 127");
  }
  // RFC 5761 section 4: with the marker they would read as RTCP.
  for (const int type : {int{remote.payload_type}, int{remote.dtmf_payload_type}}) {
    if (type >= 72 && type <= 76) {
      return absl::InvalidArgumentError(absl::StrCat("payload type ", type, " is RTCP's"));
    }
  }
  if (remote.dtmf_payload_type != 0 && remote.dtmf_payload_type == remote.payload_type) {
    return absl::InvalidArgumentError(
        absl::StrCat("payload type ", remote.payload_type, " for audio and for telephone-event"));
  }
  if (remote.packet_ms < 10 || remote.packet_ms > 60 || remote.packet_ms % 10 != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("packet time ", remote.packet_ms, " ms is not 10, 20 … 60"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status MediaCore::Do(const std::string& call_id, const CreateEndpoint& c, absl::Time now,
                           Effects& out) {
  if (call_id.empty() || c.endpoint_id.empty()) {
    return absl::InvalidArgumentError("an endpoint needs call_id and endpoint_id");
  }
  if (c.remote) {
    if (const absl::Status status = CheckRemote(*c.remote); !status.ok()) return status;
  }
  if (Endpoint* e = Find(call_id, c.endpoint_id)) {
    if (c.remote) SetRemote(*e, *c.remote, now);
    if (e->port != 0) Tell(call_id, EndpointReady{c.endpoint_id, e->port}, now, out);
    return absl::OkStatus();
  }
  if (endpoint_count_ >= options_.endpoints_max) {
    return absl::ResourceExhaustedError(
        absl::StrCat("this worker has its ", options_.endpoints_max, " endpoints"));
  }
  if (free_slots_.empty()) {
    free_slots_.push_back(static_cast<Slot>(slots_.size()));
    slots_.emplace_back();
  }
  const Slot slot = free_slots_.back();
  free_slots_.pop_back();
  const uint64_t chance = random_();
  auto e = std::make_unique<Endpoint>(
      call_id, c.endpoint_id, slot,
      OutgoingStream(static_cast<uint32_t>(chance), static_cast<uint16_t>(chance >> 32),
                     static_cast<uint32_t>(random_())));
  // RFC 7022: a CNAME that tells nothing.
  e->cname = absl::StrCat(absl::Hex(random_(), absl::kZeroPad16));
  e->next_report =
      now + options_.report_interval * (0.5 + 0.5 * static_cast<double>(chance >> 48) / 65536);
  e->last_received = now;
  e->wanted_port = c.port;
  if (c.remote) SetRemote(*e, *c.remote, now);
  Call& call = calls_[call_id];
  call.endpoints[c.endpoint_id] = e.get();
  slots_[slot] = std::move(e);
  ++endpoint_count_;
  Retap(call);
  out.opens.push_back({slot, c.port});
  return absl::OkStatus();
}

void MediaCore::HandlePortOpened(Slot slot, const absl::StatusOr<int>& port, absl::Time now,
                                 Effects& out) {
  Endpoint& e = *slots_[slot];
  if (port.ok()) {
    e.port = *port;
    Tell(e.call_id, EndpointReady{e.endpoint_id, e.port}, now, out);
    return;
  }
  Tell(e.call_id, CommandFailed{"create_endpoint", e.endpoint_id, port.status()}, now, out);
  const std::string call_id = e.call_id;
  Remove(e, now, out);
  const auto call = calls_.find(call_id);
  if (call->second.endpoints.empty() && call->second.recordings.empty()) calls_.erase(call);
}

void MediaCore::SetRemote(Endpoint& e, const RemoteDescription& remote, absl::Time now) {
  if (e.remote && *e.remote == remote) return;
  const bool expected = e.Expects();
  e.remote = remote;
  e.source.Expect(remote.address);
  if (remote.dtmf_payload_type != 0) e.detector.reset();
  // Silence is only counted while packets are due (not on hold).
  if (!expected) e.last_received = now;
}

absl::Status MediaCore::Do(const std::string& call_id, const UpdateEndpoint& c, absl::Time now,
                           Effects& out) {
  Endpoint* e = Find(call_id, c.endpoint_id);
  if (e == nullptr) return NoEndpoint(call_id, c.endpoint_id);
  if (const absl::Status status = CheckRemote(c.remote); !status.ok()) return status;
  SetRemote(*e, c.remote, now);
  return absl::OkStatus();
}

absl::Status MediaCore::Do(const std::string& call_id, const DeleteEndpoint& c, absl::Time now,
                           Effects& out) {
  if (Endpoint* e = Find(call_id, c.endpoint_id)) Remove(*e, now, out);
  const auto call = calls_.find(call_id);
  if (call != calls_.end() && call->second.endpoints.empty() && call->second.recordings.empty()) {
    calls_.erase(call);
  }
  return absl::OkStatus();
}

absl::Status MediaCore::Do(const std::string& call_id, const Play& c, absl::Time now,
                           Effects& out) {
  Endpoint* e = Find(call_id, c.endpoint_id);
  // Whoever plays waits for PlayFinished, so that is how failure is told too.
  if (e == nullptr) {
    const std::string message(NoEndpoint(call_id, c.endpoint_id).message());
    Tell(call_id,
         PlayFinished{c.endpoint_id, c.play_id, PlayFinished::Reason::kFailed, {}, message}, now,
         out);
    return absl::OkStatus();
  }
  if (!c.play_id.empty()) {
    if (e->player && e->player->play_id() == c.play_id) return absl::OkStatus();
    if (e->last_play && e->last_play->play_id == c.play_id) {
      Tell(call_id, *e->last_play, now, out);
      return absl::OkStatus();
    }
  }
  absl::StatusOr<Player> player = Player::Make(c, prompts_);
  FinishPlay(*e, PlayFinished::Reason::kStopped, now, out);
  if (!player.ok()) {
    e->last_play = PlayFinished{c.endpoint_id,
                                c.play_id,
                                PlayFinished::Reason::kFailed,
                                {},
                                std::string(player.status().message())};
    Tell(call_id, *e->last_play, now, out);
    return absl::OkStatus();
  }
  e->player = *std::move(player);
  // An offset beyond the end: all was heard before the crash.
  if (e->player->finished()) FinishPlay(*e, PlayFinished::Reason::kEnd, now, out);
  return absl::OkStatus();
}

absl::Status MediaCore::Do(const std::string& call_id, const StopPlay& c, absl::Time now,
                           Effects& out) {
  Endpoint* e = Find(call_id, c.endpoint_id);
  if (e == nullptr) return absl::OkStatus();
  if (c.play_id.empty()) e->echo = false;  // "Whatever plays": the caller's own voice too.
  if (!e->player) return absl::OkStatus();
  if (c.play_id.empty() || c.play_id == e->player->play_id()) {
    FinishPlay(*e, PlayFinished::Reason::kStopped, now, out);
  }
  return absl::OkStatus();
}

absl::Status MediaCore::Do(const std::string& call_id, const Bridge& c, absl::Time now,
                           Effects& out) {
  Endpoint* e = Find(call_id, c.endpoint_id);
  if (e == nullptr) return NoEndpoint(call_id, c.endpoint_id);
  Endpoint* other = Find(call_id, c.other_endpoint_id);
  if (other == nullptr) return NoEndpoint(call_id, c.other_endpoint_id);
  if (e == other) return absl::InvalidArgumentError("an endpoint cannot be bridged with itself");
  if (e->peer == other) return absl::OkStatus();
  for (Endpoint* leg : {e, other}) {
    FinishPlay(*leg, PlayFinished::Reason::kStopped, now, out);
    Separate(*leg);
    leg->echo = false;
  }
  e->peer = other;
  other->peer = e;
  return absl::OkStatus();
}

absl::Status MediaCore::Do(const std::string& call_id, const Unbridge& c, absl::Time now,
                           Effects& out) {
  Endpoint* e = Find(call_id, c.endpoint_id);
  if (e == nullptr) return absl::OkStatus();
  Separate(*e);
  e->echo = false;
  return absl::OkStatus();
}

absl::Status MediaCore::Do(const std::string& call_id, const SendDigits& c, absl::Time now,
                           Effects& out) {
  Endpoint* e = Find(call_id, c.endpoint_id);
  if (e == nullptr) return NoEndpoint(call_id, c.endpoint_id);
  if (const char wrong = FindNoDigit(c.digits); wrong != '\0') {
    return absl::InvalidArgumentError(
        absl::StrCat("'", std::string(1, wrong), "' is no digit; 0-9 * # A-D are"));
  }
  constexpr size_t kDigitsMax = 128;
  if (c.digits.empty() || c.digits.size() > kDigitsMax) {
    return absl::InvalidArgumentError(
        absl::StrCat(c.digits.size(), " digits; 1 to ", kDigitsMax, " are taken"));
  }
  e->digits_out.Add(c.digits);
  return absl::OkStatus();
}

absl::Status MediaCore::Do(const std::string& call_id, const Echo& c, absl::Time now,
                           Effects& out) {
  Endpoint* e = Find(call_id, c.endpoint_id);
  if (e == nullptr) return NoEndpoint(call_id, c.endpoint_id);
  FinishPlay(*e, PlayFinished::Reason::kStopped, now, out);
  Separate(*e);
  e->echo = true;
  return absl::OkStatus();
}

absl::Status MediaCore::Do(const std::string& call_id, const DeleteCall& c, absl::Time now,
                           Effects& out) {
  const auto it = calls_.find(call_id);
  if (it == calls_.end()) return absl::OkStatus();
  for (auto& [id, tap] : it->second.recordings) StopTap(call_id, *tap, now, out);
  while (!it->second.endpoints.empty()) Remove(*it->second.endpoints.begin()->second, now, out);
  calls_.erase(call_id);
  return absl::OkStatus();
}

}  // namespace zvon::media
