#pragma once
// Recording segments on disk: NAME.pcm with the sound and a sidecar with a
// zvon.media.v1.RecordingSegment as JSON. While it is being written the sidecar
// is NAME.open.json; NAME.json says that the segment is complete. NAME is
// <recording id>.<writer id>.<index>, so that names sort in order of writing
// (writer ids are UUIDv7).

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "zvon/media/v1/media.pb.h"

namespace zvon::media {

constexpr int64_t kFrameBytes = 4;  // Two channels of 16 bit.

struct SegmentPath {
  std::string folder;
  std::string name;
  std::string pcm() const { return folder + "/" + name + ".pcm"; }
  std::string open_sidecar() const { return folder + "/" + name + ".open.json"; }
  std::string closed_sidecar() const { return folder + "/" + name + ".json"; }
};

std::string SegmentName(const zvon::media::v1::RecordingSegment& segment);

// Replaced as a whole: a reader sees the old text or the new one.
absl::Status WriteSidecar(const std::string& path,
                          const zvon::media::v1::RecordingSegment& segment);
absl::StatusOr<zvon::media::v1::RecordingSegment> ReadSidecar(const std::string& path);

// Closed segments of a folder in order of name.
std::vector<SegmentPath> ListClosedSegments(const std::string& folder);

// Closes what a dead process left open: the sound up to its last write is
// kept as recovered=true. Gives how many there were. Files without sound go.
absl::StatusOr<int> RecoverSegments(const std::string& folder);

void RemoveSegment(const SegmentPath& path);

}  // namespace zvon::media
