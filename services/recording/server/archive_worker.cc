#include "services/recording/server/archive_worker.h"

#include <utility>

#include "services/common/telemetry/log.h"
#include "services/recording/adapters/recording_facts.h"

namespace zvon::recording {
namespace {

constexpr absl::Duration kDatabaseRetry = absl::Seconds(1);

}  // namespace

ArchiveWorker::ArchiveWorker(ArchiveWorkerOptions options, const Clock& clock, Assembler& assembler,
                             RecordingIndex& index, Database& database, Publisher& publisher)
    : options_(std::move(options)),
      clock_(clock),
      assembler_(assembler),
      index_(index),
      database_(database),
      table_(database),
      publisher_(publisher) {}

ArchiveWorker::~ArchiveWorker() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void ArchiveWorker::Start() {
  thread_ = std::thread([this] { Run(); });
}

void ArchiveWorker::Notify() {
  {
    std::lock_guard lock(mutex_);
    notified_ = true;
  }
  wake_.notify_one();
}

ArchiveCounts ArchiveWorker::counts() const {
  std::lock_guard lock(mutex_);
  return counts_;
}

void ArchiveWorker::Count(const std::function<void(ArchiveCounts&)>& change) {
  std::lock_guard lock(mutex_);
  change(counts_);
}

void ArchiveWorker::Run() {
  while (true) {
    Turn();
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, absl::ToChronoMilliseconds(options_.idle),
                   [this] { return stopping_ || notified_; });
    notified_ = false;
    if (stopping_) return;
  }
}

void ArchiveWorker::Turn() {
  const Assembler::Result result = assembler_.AssembleReady(clock_.Now());
  Count([&](ArchiveCounts& counts) {
    counts.assembled += static_cast<uint64_t>(result.assembled);
    counts.assembly_failures += static_cast<uint64_t>(result.failed);
  });
  PublishAndIndex();
  const absl::Time now = clock_.Now();
  if (database_ready_ && now >= next_reconciliation_) {
    next_reconciliation_ = now + options_.reconcile_interval;
    Reconcile(now);
  }
}

bool ArchiveWorker::EnsureDatabase(absl::Time now) {
  if (now < next_database_try_) return false;
  if (database_ready_) return true;
  const absl::Status status = Migrate(database_, "recording", options_.migrations_dir);
  if (status.ok()) {
    database_ready_ = true;
    return true;
  }
  next_database_try_ = now + kDatabaseRetry;
  if (!absl::IsUnavailable(status)) {
    LogError("migration failed", {{"error", std::string(status.message())}});
  }
  return false;
}

// Each entry owes its event first (Kafka may be away too: the publisher has a
// spool of its own), then its row.
void ArchiveWorker::PublishAndIndex() {
  const std::vector<std::string> pending = index_.ListPending();
  auto left = static_cast<int64_t>(pending.size());
  bool database = EnsureDatabase(clock_.Now());
  for (const std::string& id : pending) {
    const absl::StatusOr<IndexEntry> entry = index_.Find(id);
    if (!entry.ok()) {
      // A crash came between the marker and the entry: the segments are still
      // in the spool and make it anew.
      index_.ClearPending(id);
      --left;
      continue;
    }
    if (published_.count(entry->event_id) == 0) {
      const absl::Status status =
          publisher_.Publish(MakeStoredFact(*entry, options_.producer, clock_.Now()));
      if (!status.ok()) continue;
      published_.insert(entry->event_id);
    }
    if (!database) continue;
    const absl::Status status = table_.PutStored(*entry);
    if (!status.ok()) {
      LogWarning("recording's row has to wait",
                 {{"recording_id", id}, {"error", std::string(status.message())}});
      // One bad row must not hold up the others; an outage holds up all.
      if (absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status)) database = false;
      next_database_try_ = clock_.Now() + kDatabaseRetry;
      continue;
    }
    index_.ClearPending(id);
    published_.erase(entry->event_id);
    --left;
  }
  Count([left](ArchiveCounts& counts) { counts.pending = left; });
}

void ArchiveWorker::Reconcile(absl::Time now) {
  const auto missing = table_.Reconcile(options_.reconciliation, now);
  if (!missing.ok()) {
    LogWarning("reconciliation has to wait", {{"error", std::string(missing.status().message())}});
    return;
  }
  for (const Missing& one : *missing) {
    LogError("recording missing", {{"tenant_id", one.tenant_id},
                                   {"interaction_id", one.interaction_id},
                                   {"recording_id", one.recording_id},
                                   {"reason", one.verdict.reason}});
    const absl::Status status = publisher_.Publish(MakeMissingFact(one, options_.producer, now));
    if (!status.ok()) {
      LogError("missing recording cannot be told", {{"error", std::string(status.message())}});
    }
  }
  const auto count = table_.CountMissing();
  Count([&](ArchiveCounts& counts) {
    counts.missing_told += missing->size();
    if (count.ok()) counts.missing = *count;
  });
}

}  // namespace zvon::recording
