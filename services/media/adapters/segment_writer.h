#pragma once
// Writes what the recording taps tell into segment files, on its own thread,
// so that a slow disk never holds up a packet.

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/media/core/media_types.h"

namespace zvon::media {

struct SegmentWriterOptions {
  // The first that can be written to is used. Each is made if missing.
  std::vector<std::string> folders;
  absl::Duration segment_length = absl::Seconds(60);
  // Sound that waits for the disk; above it new sound is left out, which is
  // declared as a gap "overload" (32 kB a second of recording).
  int64_t queue_bytes_max = int64_t{256} << 20;
};

struct SegmentWriterCounts {
  uint64_t segments_closed = 0;
  uint64_t bytes_written = 0;
  uint64_t write_errors = 0;     // A folder failed; another was taken.
  uint64_t frames_left_out = 0;  // Queue full, or no folder could be written to.
  int64_t queue_bytes = 0;
  int64_t open_segments = 0;
  // No folder can be written to: an alarm.
  bool failing = false;
};

class SegmentWriter {
 public:
  // `on_closed` is called on the writer's thread after each closed segment.
  SegmentWriter(SegmentWriterOptions options, std::function<void()> on_closed);
  // Writes what is queued (bounded by the queue) and closes open segments, not
  // as the last of their recordings: the calls may go on elsewhere.
  ~SegmentWriter();

  // Recovers what a dead process left and starts the thread.
  absl::Status Start();
  // Thread-safe, never blocks on the disk.
  void Submit(std::vector<RecordingOp> ops);
  SegmentWriterCounts counts() const;

 private:
  struct Writing;
  class Files;
  void Run();

  SegmentWriterOptions options_;
  std::unique_ptr<Files> files_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<RecordingOp> queue_;  // By mutex_.
  bool stopping_ = false;          // By mutex_.
  SegmentWriterCounts counts_;     // By mutex_.
  std::thread thread_;
};

}  // namespace zvon::media
