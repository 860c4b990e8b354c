#include "services/media/adapters/segment_files.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "services/common/telemetry/log.h"

namespace zvon::media {
namespace {

namespace fs = std::filesystem;
using zvon::media::v1::RecordingSegment;

std::vector<SegmentPath> List(const std::string& folder, absl::string_view suffix) {
  std::vector<SegmentPath> found;
  std::error_code error;
  for (fs::directory_iterator it(folder, error); !error && it != fs::directory_iterator();
       it.increment(error)) {
    const std::string file = it->path().filename().string();
    if (!absl::EndsWith(file, suffix)) continue;
    found.push_back({folder, std::string(absl::StripSuffix(file, suffix))});
  }
  std::sort(found.begin(), found.end(),
            [](const SegmentPath& a, const SegmentPath& b) { return a.name < b.name; });
  return found;
}

absl::Status Recover(const SegmentPath& path) {
  std::error_code error;
  const auto bytes = fs::file_size(path.pcm(), error);
  const int64_t frames = error ? 0 : static_cast<int64_t>(bytes) / kFrameBytes;
  absl::StatusOr<RecordingSegment> segment = ReadSidecar(path.open_sidecar());
  if (!segment.ok()) return segment.status();
  if (frames == 0) {
    RemoveSegment(path);
    return absl::OkStatus();
  }
  segment->set_frames(frames);
  segment->set_recovered(true);
  for (auto& gap : *segment->mutable_gaps()) {
    const int64_t room = std::max<int64_t>(0, frames - gap.start_frame());
    // Negative: the gap was not over when the writer died.
    gap.set_frames(gap.frames() < 0 ? room : std::min(gap.frames(), room));
  }
  const absl::Status written = WriteSidecar(path.closed_sidecar(), *segment);
  if (!written.ok()) return written;
  fs::remove(path.open_sidecar(), error);
  return absl::OkStatus();
}

}  // namespace

std::string SegmentName(const RecordingSegment& segment) {
  return absl::StrFormat("%s.%s.%06d", segment.recording_id(), segment.writer_id(),
                         segment.index());
}

absl::Status WriteSidecar(const std::string& path, const RecordingSegment& segment) {
  std::string json;
  const auto converted = google::protobuf::util::MessageToJsonString(segment, &json);
  if (!converted.ok()) return absl::InternalError(converted.ToString());
  const std::string temporary = path + ".tmp";
  {
    std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
    out << json << '\n';
    out.flush();
    if (!out) return absl::UnavailableError(absl::StrCat(temporary, ": ", std::strerror(errno)));
  }
  std::error_code error;
  fs::rename(temporary, path, error);
  if (error) return absl::UnavailableError(absl::StrCat(path, ": ", error.message()));
  return absl::OkStatus();
}

absl::StatusOr<RecordingSegment> ReadSidecar(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return absl::NotFoundError(absl::StrCat(path, ": ", std::strerror(errno)));
  const std::string json{std::istreambuf_iterator<char>(in), {}};
  RecordingSegment segment;
  const auto parsed = google::protobuf::util::JsonStringToMessage(json, &segment);
  if (!parsed.ok()) return absl::DataLossError(absl::StrCat(path, ": ", parsed.ToString()));
  return segment;
}

std::vector<SegmentPath> ListClosedSegments(const std::string& folder) {
  std::vector<SegmentPath> found = List(folder, ".json");
  found.erase(
      std::remove_if(found.begin(), found.end(),
                     [](const SegmentPath& path) { return absl::EndsWith(path.name, ".open"); }),
      found.end());
  return found;
}

absl::StatusOr<int> RecoverSegments(const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    return absl::UnavailableError(absl::StrCat("folder ", folder, ": ", error.message()));
  }
  int recovered = 0;
  for (const SegmentPath& path : List(folder, ".open.json")) {
    const absl::Status status = Recover(path);
    recovered += status.ok();
    if (!status.ok()) {
      LogError("segment cannot be recovered",
               {{"segment", path.name}, {"error", std::string(status.message())}});
    }
  }
  return recovered;
}

void RemoveSegment(const SegmentPath& path) {
  std::error_code error;
  // The sidecar first: sound without a sidecar is nobody's, the other way
  // round would be a segment without sound.
  fs::remove(path.closed_sidecar(), error);
  fs::remove(path.open_sidecar(), error);
  fs::remove(path.pcm(), error);
}

}  // namespace zvon::media
