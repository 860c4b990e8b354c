#pragma once
// Metrics of zvon-recording.

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

#include "services/common/telemetry/metrics.h"
#include "services/recording/server/archive_worker.h"

namespace zvon::recording {

class RecordingProbe {
 public:
  explicit RecordingProbe(Metrics& metrics);
  // Ends within a second.
  ~RecordingProbe();
  // Copies the counts once a second; `read` is called on the probe's thread.
  void Start(std::function<std::pair<ArchiveCounts, size_t>()> read);
  void CountSegment() { segments_.Increment(); }
  void CountUnreadable(int events) { unreadable_.Increment(events); }

 private:
  void Update(const ArchiveCounts& counts, size_t spooled);

  prometheus::Counter& segments_;
  prometheus::Counter& unreadable_;
  prometheus::Counter& assembled_;
  prometheus::Counter& assembly_failures_;
  prometheus::Counter& missing_told_;
  prometheus::Gauge& missing_;
  prometheus::Gauge& pending_;
  prometheus::Gauge& spooled_;
  ArchiveCounts last_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;  // By mutex_.
  std::thread thread_;
};

}  // namespace zvon::recording
