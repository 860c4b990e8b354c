#pragma once
// Feeds the store from the bus, and folds what was waiting to settle.

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "absl/status/status.h"
#include "services/common/bus/bus.h"
#include "services/common/telemetry/metrics.h"
#include "services/common/time/clock.h"
#include "services/reporting/adapters/report_store.h"

namespace zvon::reporting {

// Owns one thread (settling); TakeBatch is called by the consumer's. Everything
// given outlives it. The destructor ends the thread within a second.
class EventFolder {
 public:
  EventFolder(ReportStore& store, const Clock& clock, Metrics& metrics);
  ~EventFolder();

  // The consumer's handler.
  absl::Status TakeBatch(const std::vector<BusEvent>& batch);

  // Time of the newest event folded; InfinitePast before any.
  absl::Time newest() const { return absl::FromUnixMicros(newest_micros_); }
  bool healthy() const { return healthy_; }

 private:
  void RunSettling();

  ReportStore& store_;
  const Clock& clock_;
  prometheus::Counter& events_;
  prometheus::Counter& unreadable_;
  prometheus::Counter& failures_;
  std::atomic<int64_t> newest_micros_{0};
  std::atomic<bool> healthy_{true};
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  std::thread settling_;
};

}  // namespace zvon::reporting
