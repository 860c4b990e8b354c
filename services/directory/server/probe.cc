#include "services/directory/server/probe.h"

namespace zvon::directory {

DirectoryProbe::DirectoryProbe(Metrics& metrics)
    : metrics_(metrics),
      watchers_(metrics.Gauge("zvon_directory_watchers", "Open watches")),
      revision_(metrics.Gauge("zvon_directory_revision", "Revision that this replica publishes")),
      published_(
          metrics.Counter("zvon_directory_published_total", "Changes acknowledged by Kafka")),
      publish_failures_(metrics.Counter("zvon_directory_publish_failures_total",
                                        "Tries to publish that failed")) {}

// Both are rare enough for a look-up by labels.
void DirectoryProbe::Written(const std::string& verb, bool ok) {
  metrics_
      .Counter("zvon_directory_writes_total", "Requests to change a record",
               {{"verb", verb}, {"outcome", ok ? "ok" : "refused"}})
      .Increment();
}

void DirectoryProbe::LoggedIn(const std::string& outcome) {
  metrics_.Counter("zvon_directory_logins_total", "Log-ins by outcome", {{"outcome", outcome}})
      .Increment();
}

}  // namespace zvon::directory
