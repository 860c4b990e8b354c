#pragma once
// How the pieces of one recording become one file: in order of time, with
// silence where nothing was stored, every such stretch declared. Pure.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace zvon::recording {

constexpr int64_t kRate = 8000;  // Frames a second.

struct Gap {
  int64_t start_frame = 0;
  int64_t frames = 0;
  std::string reason;
  friend bool operator==(const Gap&, const Gap&) = default;
};

// A segment, or a file that was stored before a late segment came.
struct Piece {
  std::string writer_id;
  int32_t index = 0;
  absl::Time start;
  int64_t frames = 0;
  std::vector<Gap> gaps;  // Within the piece.
  bool recovered = false;
  bool last = false;
  bool stored = false;  // A stored file: counts as complete in itself.
};

// A stretch of the result: from a piece, or silence (piece = -1).
struct Run {
  int piece = -1;  // Index into the pieces given.
  int64_t piece_frame = 0;
  int64_t frames = 0;
  friend bool operator==(const Run&, const Run&) = default;
};

struct SegmentPlan {
  absl::Time start;
  int64_t frames = 0;
  std::vector<Run> runs;
  std::vector<Gap> gaps;  // Of the whole recording, in order.
};

// Where two pieces claim the same moment, the one given first with sound there
// is taken. Pauses within pieces are gaps with their reason; between pieces
// "moved" (another writer went on) or "lost".
SegmentPlan MakePlan(const std::vector<Piece>& pieces);

// Nothing more is to come: of every writer all segments from 0 on are there,
// the newest writer's last one is marked so, and those before it ended with a
// last or a recovered one.
bool IsComplete(const std::vector<Piece>& pieces);

int64_t TotalFrames(const std::vector<Gap>& gaps);
inline absl::Duration FramesToDuration(int64_t frames) { return absl::Microseconds(frames * 125); }

}  // namespace zvon::recording
