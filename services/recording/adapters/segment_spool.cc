#include "services/recording/adapters/segment_spool.h"

#include <google/protobuf/util/json_util.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "nlohmann/json.hpp"
#include "services/common/telemetry/log.h"

namespace zvon::recording {
namespace {

namespace fs = std::filesystem;
using zvon::media::v1::RecordingSegment;
constexpr int64_t kFrameBytes = 4;
constexpr int64_t kFramesMax = int64_t{8000} * 3600 * 24;

std::string NameOf(const RecordingSegment& segment) {
  return absl::StrFormat("%s.%06d", segment.writer_id(), segment.index());
}

absl::Status Check(const RecordingSegment& s) {
  for (const auto& [name, value] :
       {std::pair<const char*, const std::string&>{"recording_id", s.recording_id()},
        {"tenant_id", s.tenant_id()}}) {
    if (!IsFileName(value)) {
      return absl::InvalidArgumentError(
          absl::StrCat("segment: ", name, " '", value, "' is not of letters, digits, - _ and ."));
    }
  }
  // A writer from before the field was made: one for each recording.
  if (!s.writer_id().empty() && !IsFileName(s.writer_id())) {
    return absl::InvalidArgumentError("segment: writer_id is not of letters, digits, - _ and .");
  }
  if (s.index() < 0 || s.frames() < 0 || s.frames() > kFramesMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("segment: index ", s.index(), " or frames ", s.frames(), " cannot be"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ToSidecar(const RecordingSegment& segment, const std::string& sha256) {
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(segment, &json);
  if (!status.ok()) return absl::InternalError(status.ToString());
  return absl::StrCat("{\"sha256\":\"", sha256, "\",\"segment\":", json, "}\n");
}

absl::StatusOr<HeldSegment> FromSidecar(const std::string& path) {
  auto text = ReadFile(path);
  if (!text.ok()) return text.status();
  const auto json = nlohmann::json::parse(*text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("segment") || !json.contains("sha256")) {
    return absl::DataLossError(absl::StrCat(path, " is no sidecar of a segment"));
  }
  HeldSegment held;
  held.sha256 = json["sha256"].is_string() ? json["sha256"].get<std::string>() : "";
  const auto parsed =
      google::protobuf::util::JsonStringToMessage(json["segment"].dump(), &held.segment);
  if (!parsed.ok()) return absl::DataLossError(absl::StrCat(path, ": ", parsed.ToString()));
  held.pcm_path = path.substr(0, path.size() - 5) + ".pcm";
  return held;
}

}  // namespace

std::string SegmentSpool::PathOf(const RecordingSegment& segment) const {
  return absl::StrCat(folder_, "/", segment.recording_id(), "/", NameOf(segment));
}

absl::Status SegmentSpool::Load(absl::Time now) {
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error) return absl::UnavailableError(absl::StrCat(folder_, ": ", error.message()));
  std::lock_guard lock(mutex_);
  for (fs::recursive_directory_iterator it(folder_, error);
       it != fs::recursive_directory_iterator(); it.increment(error)) {
    const std::string path = it->path().string();
    if (absl::EndsWith(path, ".tmp")) {
      std::error_code ignored;
      fs::remove(path, ignored);
    }
    if (!absl::EndsWith(path, ".json")) continue;
    auto held = FromSidecar(path);
    if (!held.ok()) {
      LogError("spooled segment left out", {{"error", std::string(held.status().message())}});
      continue;
    }
    Recording& recording = recordings_[held->segment.recording_id()];
    recording.last_arrival = now;
    recording.segments[NameOf(held->segment)] = *std::move(held);
  }
  return absl::OkStatus();
}

absl::Status SegmentSpool::Incoming::Write(absl::string_view bytes) {
  bytes_ += static_cast<int64_t>(bytes.size());
  if (bytes_ > segment_.frames() * kFrameBytes) {
    return absl::InvalidArgumentError(absl::StrCat("segment ", segment_.recording_id(), "/",
                                                   segment_.index(), ": more data than its ",
                                                   segment_.frames(), " frames"));
  }
  sha_.Add(bytes);
  return file_->Write(bytes);
}

absl::StatusOr<std::unique_ptr<SegmentSpool::Incoming>> SegmentSpool::Begin(
    const RecordingSegment& segment) {
  if (const absl::Status status = Check(segment); !status.ok()) return status;
  uint64_t number = 0;
  {
    std::lock_guard lock(mutex_);
    number = ++incoming_;
  }
  auto incoming = std::make_unique<Incoming>();
  incoming->segment_ = segment;
  // A name of its own until it is known to be whole: the same segment may be
  // coming twice at once.
  auto file = NewFile::Create(absl::StrCat(PathOf(segment), ".", number, ".pcm"));
  if (!file.ok()) return file.status();
  incoming->file_ = *std::move(file);
  return incoming;
}

absl::Status SegmentSpool::Finish(Incoming& incoming, const std::string& sha256, absl::Time now) {
  const RecordingSegment& segment = incoming.segment_;
  const std::string name = absl::StrCat("segment ", segment.recording_id(), "/", NameOf(segment));
  if (incoming.bytes_ != segment.frames() * kFrameBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ": ", incoming.bytes_, " bytes for ", segment.frames(), " frames"));
  }
  const std::string computed = incoming.sha_.Finish();
  if (computed != sha256) {
    return absl::AbortedError(absl::StrCat(name, ": checksum ", computed, " is not ", sha256));
  }
  std::lock_guard lock(mutex_);
  Recording& recording = recordings_[segment.recording_id()];
  const auto known = recording.segments.find(NameOf(segment));
  if (known != recording.segments.end()) {
    if (known->second.sha256 == sha256) return absl::OkStatus();
    return absl::FailedPreconditionError(absl::StrCat(name, ": another one is there already"));
  }
  const absl::StatusOr<std::string> sidecar = ToSidecar(segment, sha256);
  if (!sidecar.ok()) return sidecar.status();
  absl::Status status = incoming.file_->CommitAs(PathOf(segment) + ".pcm");
  if (status.ok()) status = WriteFile(PathOf(segment) + ".json", *sidecar);
  if (!status.ok()) return status;
  recording.last_arrival = now;
  recording.segments[NameOf(segment)] = {segment, sha256, PathOf(segment) + ".pcm"};
  return absl::OkStatus();
}

std::vector<SegmentSpool::Waiting> SegmentSpool::ListWaiting() const {
  std::lock_guard lock(mutex_);
  std::vector<Waiting> waiting;
  for (const auto& [id, recording] : recordings_) {
    if (!recording.segments.empty()) waiting.push_back({id, recording.last_arrival});
  }
  return waiting;
}

std::vector<HeldSegment> SegmentSpool::SegmentsOf(const std::string& recording_id) const {
  std::lock_guard lock(mutex_);
  std::vector<HeldSegment> segments;
  const auto it = recordings_.find(recording_id);
  if (it == recordings_.end()) return segments;
  for (const auto& [name, segment] : it->second.segments) segments.push_back(segment);
  return segments;
}

void SegmentSpool::Remove(const std::vector<HeldSegment>& segments) {
  std::lock_guard lock(mutex_);
  std::error_code error;
  for (const HeldSegment& held : segments) {
    const std::string path = PathOf(held.segment);
    fs::remove(path + ".json", error);
    fs::remove(path + ".pcm", error);
    fs::remove(fs::path(path).parent_path(), error);  // Only when it is empty.
    const auto it = recordings_.find(held.segment.recording_id());
    if (it == recordings_.end()) continue;
    it->second.segments.erase(NameOf(held.segment));
    if (it->second.segments.empty()) recordings_.erase(it);
  }
}

size_t SegmentSpool::size() const {
  std::lock_guard lock(mutex_);
  size_t count = 0;
  for (const auto& [id, recording] : recordings_) count += recording.segments.size();
  return count;
}

}  // namespace zvon::recording
