#pragma once
// The thread behind the service: assembles, publishes, writes rows, judges.
// PostgreSQL may be away for as long as it likes: sound is taken and stored,
// events go out, rows follow later.

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/common/bus/bus.h"
#include "services/common/db/database.h"
#include "services/common/time/clock.h"
#include "services/recording/adapters/recording_table.h"
#include "services/recording/server/assembler.h"

namespace zvon::recording {

struct ArchiveWorkerOptions {
  std::string producer = "recording-0";
  std::string migrations_dir;
  ReconciliationOptions reconciliation;
  absl::Duration reconcile_interval = absl::Seconds(10);
  // How often it looks when nobody tells it of new segments.
  absl::Duration idle = absl::Seconds(1);
};

struct ArchiveCounts {
  uint64_t assembled = 0;
  uint64_t assembly_failures = 0;
  uint64_t missing_told = 0;
  int64_t missing = 0;  // Recordings in state missing now: an alarm.
  int64_t pending = 0;  // Stored, row or event still owed.
};

class ArchiveWorker {
 public:
  // All outlive it.
  ArchiveWorker(ArchiveWorkerOptions options, const Clock& clock, Assembler& assembler,
                RecordingIndex& index, Database& database, Publisher& publisher);
  // Ends after the recording under way.
  ~ArchiveWorker();
  void Start();
  // A segment has come. Thread-safe.
  void Notify();
  // The schema is in place. Thread-safe.
  bool database_ready() const { return database_ready_.load(); }
  ArchiveCounts counts() const;

 private:
  void Run();
  void Turn();
  void PublishAndIndex();
  bool EnsureDatabase(absl::Time now);
  void Reconcile(absl::Time now);
  void Count(const std::function<void(ArchiveCounts&)>& change);

  ArchiveWorkerOptions options_;
  const Clock& clock_;
  Assembler& assembler_;
  RecordingIndex& index_;
  Database& database_;
  RecordingTable table_;
  Publisher& publisher_;
  std::set<std::string> published_;  // Event ids, as long as their rows are owed.
  absl::Time next_database_try_ = absl::InfinitePast();
  absl::Time next_reconciliation_ = absl::InfinitePast();
  std::atomic<bool> database_ready_{false};
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool notified_ = false;  // By mutex_.
  bool stopping_ = false;  // By mutex_.
  ArchiveCounts counts_;   // By mutex_.
  std::thread thread_;
};

}  // namespace zvon::recording
