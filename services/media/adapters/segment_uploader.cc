#include "services/media/adapters/segment_uploader.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "services/common/telemetry/log.h"

namespace zvon::media {
namespace {

// The service will never take it, however often it is sent.
bool IsRefusal(const absl::Status& status) {
  return absl::IsInvalidArgument(status) || absl::IsFailedPrecondition(status) ||
         absl::IsDataLoss(status) || absl::IsNotFound(status);
}

// Nothing else will go either.
bool IsOutage(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status);
}

}  // namespace

SegmentUploader::SegmentUploader(SegmentUploaderOptions options, SegmentSender sender)
    : options_(std::move(options)), sender_(std::move(sender)) {}

SegmentUploader::~SegmentUploader() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void SegmentUploader::Start() {
  thread_ = std::thread([this] { Run(); });
}

void SegmentUploader::Notify() {
  {
    std::lock_guard lock(mutex_);
    notified_ = true;
  }
  wake_.notify_one();
}

SegmentUploaderCounts SegmentUploader::counts() const {
  std::lock_guard lock(mutex_);
  return counts_;
}

bool SegmentUploader::stopping() const {
  std::lock_guard lock(mutex_);
  return stopping_;
}

void SegmentUploader::Run() {
  absl::Duration backoff = options_.backoff_min;
  while (!stopping()) {
    const bool done = UploadAll();
    std::unique_lock lock(mutex_);
    if (done) {
      backoff = options_.backoff_min;
      wake_.wait(lock, [this] { return stopping_ || notified_; });
    } else {
      wake_.wait_for(lock, absl::ToChronoMilliseconds(backoff), [this] { return stopping_; });
      backoff = std::min(backoff * 2, options_.backoff_max);
    }
    notified_ = false;
  }
}

bool SegmentUploader::UploadAll() {
  std::vector<SegmentPath> waiting;
  for (const std::string& folder : options_.folders) {
    for (SegmentPath& path : ListClosedSegments(folder)) waiting.push_back(std::move(path));
  }
  std::sort(waiting.begin(), waiting.end(),
            [](const SegmentPath& a, const SegmentPath& b) { return a.name < b.name; });
  auto left = static_cast<int64_t>(waiting.size());
  auto count = [this, &left](uint64_t SegmentUploaderCounts::*what) {
    std::lock_guard lock(mutex_);
    if (what != nullptr) ++(counts_.*what);
    counts_.waiting = left;
  };
  count(nullptr);
  bool done = true;
  std::set<std::string> held;  // Recordings whose order would be broken.
  for (const SegmentPath& path : waiting) {
    if (stopping()) return true;
    absl::StatusOr<zvon::media::v1::RecordingSegment> segment = ReadSidecar(path.closed_sidecar());
    if (segment.ok() && held.count(segment->recording_id()) != 0) continue;
    const absl::Status status = segment.ok() ? sender_(*segment, path.pcm()) : segment.status();
    if (status.ok()) {
      RemoveSegment(path);
      --left;
      count(&SegmentUploaderCounts::sent);
    } else if (IsRefusal(status)) {
      LogError("segment refused by the recording service, kept aside",
               {{"segment", path.name}, {"error", std::string(status.message())}});
      std::error_code error;
      std::filesystem::rename(path.closed_sidecar(), path.folder + "/" + path.name + ".refused",
                              error);
      --left;
      count(&SegmentUploaderCounts::refused);
    } else {
      done = false;
      count(&SegmentUploaderCounts::failed);
      if (IsOutage(status)) return false;
      held.insert(segment->recording_id());
    }
  }
  return done;
}

}  // namespace zvon::media
