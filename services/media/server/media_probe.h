#pragma once
// Metrics of zvon-media, copied from the parts once a second.

#include <map>
#include <string>
#include <vector>

#include "services/common/telemetry/metrics.h"
#include "services/media/adapters/segment_uploader.h"
#include "services/media/adapters/segment_writer.h"
#include "services/media/server/media_server.h"

namespace zvon::media {

class MediaProbe {
 public:
  explicit MediaProbe(Metrics& metrics) : metrics_(metrics) {}
  void Update(const std::vector<MediaWorkerCounts>& workers);
  void Update(const SegmentWriterCounts& writer, const SegmentUploaderCounts& uploader);
  void Update(const MediaServer& server);

 private:
  // Counters only rise: the difference to the last value is added.
  void Count(const std::string& name, const std::string& help, uint64_t total);
  void Set(const std::string& name, const std::string& help, double value);

  Metrics& metrics_;
  std::map<std::string, uint64_t> last_;
};

}  // namespace zvon::media
