#pragma once
// Segments that came and are not yet part of a stored recording, on disk:
// spool/<recording id>/<writer id>.<index>.{pcm,json}. The sidecar comes last:
// a segment is there when it is. Thread-safe.

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/recording/adapters/files.h"
#include "zvon/media/v1/media.pb.h"

namespace zvon::recording {

struct HeldSegment {
  zvon::media::v1::RecordingSegment segment;
  std::string sha256;
  std::string pcm_path;
};

class SegmentSpool {
 public:
  explicit SegmentSpool(std::string folder) : folder_(std::move(folder)) {}

  // Reads what an earlier process left; they count as come at `now`.
  absl::Status Load(absl::Time now);

  // One segment on its way in.
  class Incoming {
   public:
    absl::Status Write(absl::string_view bytes);
    int64_t bytes() const { return bytes_; }

   private:
    friend class SegmentSpool;
    zvon::media::v1::RecordingSegment segment_;
    std::unique_ptr<NewFile> file_;
    Sha256 sha_;
    int64_t bytes_ = 0;
  };
  // INVALID_ARGUMENT where ids or lengths cannot be.
  absl::StatusOr<std::unique_ptr<Incoming>> Begin(const zvon::media::v1::RecordingSegment& segment);
  // Durable when OK. ABORTED where the checksum differs (send again),
  // INVALID_ARGUMENT where the length does, FAILED_PRECONDITION where another
  // segment of the same name is there. The same one again is OK.
  absl::Status Finish(Incoming& incoming, const std::string& sha256, absl::Time now);

  struct Waiting {
    std::string recording_id;
    absl::Time last_arrival;
  };
  std::vector<Waiting> ListWaiting() const;
  // In order of writer and index.
  std::vector<HeldSegment> SegmentsOf(const std::string& recording_id) const;
  void Remove(const std::vector<HeldSegment>& segments);
  size_t size() const;

 private:
  struct Recording {
    std::map<std::string, HeldSegment> segments;  // By name.
    absl::Time last_arrival;
  };
  std::string PathOf(const zvon::media::v1::RecordingSegment& segment) const;

  const std::string folder_;
  mutable std::mutex mutex_;
  std::map<std::string, Recording> recordings_;  // By mutex_.
  uint64_t incoming_ = 0;                        // By mutex_.
};

}  // namespace zvon::recording
