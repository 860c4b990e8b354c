#include "services/media/core/recording_timeline.h"

#include <algorithm>

namespace zvon::media {

int64_t RecordingTimeline::FrameAt(absl::Time now) const {
  return std::max<int64_t>(0, absl::ToInt64Microseconds(now - start_) / 125);
}

void RecordingTimeline::Place(int channel, uint32_t ssrc, uint32_t rtp_timestamp,
                              absl::Span<const int16_t> samples, absl::Time now) {
  Channel& c = channels_[channel];
  // The packet came when its last sample was spoken, at the earliest.
  const int64_t arrival = FrameAt(now) - static_cast<int64_t>(samples.size());
  int64_t at = c.anchor_frame + static_cast<int32_t>(rtp_timestamp - c.anchor_timestamp);
  const bool off = at > arrival + kEarlyMax || at < arrival - kLateMax;
  if (!c.anchored || c.ssrc != ssrc || off) {
    c.anchored = true;
    c.ssrc = ssrc;
    at = arrival;
  }
  // The anchor goes along, so that timestamps may wrap.
  c.anchor_timestamp = rtp_timestamp;
  c.anchor_frame = at;
  for (const int16_t sample : samples) {
    if (at >= taken_ && at < taken_ + kRing) {
      c.ring[at & (kRing - 1)] = sample;
    } else {
      ++lost_;
    }
    ++at;
  }
}

std::vector<int16_t> RecordingTimeline::Take(int64_t frames) {
  std::vector<int16_t> out(static_cast<size_t>(std::max<int64_t>(0, frames)) * 2);
  for (int channel = 0; channel < 2; ++channel) {
    auto& ring = channels_[channel].ring;
    // Beyond the ring there is silence (a loop that stood still).
    const int64_t stored = std::min(frames, kRing);
    for (int64_t i = 0; i < stored; ++i) {
      int16_t& sample = ring[(taken_ + i) & (kRing - 1)];
      out[static_cast<size_t>(2 * i + channel)] = sample;
      sample = 0;
    }
  }
  taken_ += std::max<int64_t>(0, frames);
  return out;
}

std::vector<int16_t> RecordingTimeline::TakeAll(absl::Time now) {
  return Take(FrameAt(now) - taken_);
}

}  // namespace zvon::media
