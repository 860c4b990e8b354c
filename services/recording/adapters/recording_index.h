#pragma once
// What is stored, told by files beside the sound: the truth that does not need
// PostgreSQL. index/<xx>/<recording id>.json for each recording; a marker in
// pending/ for each whose row or event is still owed. Thread-safe (files).

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/recording/adapters/segment_spool.h"
#include "services/recording/core/segment_plan.h"
#include "zvon/recording/v1/recording.pb.h"

namespace zvon::recording {

struct IndexEntry {
  zvon::recording::v1::Recording recording;
  std::string path;      // Below the store folder.
  int version = 1;       // Rises when late segments are added.
  std::string event_id;  // Of its RecordingStored.
  struct Segment {
    std::string writer_id;
    int32_t index = 0;
    std::string sha256;
  };
  std::vector<Segment> segments;  // What it was made of.

  const Segment* Find(const zvon::media::v1::RecordingSegment& segment) const;
};

class RecordingIndex {
 public:
  // `data_dir`/index, `data_dir`/pending.
  explicit RecordingIndex(std::string data_dir) : data_dir_(std::move(data_dir)) {}

  // NOT_FOUND where there is none.
  absl::StatusOr<IndexEntry> Find(const std::string& recording_id) const;
  // Marks it pending first: a crash between the two owes too much, not too little.
  absl::Status Put(const IndexEntry& entry);
  std::vector<std::string> ListPending() const;
  void ClearPending(const std::string& recording_id);

 private:
  std::string PathOf(const std::string& recording_id) const;
  std::string data_dir_;
};

std::vector<Gap> GapsOf(const zvon::recording::v1::Recording& recording);

absl::Time FromProto(const google::protobuf::Timestamp& time);
absl::Duration FromProto(const google::protobuf::Duration& duration);
void Set(absl::Time time, google::protobuf::Timestamp* out);
void Set(absl::Duration duration, google::protobuf::Duration* out);

}  // namespace zvon::recording
