// Recording taps: which endpoint feeds which channel of what.

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/media/core/media_core.h"

namespace zvon::media {
namespace {

// Audio goes to the writer in pieces of this many frames.
constexpr int64_t kPiece = 1600;
constexpr size_t kRecordingsMax = 64;  // Of one call.
constexpr size_t kIdMax = 64;

// Recording ids become file names.
bool IsFileName(const std::string& id) {
  return !id.empty() && id.size() <= kIdMax && std::all_of(id.begin(), id.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_';
  });
}

RecordingOp OpOf(RecordingOp::Kind kind, const RecordingTap& tap, int64_t frame) {
  RecordingOp op;
  op.kind = kind;
  op.writer_id = tap.writer_id;
  op.frame = frame;
  op.left = {tap.left_endpoint_id, ""};
  op.right = {tap.right_endpoint_id, tap.right_agent_id};
  return op;
}

}  // namespace

RecordingTap* MediaCore::FindRecording(const std::string& call_id,
                                       const std::string& recording_id) {
  const auto call = calls_.find(call_id);
  if (call == calls_.end()) return nullptr;
  const auto it = call->second.recordings.find(recording_id);
  return it == call->second.recordings.end() ? nullptr : it->second.get();
}

void MediaCore::Retap(Call& call) {
  for (auto& [id, e] : call.endpoints) e->taps.clear();
  for (auto& [id, tap] : call.recordings) {
    if (tap->stopped) continue;
    const std::string* ids[] = {&tap->left_endpoint_id, &tap->right_endpoint_id};
    for (int channel = 0; channel < 2; ++channel) {
      const auto e = call.endpoints.find(*ids[channel]);
      if (e != call.endpoints.end()) e->second->taps.push_back({tap.get(), channel});
    }
  }
}

void MediaCore::TakeAudio(RecordingTap& tap, std::vector<int16_t> pcm, int64_t frame,
                          Effects& out) {
  if (pcm.empty()) return;
  RecordingOp op;
  op.kind = RecordingOp::Kind::kAudio;
  op.writer_id = tap.writer_id;
  op.frame = frame;
  op.pcm = std::move(pcm);
  out.recording.push_back(std::move(op));
}

absl::Status MediaCore::Do(const std::string& call_id, const StartRecording& c, absl::Time now,
                           Effects& out) {
  if (c.recording_id.empty() || c.tenant_id.empty()) {
    return absl::InvalidArgumentError("a recording needs recording_id and tenant_id");
  }
  if (!IsFileName(c.recording_id)) {
    return absl::InvalidArgumentError(
        "recording_id: letters, digits, - and _ are taken, 64 at most");
  }
  const auto call = calls_.find(call_id);
  if (call == calls_.end()) {
    return absl::NotFoundError(absl::StrCat("no call ", call_id, " to record"));
  }
  if (RecordingTap* tap = FindRecording(call_id, c.recording_id)) {
    if (tap->stopped) {
      return absl::FailedPreconditionError(
          absl::StrCat("recording ", c.recording_id, " has been stopped"));
    }
    const bool changed = tap->left_endpoint_id != c.left_endpoint_id ||
                         tap->right_endpoint_id != c.right_endpoint_id ||
                         tap->right_agent_id != c.right_agent_id;
    if (changed) {
      const int64_t frame = tap->timeline.taken();
      TakeAudio(*tap, tap->timeline.TakeAll(now), frame, out);
      tap->left_endpoint_id = c.left_endpoint_id;
      tap->right_endpoint_id = c.right_endpoint_id;
      tap->right_agent_id = c.right_agent_id;
      out.recording.push_back(OpOf(RecordingOp::Kind::kChannels, *tap, tap->timeline.taken()));
      Retap(call->second);
    }
    Tell(call_id, RecordingStarted{c.recording_id}, now, out);
    return absl::OkStatus();
  }
  if (call->second.recordings.size() >= kRecordingsMax) {
    return absl::ResourceExhaustedError(absl::StrCat(kRecordingsMax, " recordings of one call"));
  }
  auto tap = std::make_unique<RecordingTap>(c.recording_id, now);
  tap->writer_id = MakeId(now, random_);
  tap->start = now;
  tap->left_endpoint_id = c.left_endpoint_id;
  tap->right_endpoint_id = c.right_endpoint_id;
  tap->right_agent_id = c.right_agent_id;
  RecordingOp op = OpOf(RecordingOp::Kind::kOpen, *tap, 0);
  op.recording_id = c.recording_id;
  op.tenant_id = c.tenant_id;
  op.interaction_id = c.interaction_id;
  op.call_id = call_id;
  op.start_time = now;
  out.recording.push_back(std::move(op));
  call->second.recordings[c.recording_id] = std::move(tap);
  Retap(call->second);
  Tell(call_id, RecordingStarted{c.recording_id}, now, out);
  return absl::OkStatus();
}

absl::Status MediaCore::Do(const std::string& call_id, const PauseRecording& c, absl::Time now,
                           Effects& out) {
  RecordingTap* tap = FindRecording(call_id, c.recording_id);
  if (tap == nullptr) return absl::NotFoundError(absl::StrCat("no recording ", c.recording_id));
  if (tap->paused || tap->stopped) return absl::OkStatus();
  const int64_t frame = tap->timeline.taken();
  TakeAudio(*tap, tap->timeline.TakeAll(now), frame, out);
  tap->paused = true;
  RecordingOp op = OpOf(RecordingOp::Kind::kGapBegin, *tap, tap->timeline.taken());
  op.reason = c.reason;
  out.recording.push_back(std::move(op));
  return absl::OkStatus();
}

absl::Status MediaCore::Do(const std::string& call_id, const ResumeRecording& c, absl::Time now,
                           Effects& out) {
  RecordingTap* tap = FindRecording(call_id, c.recording_id);
  if (tap == nullptr) return absl::NotFoundError(absl::StrCat("no recording ", c.recording_id));
  if (!tap->paused || tap->stopped) return absl::OkStatus();
  const int64_t frame = tap->timeline.taken();
  TakeAudio(*tap, tap->timeline.TakeAll(now), frame, out);
  tap->paused = false;
  out.recording.push_back(OpOf(RecordingOp::Kind::kGapEnd, *tap, tap->timeline.taken()));
  return absl::OkStatus();
}

void MediaCore::StopTap(const std::string& call_id, RecordingTap& tap, absl::Time now,
                        Effects& out) {
  if (tap.stopped) return;
  const int64_t frame = tap.timeline.taken();
  TakeAudio(tap, tap.timeline.TakeAll(now), frame, out);
  out.recording.push_back(OpOf(RecordingOp::Kind::kClose, tap, tap.timeline.taken()));
  tap.stopped = true;
  tap.recorded = absl::Microseconds(tap.timeline.taken() * 125);
  counts_.recording_samples_lost += static_cast<uint64_t>(tap.timeline.lost());
  Tell(call_id, RecordingStopped{tap.recording_id, tap.recorded}, now, out);
}

absl::Status MediaCore::Do(const std::string& call_id, const StopRecording& c, absl::Time now,
                           Effects& out) {
  RecordingTap* tap = FindRecording(call_id, c.recording_id);
  if (tap == nullptr) return absl::NotFoundError(absl::StrCat("no recording ", c.recording_id));
  if (tap->stopped) {
    Tell(call_id, RecordingStopped{tap->recording_id, tap->recorded}, now, out);
    return absl::OkStatus();
  }
  StopTap(call_id, *tap, now, out);
  Call& call = calls_[call_id];
  Retap(call);
  if (call.endpoints.empty()) calls_.erase(call_id);
  return absl::OkStatus();
}

void MediaCore::Record(Endpoint& e, const RtpPacket& packet, absl::Time now) {
  int16_t pcm[1500];
  const size_t n = std::min(packet.payload.size(), std::size(pcm));
  Decode(LawOf(e.remote->codec), packet.payload.first(n), absl::MakeSpan(pcm, n));
  for (const Endpoint::Tap& tap : e.taps) {
    if (tap.recording->paused) continue;
    tap.recording->timeline.Place(tap.channel, packet.header.ssrc, packet.header.timestamp,
                                  absl::MakeConstSpan(pcm, n), now);
  }
}

void MediaCore::TickRecordings(absl::Time now, Effects& out) {
  for (auto& [call_id, call] : calls_) {
    for (auto& [id, tap] : call.recordings) {
      if (tap->stopped) continue;
      const int64_t settled = tap->timeline.Settled(now);
      if (settled < kPiece) continue;
      const int64_t frame = tap->timeline.taken();
      TakeAudio(*tap, tap->timeline.Take(settled), frame, out);
    }
  }
}

}  // namespace zvon::media
