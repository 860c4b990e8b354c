#pragma once
// Metrics of the directory.

#include <string>

#include "services/common/telemetry/metrics.h"

namespace zvon::directory {

class DirectoryProbe {
 public:
  explicit DirectoryProbe(Metrics& metrics);
  // `verb`: "create", "update", "delete".
  void Written(const std::string& verb, bool ok);
  // `outcome`: "ok", "wrong", "locked", "error".
  void LoggedIn(const std::string& outcome);
  void WatcherCame() { watchers_.Increment(); }
  void WatcherWent() { watchers_.Decrement(); }
  void AtRevision(int64_t revision) { revision_.Set(static_cast<double>(revision)); }
  void Published(size_t count) { published_.Increment(static_cast<double>(count)); }
  void PublishingFailed() { publish_failures_.Increment(); }

 private:
  Metrics& metrics_;
  prometheus::Gauge& watchers_;
  prometheus::Gauge& revision_;
  prometheus::Counter& published_;
  prometheus::Counter& publish_failures_;
};

}  // namespace zvon::directory
