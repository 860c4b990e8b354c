#pragma once
// An append-only log of records in numbered files, read once in order and
// dropped file by file. The publisher's memory on disk.

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace zvon {

// Where a record ends: its file and the offset behind it.
struct SpoolPosition {
  uint64_t segment = 0;
  uint64_t offset = 0;
  bool operator==(const SpoolPosition&) const = default;
  bool operator<(const SpoolPosition& other) const {
    return segment != other.segment ? segment < other.segment : offset < other.offset;
  }
};

// Appending is thread-safe; one thread reads and drops. A record is safe from
// a crash of the process when Append returns (written, not synchronised: a
// crash of the machine may lose the last ones).
class Spool {
 public:
  struct Options {
    std::string folder;  // Made if missing; locked against a second process.
    int64_t bytes_max = int64_t{8} << 30;
    int64_t segment_bytes = int64_t{4} << 20;
  };
  // Keeps what an earlier process left; counts its records.
  static absl::StatusOr<std::unique_ptr<Spool>> Open(Options options);
  ~Spool();

  // RESOURCE_EXHAUSTED at the bound or when the disk is full.
  absl::Status Append(std::string_view record);
  // Reads the record behind `position` and moves it. False at the end. Damaged
  // bytes (a crash in mid-write) end their file: reading goes on in the next.
  bool Read(SpoolPosition* position, std::string* record);
  // The first record kept.
  SpoolPosition Begin() const;
  // Everything before `position` is no longer needed.
  void DropBefore(const SpoolPosition& position);
  // Empties the file being written where all of it has been dropped.
  void Trim();
  // Records found by Open.
  size_t records_found() const { return records_found_; }
  int64_t bytes() const;

 private:
  struct Segment {
    uint64_t number = 0;
    int fd = -1;
    uint64_t size = 0;
  };
  explicit Spool(Options options) : options_(std::move(options)) {}
  std::string PathOf(uint64_t number) const;
  absl::Status AddSegment(uint64_t number);
  absl::Status TakeOldSegments();
  void CountRecords(const Segment& segment);
  bool ReadWithin(const Segment& segment, uint64_t offset, std::string* record,
                  uint64_t* next) const;

  const Options options_;
  int lock_fd_ = -1;
  size_t records_found_ = 0;
  mutable std::mutex mutex_;
  std::deque<Segment> segments_;  // Ascending; the last one is written to.
  int64_t bytes_ = 0;
  SpoolPosition dropped_;
};

}  // namespace zvon
