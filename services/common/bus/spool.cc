#include "services/common/bus/spool.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/common/bus/event_codec.h"
#include "services/common/telemetry/log.h"

namespace zvon {
namespace {

constexpr size_t kHeaderSize = 8;  // Length and CRC-32C of the record.
constexpr uint32_t kRecordMax = 64u << 20;

}  // namespace

std::string Spool::PathOf(uint64_t number) const {
  return absl::StrFormat("%s/%016x.seg", options_.folder, number);
}

absl::StatusOr<std::unique_ptr<Spool>> Spool::Open(Options options) {
  std::error_code error;
  std::filesystem::create_directories(options.folder, error);
  if (error) {
    return absl::UnavailableError(
        absl::StrCat("cannot make spool folder ", options.folder, ": ", error.message()));
  }
  std::unique_ptr<Spool> spool(new Spool(std::move(options)));
  const std::string lock_path = spool->options_.folder + "/lock";
  spool->lock_fd_ = open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (spool->lock_fd_ < 0 || flock(spool->lock_fd_, LOCK_EX | LOCK_NB) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("spool folder ", spool->options_.folder, " is used by another process"));
  }
  absl::Status taken = spool->TakeOldSegments();
  if (!taken.ok()) return taken;
  return spool;
}

Spool::~Spool() {
  for (const Segment& segment : segments_) close(segment.fd);
  if (lock_fd_ >= 0) close(lock_fd_);
}

absl::Status Spool::TakeOldSegments() {
  std::vector<uint64_t> numbers;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(options_.folder, error)) {
    if (entry.path().extension() != ".seg") continue;
    numbers.push_back(std::strtoull(entry.path().stem().c_str(), nullptr, 16));
  }
  std::sort(numbers.begin(), numbers.end());
  for (uint64_t number : numbers) {
    absl::Status added = AddSegment(number);
    if (!added.ok()) return added;
    CountRecords(segments_.back());
    if (segments_.back().size > 0) continue;
    close(segments_.back().fd);
    unlink(PathOf(number).c_str());
    segments_.pop_back();
  }
  // A file is never appended to by a second process: its tail may be damaged.
  absl::Status added = AddSegment(numbers.empty() ? 1 : numbers.back() + 1);
  dropped_ = Begin();
  return added;
}

absl::Status Spool::AddSegment(uint64_t number) {
  const std::string path = PathOf(number);
  int fd = open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  struct stat info {};
  if (fd < 0 || fstat(fd, &info) != 0) {
    return absl::ResourceExhaustedError(absl::StrCat("cannot open ", path, ": ", strerror(errno)));
  }
  segments_.push_back({number, fd, static_cast<uint64_t>(info.st_size)});
  bytes_ += info.st_size;
  return absl::OkStatus();
}

void Spool::CountRecords(const Segment& segment) {
  uint64_t offset = 0, next = 0;
  std::string record;
  while (ReadWithin(segment, offset, &record, &next)) {
    ++records_found_;
    offset = next;
  }
}

absl::Status Spool::Append(std::string_view record) {
  const auto size = static_cast<uint32_t>(record.size());
  const uint32_t crc = Crc32c(record);
  std::string framed(kHeaderSize, '\0');
  std::memcpy(framed.data(), &size, 4);
  std::memcpy(framed.data() + 4, &crc, 4);
  framed.append(record);
  std::lock_guard<std::mutex> lock(mutex_);
  if (record.size() > kRecordMax ||
      bytes_ + static_cast<int64_t>(framed.size()) > options_.bytes_max) {
    return absl::ResourceExhaustedError(absl::StrCat("spool ", options_.folder, " is full"));
  }
  if (segments_.back().size >= static_cast<uint64_t>(options_.segment_bytes)) {
    absl::Status added = AddSegment(segments_.back().number + 1);
    if (!added.ok()) return added;
  }
  Segment& segment = segments_.back();
  const ssize_t written = write(segment.fd, framed.data(), framed.size());
  if (written != static_cast<ssize_t>(framed.size())) {
    const int error = errno;
    if (ftruncate(segment.fd, static_cast<off_t>(segment.size)) != 0) {
      LogError("cannot cut a half-written spool record", {{"folder", options_.folder}});
    }
    return absl::ResourceExhaustedError(
        absl::StrCat("cannot write to spool ", options_.folder, ": ", strerror(error)));
  }
  segment.size += framed.size();
  bytes_ += static_cast<int64_t>(framed.size());
  return absl::OkStatus();
}

bool Spool::ReadWithin(const Segment& segment, uint64_t offset, std::string* record,
                       uint64_t* next) const {
  if (offset + kHeaderSize > segment.size) return false;
  uint32_t header[2];
  if (pread(segment.fd, header, kHeaderSize, static_cast<off_t>(offset)) != kHeaderSize)
    return false;
  if (header[0] > kRecordMax || offset + kHeaderSize + header[0] > segment.size) return false;
  record->resize(header[0]);
  const auto got =
      pread(segment.fd, record->data(), header[0], static_cast<off_t>(offset + kHeaderSize));
  if (got != static_cast<ssize_t>(header[0]) || Crc32c(*record) != header[1]) return false;
  *next = offset + kHeaderSize + header[0];
  return true;
}

bool Spool::Read(SpoolPosition* position, std::string* record) {
  // Only this thread drops files, and the sizes are copied: reading needs no lock.
  const uint64_t began = position->segment;
  std::vector<Segment> segments;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    for (const Segment& segment : segments_) {
      if (segment.number < position->segment) continue;
      segments.push_back(segment);
      if (segments.size() == 2) break;
    }
  }
  for (const Segment& segment : segments) {
    if (segment.number != position->segment) *position = {segment.number, 0};
    uint64_t next = 0;
    if (ReadWithin(segment, position->offset, record, &next)) {
      position->offset = next;
      return true;
    }
    const bool more = &segment != &segments.back();
    if (more && position->offset < segment.size) {
      LogWarning("spool file has a damaged end",
                 {{"file", PathOf(segment.number)}, {"bytes", segment.size - position->offset}});
    }
  }
  return segments.size() == 2 && position->segment != began && Read(position, record);
}

SpoolPosition Spool::Begin() const { return {segments_.front().number, 0}; }

void Spool::DropBefore(const SpoolPosition& position) {
  std::lock_guard<std::mutex> lock(mutex_);
  dropped_ = position;
  while (segments_.size() > 1 && segments_.front().number < position.segment) {
    close(segments_.front().fd);
    unlink(PathOf(segments_.front().number).c_str());
    bytes_ -= static_cast<int64_t>(segments_.front().size);
    segments_.pop_front();
  }
}

void Spool::Trim() {
  std::lock_guard<std::mutex> lock(mutex_);
  Segment& last = segments_.back();
  if (segments_.size() != 1 || last.size == 0) return;
  if (!(dropped_ == SpoolPosition{last.number, last.size})) return;
  // A new number, so that no position is ever met twice.
  const Segment old = last;
  if (!AddSegment(old.number + 1).ok()) return;
  close(old.fd);
  unlink(PathOf(old.number).c_str());
  bytes_ -= static_cast<int64_t>(old.size);
  segments_.pop_front();
  dropped_ = Begin();
}

int64_t Spool::bytes() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return bytes_;
}

}  // namespace zvon
