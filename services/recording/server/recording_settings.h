#pragma once
// Settings of zvon-recording.

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "services/common/bus/kafka_bus.h"
#include "services/common/db/database.h"
#include "services/common/rpc/rpc_server.h"
#include "services/common/settings/settings.h"

namespace zvon::recording {

struct RecordingSettings {
  std::string listen = "0.0.0.0:9106";
  std::string format = "opus";
  absl::Duration settle = absl::Minutes(3);
  absl::Duration reconcile_settle = absl::Minutes(3);
  absl::Duration reconcile_tolerance = absl::Seconds(1);
  absl::Duration reconcile_interval = absl::Seconds(10);
  int64_t wav_cache_megabytes = 1024;
  std::string migrations_dir = ZVON_RECORDING_MIGRATIONS;
  std::string group = "recording";
  DatabaseSettings database;
  KafkaSettings kafka;
  TlsSettings tls;

  void BindTo(SettingsReader& reader) {
    reader.Bind("grpc.listen", &listen, "Address of the internal gRPC port");
    reader.Bind("recording.format", &format, "How recordings are stored: opus or wav");
    reader.Bind("recording.settle", &settle,
                "How long a recording that is not complete waits for more segments");
    reader.Bind("reconcile.settle", &reconcile_settle,
                "After the end of a talk, before its recording is missed");
    reader.Bind("reconcile.tolerance", &reconcile_tolerance,
                "How much shorter than its talk a recording may be");
    reader.Bind("reconcile.interval", &reconcile_interval, "How often talks are judged");
    reader.Bind("wav_cache.megabytes", &wav_cache_megabytes, "Recordings kept converted to WAV", 1,
                1'000'000);
    reader.Bind("migrations.dir", &migrations_dir, "Folder of the SQL migrations");
    reader.Bind("kafka.group", &group, "Consumer group");
    database.BindTo(reader, "recording");
    kafka.BindTo(reader);
    tls.BindTo(reader);
  }
};

}  // namespace zvon::recording
