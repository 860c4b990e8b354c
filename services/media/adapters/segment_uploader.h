#pragma once
// Brings closed segments to the recording service, in order within each
// recording, for as long as it takes; a segment leaves the disk when the
// service has it.

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/media/adapters/segment_files.h"

namespace zvon::media {

// One upload; blocks. `sender` below is the real one.
using SegmentSender = std::function<absl::Status(const zvon::media::v1::RecordingSegment&,
                                                 const std::string& pcm_path)>;

struct SegmentUploaderOptions {
  std::vector<std::string> folders;
  absl::Duration backoff_min = absl::Milliseconds(200);
  absl::Duration backoff_max = absl::Seconds(10);
};

struct SegmentUploaderCounts {
  uint64_t sent = 0;
  uint64_t failed = 0;   // Tries that will be repeated.
  uint64_t refused = 0;  // Set aside as NAME.refused.json: an alarm.
  int64_t waiting = 0;
};

class SegmentUploader {
 public:
  SegmentUploader(SegmentUploaderOptions options, SegmentSender sender);
  // Stops after the upload under way (bounded by the sender's deadline).
  ~SegmentUploader();
  void Start();
  // There is something new. Thread-safe.
  void Notify();
  SegmentUploaderCounts counts() const;

 private:
  void Run();
  // False where something is left that may go later.
  bool UploadAll();
  bool stopping() const;

  SegmentUploaderOptions options_;
  SegmentSender sender_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool notified_ = false;         // By mutex_.
  bool stopping_ = false;         // By mutex_.
  SegmentUploaderCounts counts_;  // By mutex_.
  std::thread thread_;
};

}  // namespace zvon::media
