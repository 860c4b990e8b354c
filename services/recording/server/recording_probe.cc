#include "services/recording/server/recording_probe.h"

#include <chrono>

namespace zvon::recording {

RecordingProbe::RecordingProbe(Metrics& metrics)
    : segments_(metrics.Counter("zvon_recording_segments_total", "Segments taken from media")),
      unreadable_(metrics.Counter("zvon_recording_unreadable_events_total",
                                  "Events that could not be read and were passed over")),
      assembled_(metrics.Counter("zvon_recording_assembled_total", "Files made of segments")),
      assembly_failures_(metrics.Counter("zvon_recording_assembly_failures_total",
                                         "Failed tries to make a file; repeated")),
      missing_told_(metrics.Counter("zvon_recording_missing_total",
                                    "RecordingMissing events published: an alarm")),
      missing_(metrics.Gauge("zvon_recording_missing", "Recordings missing now: an alarm")),
      pending_(metrics.Gauge("zvon_recording_pending", "Stored, row or event still owed")),
      spooled_(metrics.Gauge("zvon_recording_spooled_segments", "Segments not yet in a file")) {}

RecordingProbe::~RecordingProbe() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void RecordingProbe::Start(std::function<std::pair<ArchiveCounts, size_t>()> read) {
  thread_ = std::thread([this, read = std::move(read)] {
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, std::chrono::seconds(1), [this] { return stopping_; })) {
      const auto [counts, spooled] = read();
      Update(counts, spooled);
    }
  });
}

void RecordingProbe::Update(const ArchiveCounts& counts, size_t spooled) {
  auto rise = [](prometheus::Counter& counter, uint64_t now, uint64_t before) {
    if (now > before) counter.Increment(static_cast<double>(now - before));
  };
  rise(assembled_, counts.assembled, last_.assembled);
  rise(assembly_failures_, counts.assembly_failures, last_.assembly_failures);
  rise(missing_told_, counts.missing_told, last_.missing_told);
  missing_.Set(static_cast<double>(counts.missing));
  pending_.Set(static_cast<double>(counts.pending));
  spooled_.Set(static_cast<double>(spooled));
  last_ = counts;
}

}  // namespace zvon::recording
