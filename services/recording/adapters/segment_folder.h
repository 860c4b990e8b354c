#pragma once
// Segments on disk, from their arrival to the recording's storing.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/recording/core/assembly.h"
#include "zvon/media/v1/media.pb.h"

namespace zvon::recording {

// A segment with its files: PCM 16 bit stereo, and the metadata beside it.
struct StoredSegment {
  zvon::media::v1::RecordingSegment segment;
  SegmentInfo info;
  std::string pcm_file;
};

// `incoming/<recording id>/<writer>.<index>.{pcm,seg}`. Thread-safe: each file
// has one writer at a time under its own temporary name, and appears by rename.
class SegmentFolder {
 public:
  explicit SegmentFolder(std::string root) : root_(std::move(root)) {}

  // One arrival; forgotten by the destructor unless Commit succeeded.
  class Arrival {
   public:
    ~Arrival();
    absl::Status Append(std::string_view pcm);
    // Compares the checksum (hexadecimal SHA-256), makes the segment durable.
    absl::Status Commit(const std::string& sha256);

   private:
    friend class SegmentFolder;
    Arrival() = default;
    struct Impl;
    std::unique_ptr<Impl> impl_;
  };
  // INVALID_ARGUMENT where an id is missing or not of our form.
  absl::StatusOr<std::unique_ptr<Arrival>> Begin(const zvon::media::v1::RecordingSegment& segment);

  bool Has(const zvon::media::v1::RecordingSegment& segment) const;
  std::vector<std::string> RecordingIds() const;
  std::vector<StoredSegment> Segments(const std::string& recording_id) const;
  void Remove(const std::string& recording_id);

 private:
  std::string root_;
};

}  // namespace zvon::recording
