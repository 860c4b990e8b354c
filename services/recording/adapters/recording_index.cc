#include "services/recording/adapters/recording_index.h"

#include <google/protobuf/util/json_util.h>

#include <filesystem>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"

namespace zvon::recording {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

absl::StatusOr<IndexEntry> Parse(const std::string& path, const std::string& text) {
  const json root = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!root.is_object() || !root.contains("recording")) {
    return absl::DataLossError(absl::StrCat(path, " is no index entry"));
  }
  IndexEntry entry;
  const auto parsed =
      google::protobuf::util::JsonStringToMessage(root["recording"].dump(), &entry.recording);
  if (!parsed.ok()) return absl::DataLossError(absl::StrCat(path, ": ", parsed.ToString()));
  entry.path = root.value("path", "");
  entry.version = root.value("version", 1);
  entry.event_id = root.value("event_id", "");
  for (const json& segment : root.value("segments", json::array())) {
    entry.segments.push_back(
        {segment.value("writer", ""), segment.value("index", 0), segment.value("sha256", "")});
  }
  return entry;
}

}  // namespace

const IndexEntry::Segment* IndexEntry::Find(const zvon::media::v1::RecordingSegment& wanted) const {
  for (const Segment& segment : segments) {
    if (segment.writer_id == wanted.writer_id() && segment.index == wanted.index()) return &segment;
  }
  return nullptr;
}

std::string RecordingIndex::PathOf(const std::string& recording_id) const {
  // The last characters of an UUIDv7 are random: folders fill evenly.
  const size_t n = recording_id.size();
  return absl::StrCat(data_dir_, "/index/", recording_id.substr(n < 2 ? 0 : n - 2), "/",
                      recording_id, ".json");
}

absl::StatusOr<IndexEntry> RecordingIndex::Find(const std::string& recording_id) const {
  if (!IsFileName(recording_id)) {
    return absl::NotFoundError(absl::StrCat("no recording '", recording_id, "'"));
  }
  const std::string path = PathOf(recording_id);
  auto text = ReadFile(path);
  if (!text.ok()) return text.status();
  return Parse(path, *text);
}

absl::Status RecordingIndex::Put(const IndexEntry& entry) {
  std::string recording;
  const auto status = google::protobuf::util::MessageToJsonString(entry.recording, &recording);
  if (!status.ok()) return absl::InternalError(status.ToString());
  json root;
  root["recording"] = json::parse(recording);
  root["path"] = entry.path;
  root["version"] = entry.version;
  root["event_id"] = entry.event_id;
  root["segments"] = json::array();
  for (const IndexEntry::Segment& segment : entry.segments) {
    root["segments"].push_back(
        {{"writer", segment.writer_id}, {"index", segment.index}, {"sha256", segment.sha256}});
  }
  const std::string& id = entry.recording.recording_id();
  const absl::Status marked = WriteFile(absl::StrCat(data_dir_, "/pending/", id), "");
  if (!marked.ok()) return marked;
  return WriteFile(PathOf(id), root.dump() + "\n");
}

std::vector<std::string> RecordingIndex::ListPending() const {
  std::vector<std::string> ids;
  std::error_code error;
  for (fs::directory_iterator it(data_dir_ + "/pending", error);
       !error && it != fs::directory_iterator(); it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (!absl::EndsWith(name, ".tmp")) ids.push_back(name);
  }
  return ids;
}

void RecordingIndex::ClearPending(const std::string& recording_id) {
  std::error_code error;
  fs::remove(absl::StrCat(data_dir_, "/pending/", recording_id), error);
}

std::vector<Gap> GapsOf(const zvon::recording::v1::Recording& recording) {
  std::vector<Gap> gaps;
  for (const auto& gap : recording.gaps()) {
    gaps.push_back({gap.start_frame(), gap.frames(), gap.reason()});
  }
  return gaps;
}

absl::Time FromProto(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}
absl::Duration FromProto(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}
void Set(absl::Time time, google::protobuf::Timestamp* out) {
  const int64_t nanos = absl::ToUnixNanos(time);
  out->set_seconds(nanos / 1'000'000'000);
  out->set_nanos(static_cast<int32_t>(nanos % 1'000'000'000));
}
void Set(absl::Duration duration, google::protobuf::Duration* out) {
  const int64_t nanos = absl::ToInt64Nanoseconds(duration);
  out->set_seconds(nanos / 1'000'000'000);
  out->set_nanos(static_cast<int32_t>(nanos % 1'000'000'000));
}

}  // namespace zvon::recording
