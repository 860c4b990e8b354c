#pragma once
// Two voices on one time line: each packet's samples are put where they were
// spoken, silence stays where nothing came. Pure.
//
// Frame n of the recording is n/8000 s after its start by the monotonic clock.
// Within a channel packets keep their RTP distance (so jitter is not heard);
// where the stream and the clock part by more than the limits below (a pause
// without packets, a new source, drift) the channel is anchored anew at the
// time of arrival.

#include <array>
#include <cstdint>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"

namespace zvon::media {

class RecordingTimeline {
 public:
  // Late packets find their place so long.
  static constexpr int64_t kDelay = 1600;  // 200 ms.

  explicit RecordingTimeline(absl::Time start) : start_(start) {}

  // Channel 0 or 1. `samples` begin at `rtp_timestamp`.
  void Place(int channel, uint32_t ssrc, uint32_t rtp_timestamp, absl::Span<const int16_t> samples,
             absl::Time now);

  // Frames that no packet can change any more and were not yet taken.
  int64_t Settled(absl::Time now) const { return FrameAt(now) - kDelay - taken_; }
  // Moves the next `frames` out, interleaved.
  std::vector<int16_t> Take(int64_t frames);
  // Frames until `now`, settled or not; what comes later for them is lost.
  std::vector<int16_t> TakeAll(absl::Time now);

  // The frame that the next Take begins with.
  int64_t taken() const { return taken_; }
  int64_t FrameAt(absl::Time now) const;
  // Samples that came too late or too early to be placed.
  int64_t lost() const { return lost_; }

 private:
  static constexpr int64_t kRing = 8192;     // More than a second; a power of two.
  static constexpr int64_t kEarlyMax = 480;  // 60 ms ahead of the clock.
  static constexpr int64_t kLateMax = 1440;  // 180 ms behind.

  struct Channel {
    std::array<int16_t, kRing> ring{};
    bool anchored = false;
    uint32_t ssrc = 0;
    uint32_t anchor_timestamp = 0;
    int64_t anchor_frame = 0;
  };

  absl::Time start_;
  int64_t taken_ = 0;
  int64_t lost_ = 0;
  std::array<Channel, 2> channels_;
};

}  // namespace zvon::media
