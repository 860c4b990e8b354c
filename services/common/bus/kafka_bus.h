#pragma once
// The Kafka adapters of bus.h, by librdkafka.

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/common/bus/bus.h"
#include "services/common/settings/settings.h"

namespace zvon {

struct KafkaSettings {
  std::string brokers = "127.0.0.1:19092";
  // Binds kafka.brokers and kafka.config (list of "name=value" for librdkafka).
  std::vector<std::string> config;
  void BindTo(SettingsReader& reader);
};

struct KafkaPublisherOptions {
  KafkaSettings kafka;
  // Folder of the spool; made if missing. One process per folder.
  std::string spool_dir;
  int64_t spool_bytes_max = int64_t{8} << 30;
};

// Idempotent, acks=all. Every event is first appended to a spool segment on
// disk, handed to librdkafka, and forgotten when the broker acknowledged it;
// a new process replays what was left, in order. The producer is made anew
// after a fatal error.
absl::StatusOr<std::unique_ptr<Publisher>> MakeKafkaPublisher(KafkaPublisherOptions options);

struct KafkaConsumerOptions {
  KafkaSettings kafka;
  std::string group;
  std::vector<std::string> topics;
  int batch_max = 500;
  absl::Duration batch_wait = absl::Milliseconds(50);
  // A compacted topic read from its beginning without a group.
  bool from_beginning = false;
  absl::Duration retry_pause = absl::Milliseconds(500);
};
absl::StatusOr<std::unique_ptr<Consumer>> MakeKafkaConsumer(KafkaConsumerOptions options,
                                                            Consumer::Handler handler);

}  // namespace zvon
