#pragma once
// For tests: segments as media makes them.

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "services/common/audio/tone.h"
#include "services/recording/adapters/files.h"
#include "services/recording/adapters/recording_index.h"
#include "zvon/media/v1/media.pb.h"

namespace zvon::recording {

const absl::Time kRigStart = absl::FromUnixSeconds(1'750'000'000);

struct RigSegment {
  zvon::media::v1::RecordingSegment segment;
  std::string pcm;
  std::string sha256() const { return Sha256Of(pcm); }
};

// Left a tone of `left_hz`, right of `right_hz`; begins `at` into the recording.
inline RigSegment MakeSegment(const std::string& recording_id, int index, absl::Duration at,
                              absl::Duration length, double left_hz = 440, double right_hz = 1000,
                              const std::string& writer_id = "w") {
  RigSegment out;
  const int64_t frames = absl::ToInt64Microseconds(length) / 125;
  auto& s = out.segment;
  s.set_recording_id(recording_id);
  s.set_tenant_id("demo");
  s.set_interaction_id("interaction-" + recording_id);
  s.set_call_id("call");
  s.set_writer_id(writer_id);
  s.set_index(index);
  s.set_frames(frames);
  Set(kRigStart + at, s.mutable_start_time());
  s.add_channels()->set_leg_id("a");
  auto* right = s.add_channels();
  right->set_index(1);
  right->set_leg_id("b");
  right->set_agent_id("agent1");
  ToneGenerator l(left_hz, 8000, 0.3);
  ToneGenerator r(right_hz, 8000, 0.3);
  for (int64_t i = 0; i < frames; ++i) {
    for (const int16_t sample : {l.Next(), r.Next()}) {
      out.pcm.append(reinterpret_cast<const char*>(&sample), sizeof sample);
    }
  }
  return out;
}

// One channel of interleaved samples, from and for so many milliseconds.
inline std::vector<int16_t> Part(const std::vector<int16_t>& samples, int channel, int64_t from_ms,
                                 int64_t ms) {
  std::vector<int16_t> part;
  for (int64_t i = from_ms * 8; i < (from_ms + ms) * 8; ++i) {
    part.push_back(samples.at(static_cast<size_t>(2 * i + channel)));
  }
  return part;
}

}  // namespace zvon::recording
