#include "services/common/bus/kafka_config.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/common/bus/event_codec.h"
#include "services/common/telemetry/log.h"

namespace zvon {
namespace {

void OnLog(const rd_kafka_t* handle, int level, const char* facility, const char* text) {
  constexpr int kSyslogError = 3;
  const LogFields fields = {{"facility", facility}, {"text", text}};
  if (level <= kSyslogError) {
    LogWarning("kafka client", fields);
  } else {
    LogDebug("kafka client", fields);
  }
}

absl::Status SetOption(rd_kafka_conf_t* config, const std::string& name, const std::string& value) {
  char error[512];
  if (rd_kafka_conf_set(config, name.c_str(), value.c_str(), error, sizeof(error)) ==
      RD_KAFKA_CONF_OK) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat("kafka.config ", name, ": ", error));
}

absl::Status SetAll(rd_kafka_conf_t* config, const KafkaSettings& settings,
                    const KafkaOptions& options) {
  absl::Status status = SetOption(config, "bootstrap.servers", settings.brokers);
  for (const auto& [name, value] : options) {
    if (status.ok()) status = SetOption(config, name, value);
  }
  for (const std::string& pair : settings.config) {
    if (!status.ok()) break;
    const size_t equals = pair.find('=');
    if (equals == std::string::npos) {
      return absl::InvalidArgumentError(absl::StrCat("kafka.config needs name=value, not ", pair));
    }
    status = SetOption(config, pair.substr(0, equals), pair.substr(equals + 1));
  }
  return status;
}

void AddHeader(rd_kafka_headers_t* headers, const char* name, const std::string& value) {
  rd_kafka_header_add(headers, name, -1, value.data(), static_cast<ssize_t>(value.size()));
}

std::string* HeaderField(BusEvent* event, const std::string& name) {
  if (name == "ce_id") return &event->id;
  if (name == "ce_type") return &event->type;
  if (name == "ce_source") return &event->source;
  if (name == "ce_tenantid") return &event->tenant_id;
  if (name == "ce_traceparent") return &event->traceparent;
  return nullptr;
}

void ReadHeaders(const rd_kafka_headers_t* headers, BusEvent* event) {
  const char* name = nullptr;
  const void* value = nullptr;
  size_t size = 0;
  for (size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == 0; ++i) {
    const std::string text(static_cast<const char*>(value), size);
    if (std::string* field = HeaderField(event, name); field != nullptr) {
      *field = text;
    } else if (std::string(name) == "ce_time") {
      event->time = EventTimeFromText(text);
    }
  }
}

}  // namespace

absl::StatusOr<rd_kafka_conf_t*> MakeKafkaConfig(const KafkaSettings& settings,
                                                 const KafkaOptions& options) {
  rd_kafka_conf_t* config = rd_kafka_conf_new();
  rd_kafka_conf_set_log_cb(config, OnLog);
  absl::Status status = SetAll(config, settings, options);
  if (status.ok()) return config;
  rd_kafka_conf_destroy(config);
  return status;
}

rd_kafka_headers_t* MakeEventHeaders(const BusEvent& event) {
  rd_kafka_headers_t* headers = rd_kafka_headers_new(8);
  AddHeader(headers, "ce_specversion", "1.0");
  AddHeader(headers, "ce_id", event.id);
  AddHeader(headers, "ce_type", event.type);
  AddHeader(headers, "ce_source", event.source);
  AddHeader(headers, "ce_time", EventTimeToText(event.time));
  if (!event.tenant_id.empty()) AddHeader(headers, "ce_tenantid", event.tenant_id);
  if (!event.traceparent.empty()) AddHeader(headers, "ce_traceparent", event.traceparent);
  AddHeader(headers, "content-type", "application/protobuf");
  return headers;
}

BusEvent ToBusEvent(const rd_kafka_message_t& message) {
  BusEvent event;
  event.topic = rd_kafka_topic_name(message.rkt);
  event.key.assign(static_cast<const char*>(message.key), message.key_len);
  if (message.payload != nullptr) {
    event.payload.assign(static_cast<const char*>(message.payload), message.len);
  }
  event.time =
      absl::FromUnixMillis(std::max<int64_t>(0, rd_kafka_message_timestamp(&message, nullptr)));
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    ReadHeaders(headers, &event);
  }
  return event;
}

}  // namespace zvon
