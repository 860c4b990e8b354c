#include "services/reporting/server/event_folder.h"

#include <algorithm>

#include "services/common/telemetry/log.h"

namespace zvon::reporting {

EventFolder::EventFolder(ReportStore& store, const Clock& clock, Metrics& metrics)
    : store_(store),
      clock_(clock),
      events_(metrics.Counter("zvon_reporting_events_total", "Events taken from the bus")),
      unreadable_(metrics.Counter("zvon_reporting_events_unreadable_total", "Events that could not be read")),
      failures_(metrics.Counter("zvon_reporting_batches_failed_total", "Batches to be tried again")) {
  settling_ = std::thread([this] { RunSettling(); });
}

EventFolder::~EventFolder() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  settling_.join();
}

absl::Status EventFolder::TakeBatch(const std::vector<BusEvent>& batch) {
  int unreadable = 0;
  absl::Status status = store_.TakeBatch(batch, clock_.Now(), &unreadable);
  healthy_ = status.ok();
  if (!status.ok()) {
    failures_.Increment();
    LogWarning("events could not be stored, they come again", {{"error", status.ToString()}});
    return status;
  }
  events_.Increment(static_cast<double>(batch.size()));
  unreadable_.Increment(unreadable);
  for (const BusEvent& event : batch) {
    newest_micros_ = std::max(newest_micros_.load(), absl::ToUnixMicros(event.time));
  }
  return status;
}

void EventFolder::RunSettling() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, std::chrono::milliseconds(500), [this] { return stop_; })) {
    lock.unlock();
    // A failure is the database's; the batch handler tells it.
    store_.FoldDue(clock_.Now()).IgnoreError();
    lock.lock();
  }
}

}  // namespace zvon::reporting
