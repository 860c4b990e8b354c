#pragma once
// Which segments make a recording, in which order, and what lies between. Pure.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace zvon::recording {

inline constexpr int64_t kFramesPerSecond = 8000;

// What is known of one segment on disk.
struct SegmentInfo {
  std::string writer_id;
  int index = 0;
  absl::Time start;
  int64_t frames = 0;
  bool recovered = false;
  bool last = false;
  absl::Time arrival;

  struct Gap {
    int64_t start_frame = 0;
    int64_t frames = 0;
    std::string reason;
  };
  std::vector<Gap> gaps;  // Declared by the writer (paused), within the segment.
};

struct Plan {
  struct Part {
    // Position in the list given to MakePlan; -1 = silence.
    int segment = -1;
    int64_t frames = 0;
  };
  std::vector<Part> parts;
  // In frames of the whole recording.
  std::vector<SegmentInfo::Gap> gaps;
  int64_t frames = 0;
  absl::Time start = absl::InfinitePast();
};

// Whether a recording may be assembled now. `ended` is when the talk ended
// (InfinitePast = not known), `settle` how long a successor of a crashed
// writer is waited for; with the end known, five times as long for a segment
// that is missing in the middle.
bool IsReady(const std::vector<SegmentInfo>& segments, absl::Time ended, absl::Time now,
             absl::Duration settle);

Plan MakePlan(const std::vector<SegmentInfo>& segments);

}  // namespace zvon::recording
