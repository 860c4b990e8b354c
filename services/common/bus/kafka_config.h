#pragma once
// The last steps to librdkafka's C interface that publisher and consumer share.

#include <librdkafka/rdkafka.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "services/common/bus/bus.h"
#include "services/common/bus/kafka_bus.h"

namespace zvon {

using KafkaOptions = std::vector<std::pair<std::string, std::string>>;

// Sets `options`, then what the settings add; logs go to our log. The caller
// owns the result until rd_kafka_new has taken it.
absl::StatusOr<rd_kafka_conf_t*> MakeKafkaConfig(const KafkaSettings& settings,
                                                 const KafkaOptions& options);

// CloudEvents' Kafka binding, binary mode. The caller owns the headers until
// librdkafka has taken them.
rd_kafka_headers_t* MakeEventHeaders(const BusEvent& event);
BusEvent ToBusEvent(const rd_kafka_message_t& message);

}  // namespace zvon
