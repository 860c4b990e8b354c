#include "services/media/adapters/segment_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/telemetry/log.h"
#include "services/media/adapters/segment_files.h"

namespace zvon::media {
namespace {

using zvon::media::v1::RecordingSegment;
constexpr int64_t kRate = 8000;
constexpr int64_t kGapOpen = -1;

bool WriteAll(int fd, const char* data, size_t size) {
  while (size > 0) {
    const ssize_t n = write(fd, data, size);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    data += n;
    size -= static_cast<size_t>(n);
  }
  return true;
}

void SetTime(absl::Time time, google::protobuf::Timestamp* out) {
  const int64_t nanos = absl::ToUnixNanos(time);
  out->set_seconds(nanos / 1'000'000'000);
  out->set_nanos(static_cast<int32_t>(nanos % 1'000'000'000));
}

}  // namespace

// One recording that is being written.
struct SegmentWriter::Writing {
  RecordingSegment segment;  // Of the open file, or of the one to come.
  absl::Time start;
  int64_t segment_start = 0;  // Frame of the recording.
  int64_t next_frame = 0;     // Frame of the recording that comes next.
  bool paused = false;
  std::string pause_reason;
  SegmentPath path;
  int fd = -1;
  int64_t frames() const { return next_frame - segment_start; }
};

// The writer's thread only.
class SegmentWriter::Files {
 public:
  Files(const SegmentWriterOptions& options, std::function<void()> on_closed)
      : options_(options), on_closed_(std::move(on_closed)) {}

  void Handle(const RecordingOp& op);
  void CloseAll();
  SegmentWriterCounts counts;  // queue_bytes and part of frames_left_out are others'.

 private:
  void Begin(const RecordingOp& op);
  void SetChannels(Writing& w, const RecordingOp& op);
  bool Ensure(Writing& w);
  bool OpenIn(Writing& w, const std::string& folder);
  void Append(Writing& w, const RecordingOp& op);
  bool AppendBytes(Writing& w, const char* data, int64_t frames);
  void SkipTo(Writing& w, int64_t until);
  void Close(Writing& w, bool last);
  void Fail(Writing& w);

  const SegmentWriterOptions& options_;
  std::function<void()> on_closed_;
  std::map<std::string, Writing> writings_;
  size_t folder_ = 0;
};

void SegmentWriter::Files::Handle(const RecordingOp& op) {
  if (op.kind == RecordingOp::Kind::kOpen) return Begin(op);
  const auto it = writings_.find(op.writer_id);
  if (it == writings_.end()) return;
  Writing& w = it->second;
  if (op.kind == RecordingOp::Kind::kAudio) return Append(w, op);
  // Sound was left out before this: the place is told all the same.
  SkipTo(w, op.frame);
  switch (op.kind) {
    case RecordingOp::Kind::kChannels:
      Close(w, false);
      SetChannels(w, op);
      break;
    case RecordingOp::Kind::kGapBegin: {
      w.paused = true;
      w.pause_reason = op.reason;
      if (!Ensure(w)) break;
      auto* gap = w.segment.add_gaps();
      gap->set_start_frame(w.frames());
      gap->set_frames(kGapOpen);
      gap->set_reason(op.reason);
      (void)WriteSidecar(w.path.open_sidecar(), w.segment);
      break;
    }
    case RecordingOp::Kind::kGapEnd:
      w.paused = false;
      if (w.segment.gaps_size() > 0 && w.fd >= 0) {
        auto* gap = w.segment.mutable_gaps(w.segment.gaps_size() - 1);
        gap->set_frames(w.frames() - gap->start_frame());
        (void)WriteSidecar(w.path.open_sidecar(), w.segment);
      }
      break;
    case RecordingOp::Kind::kClose:
      // Even where the end falls on a segment's: somebody waits for the last.
      Ensure(w);
      Close(w, true);
      writings_.erase(it);
      break;
    default:
      break;
  }
}

void SegmentWriter::Files::Begin(const RecordingOp& op) {
  Writing& w = writings_[op.writer_id];
  w.start = op.start_time;
  w.segment.set_recording_id(op.recording_id);
  w.segment.set_writer_id(op.writer_id);
  w.segment.set_tenant_id(op.tenant_id);
  w.segment.set_interaction_id(op.interaction_id);
  w.segment.set_call_id(op.call_id);
  SetChannels(w, op);
  Ensure(w);
}

void SegmentWriter::Files::SetChannels(Writing& w, const RecordingOp& op) {
  w.segment.clear_channels();
  const RecordingChannel* channels[] = {&op.left, &op.right};
  for (int i = 0; i < 2; ++i) {
    auto* channel = w.segment.add_channels();
    channel->set_index(i);
    channel->set_leg_id(channels[i]->leg_id);
    channel->set_agent_id(channels[i]->agent_id);
  }
}

bool SegmentWriter::Files::OpenIn(Writing& w, const std::string& folder) {
  w.path = {folder, SegmentName(w.segment)};
  const absl::Status sidecar = WriteSidecar(w.path.open_sidecar(), w.segment);
  if (sidecar.ok()) {
    w.fd = open(w.path.pcm().c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_APPEND | O_CLOEXEC, 0640);
    if (w.fd >= 0) return true;
  }
  RemoveSegment(w.path);
  return false;
}

// Opens the segment that begins at next_frame, in the first folder that works.
bool SegmentWriter::Files::Ensure(Writing& w) {
  if (w.fd >= 0) return true;
  w.segment_start = w.next_frame;
  SetTime(w.start + absl::Microseconds(w.next_frame * 125), w.segment.mutable_start_time());
  w.segment.clear_gaps();
  if (w.paused) {
    auto* gap = w.segment.add_gaps();
    gap->set_start_frame(0);
    gap->set_frames(kGapOpen);
    gap->set_reason(w.pause_reason);
  }
  for (size_t tries = 0; tries < options_.folders.size(); ++tries) {
    if (OpenIn(w, options_.folders[folder_])) {
      ++counts.open_segments;
      return true;
    }
    ++counts.write_errors;
    LogError("segments cannot be written",
             {{"folder", options_.folders[folder_]}, {"error", std::strerror(errno)}});
    folder_ = (folder_ + 1) % options_.folders.size();
  }
  counts.failing = true;
  return false;
}

bool SegmentWriter::Files::AppendBytes(Writing& w, const char* data, int64_t frames) {
  // Twice: a folder that has become full is left for the next one.
  for (int tries = 0; tries < 2; ++tries) {
    if (!Ensure(w)) break;
    if (WriteAll(w.fd, data, static_cast<size_t>(frames * kFrameBytes))) {
      w.next_frame += frames;
      counts.failing = false;
      counts.bytes_written += static_cast<uint64_t>(frames * kFrameBytes);
      if (w.frames() >= options_.segment_length / absl::Seconds(1) * kRate) Close(w, false);
      return true;
    }
    Fail(w);
  }
  w.next_frame += frames;
  counts.failing = true;
  counts.frames_left_out += static_cast<uint64_t>(frames);
  return false;
}

// A write failed: what is on disk of this segment stays, cut to what is known.
void SegmentWriter::Files::Fail(Writing& w) {
  LogError("segment write failed", {{"segment", w.path.name}, {"error", std::strerror(errno)}});
  ++counts.write_errors;
  [[maybe_unused]] const int cut = ftruncate(w.fd, w.frames() * kFrameBytes);
  Close(w, false);
  folder_ = (folder_ + 1) % options_.folders.size();
}

void SegmentWriter::Files::SkipTo(Writing& w, int64_t until) {
  if (until <= w.next_frame) return;
  // Not written, but begun anew: the hole between two segments is declared
  // by their times, and costs no disk where there may be none.
  counts.frames_left_out += static_cast<uint64_t>(until - w.next_frame);
  Close(w, false);
  w.next_frame = until;
}

void SegmentWriter::Files::Append(Writing& w, const RecordingOp& op) {
  SkipTo(w, op.frame);
  AppendBytes(w, reinterpret_cast<const char*>(op.pcm.data()),
              static_cast<int64_t>(op.pcm.size() / 2));
}

void SegmentWriter::Files::Close(Writing& w, bool last) {
  if (w.fd < 0) return;
  fdatasync(w.fd);
  close(w.fd);
  w.fd = -1;
  --counts.open_segments;
  w.segment.set_frames(w.frames());
  w.segment.set_last(last);
  for (auto& gap : *w.segment.mutable_gaps()) {
    if (gap.frames() < 0) gap.set_frames(w.frames() - gap.start_frame());
  }
  const bool empty = w.frames() == 0 && !last;
  if (empty) {
    RemoveSegment(w.path);
    return;
  }
  const absl::Status status = WriteSidecar(w.path.closed_sidecar(), w.segment);
  if (!status.ok()) {
    // It stays open on disk and is recovered at the next start.
    ++counts.write_errors;
    LogError("segment cannot be closed",
             {{"segment", w.path.name}, {"error", std::string(status.message())}});
  } else {
    unlink(w.path.open_sidecar().c_str());
    ++counts.segments_closed;
  }
  w.segment.set_index(w.segment.index() + 1);
  w.segment.clear_frames();
  w.segment.clear_last();
  on_closed_();
}

void SegmentWriter::Files::CloseAll() {
  // Not the last: the call may go on at another media process.
  for (auto& [id, w] : writings_) Close(w, false);
  writings_.clear();
}

SegmentWriter::SegmentWriter(SegmentWriterOptions options, std::function<void()> on_closed)
    : options_(std::move(options)),
      files_(std::make_unique<Files>(options_, std::move(on_closed))) {}

SegmentWriter::~SegmentWriter() {
  if (!thread_.joinable()) return;
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

absl::Status SegmentWriter::Start() {
  bool any = false;
  absl::Status last = absl::FailedPreconditionError("no folder for recording segments");
  for (const std::string& folder : options_.folders) {
    const absl::StatusOr<int> recovered = RecoverSegments(folder);
    if (!recovered.ok()) {
      last = recovered.status();
      continue;
    }
    any = true;
    if (*recovered > 0) {
      LogWarning("segments of a dead process recovered",
                 {{"folder", folder}, {"segments", *recovered}});
    }
  }
  if (!any) return last;
  thread_ = std::thread([this] { Run(); });
  return absl::OkStatus();
}

void SegmentWriter::Submit(std::vector<RecordingOp> ops) {
  std::lock_guard lock(mutex_);
  for (RecordingOp& op : ops) {
    const auto bytes = static_cast<int64_t>(op.pcm.size() * sizeof(int16_t));
    // What is left out here the writer sees by the next op's frame.
    if (bytes > 0 && counts_.queue_bytes + bytes > options_.queue_bytes_max) continue;
    counts_.queue_bytes += bytes;
    queue_.push_back(std::move(op));
  }
  wake_.notify_one();
}

void SegmentWriter::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) break;
    std::deque<RecordingOp> batch;
    batch.swap(queue_);
    lock.unlock();
    int64_t bytes = 0;
    for (const RecordingOp& op : batch) {
      files_->Handle(op);
      bytes += static_cast<int64_t>(op.pcm.size() * sizeof(int16_t));
    }
    lock.lock();
    const int64_t queued = counts_.queue_bytes - bytes;
    counts_ = files_->counts;
    counts_.queue_bytes = queued;
  }
  lock.unlock();
  files_->CloseAll();
}

SegmentWriterCounts SegmentWriter::counts() const {
  std::lock_guard lock(mutex_);
  return counts_;
}

}  // namespace zvon::media
