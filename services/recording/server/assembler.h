#pragma once
// One thread that turns finished sets of segments into recordings, and looks
// for recordings that should be there and are not.

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "absl/time/time.h"
#include "services/common/bus/bus.h"
#include "services/common/ids/ids.h"
#include "services/common/telemetry/metrics.h"
#include "services/common/time/clock.h"
#include "services/recording/adapters/recording_table.h"
#include "services/recording/adapters/segment_folder.h"
#include "services/recording/adapters/sound_file.h"

namespace zvon::recording {

struct AssemblerOptions {
  std::string store_dir;
  std::string instance;
  SoundFormat format = SoundFormat::kOggOpus;
  absl::Duration settle = absl::Seconds(15);
  absl::Duration missing_after = absl::Minutes(2);
  absl::Duration interval = absl::Milliseconds(300);
};

// Everything given outlives it. The destructor ends the thread after the
// recording under work.
class Assembler {
 public:
  Assembler(AssemblerOptions options, SegmentFolder& folder, RecordingTable& table, Publisher& publisher,
            const Clock& clock, Metrics& metrics);
  ~Assembler();

  // One round, as the thread does it; for tests.
  void RunOnce();

 private:
  void Run();
  absl::Status AssembleIfReady(const std::string& recording_id);
  absl::Status Store(const std::string& recording_id, const std::vector<StoredSegment>& segments);
  absl::Status ReportMissing();
  absl::Status Publish(zvon::events::v1::Event event, const std::string& type);

  const AssemblerOptions options_;
  SegmentFolder& folder_;
  RecordingTable& table_;
  Publisher& publisher_;
  const Clock& clock_;
  const RandomSource random_ = SystemRandom();
  prometheus::Counter& stored_;
  prometheus::Counter& stored_bytes_;
  prometheus::Counter& failures_;
  prometheus::Gauge& missing_;
  prometheus::Gauge& waiting_;
  absl::Time pause_until_ = absl::InfinitePast();
  absl::Time next_missing_check_ = absl::InfinitePast();
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace zvon::recording
