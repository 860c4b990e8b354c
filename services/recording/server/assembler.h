#pragma once
// Makes one file of a recording's segments when all are there, or when no more
// have come for a while; adds segments that come later still.
//
// The order of steps makes a crash anywhere harmless: new file, index entry
// (with the list of its segments), then the segments go. A file is never
// changed: late segments make another version beside it.

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/common/ids/ids.h"
#include "services/recording/adapters/audio_file.h"
#include "services/recording/adapters/recording_index.h"
#include "services/recording/adapters/segment_spool.h"

namespace zvon::recording {

struct AssemblerOptions {
  std::string store_dir;
  AudioFormat format = AudioFormat::kOggOpus;
  // After the last segment that came, of a recording that is not complete.
  absl::Duration settle = absl::Minutes(3);
  // After the last one that came late; several may be on their way.
  absl::Duration late_settle = absl::Seconds(2);
};

// One thread's.
class Assembler {
 public:
  // Spool and index outlive it.
  Assembler(AssemblerOptions options, SegmentSpool& spool, RecordingIndex& index,
            RandomSource random);

  struct Result {
    int assembled = 0;
    int failed = 0;  // Tried again at the next call.
  };
  // Assembles what is ready at `now`.
  Result AssembleReady(absl::Time now);

 private:
  bool IsReady(const std::vector<HeldSegment>& segments, const IndexEntry* stored,
               absl::Duration quiet) const;
  absl::Status Assemble(const std::vector<HeldSegment>& segments, const IndexEntry* stored,
                        absl::Time now);
  absl::Status WriteSound(const SegmentPlan& plan, const std::vector<HeldSegment>& segments,
                          const IndexEntry* stored, const std::string& path) const;
  // Segments of the spool that are in the stored file already go.
  std::vector<HeldSegment> DropKnown(std::vector<HeldSegment> segments, const IndexEntry* stored);
  std::string PathFor(const IndexEntry& entry) const;

  AssemblerOptions options_;
  SegmentSpool& spool_;
  RecordingIndex& index_;
  RandomSource random_;
};

}  // namespace zvon::recording
