// zvon-topics --brokers HOST:PORT --file topics.yaml
// Creates the topics that are missing. Run by tools/run and by the chart's
// job; harmless when run again. Exit code 1 and one line where it failed.

#include <librdkafka/rdkafka.h>
#include <yaml-cpp/yaml.h>

#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace {

struct Deleter {
  void operator()(rd_kafka_t* p) const { rd_kafka_destroy(p); }
  void operator()(rd_kafka_queue_t* p) const { rd_kafka_queue_destroy(p); }
  void operator()(rd_kafka_event_t* p) const { rd_kafka_event_destroy(p); }
  void operator()(rd_kafka_NewTopic_t* p) const { rd_kafka_NewTopic_destroy(p); }
};
template <class T>
using Owned = std::unique_ptr<T, Deleter>;

int Fail(const std::string& why) {
  std::fprintf(stderr, "zvon-topics: %s\n", why.c_str());
  return 1;
}

Owned<rd_kafka_NewTopic_t> ParseTopic(const YAML::Node& node, std::string* error) {
  char text[256];
  const auto name = node["name"].as<std::string>();
  Owned<rd_kafka_NewTopic_t> topic(rd_kafka_NewTopic_new(
      name.c_str(), node["partitions"].as<int>(), node["replicas"].as<int>(1), text, sizeof text));
  if (!topic) {
    *error = name + ": " + text;
    return nullptr;
  }
  for (const auto& item : node["config"]) {
    rd_kafka_NewTopic_set_config(topic.get(), item.first.as<std::string>().c_str(),
                                 item.second.as<std::string>().c_str());
  }
  return topic;
}

int Create(const std::string& brokers, const std::vector<Owned<rd_kafka_NewTopic_t>>& topics) {
  char text[256];
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  rd_kafka_conf_set(conf, "bootstrap.servers", brokers.c_str(), text, sizeof text);
  rd_kafka_conf_set(conf, "log_level", "0", text, sizeof text);
  Owned<rd_kafka_t> client(rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text));
  if (!client) return Fail(text);
  Owned<rd_kafka_queue_t> queue(rd_kafka_queue_new(client.get()));
  std::vector<rd_kafka_NewTopic_t*> list;
  for (const auto& topic : topics) list.push_back(topic.get());
  rd_kafka_CreateTopics(client.get(), list.data(), list.size(), nullptr, queue.get());
  Owned<rd_kafka_event_t> event(rd_kafka_queue_poll(queue.get(), 5000));
  if (!event) return Fail("no answer from " + brokers);
  if (rd_kafka_event_error(event.get())) return Fail(rd_kafka_event_error_string(event.get()));
  size_t count = 0;
  const auto* results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  for (size_t i = 0; i < count; ++i) {
    const auto code = rd_kafka_topic_result_error(results[i]);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR && code != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
      return Fail(std::string(rd_kafka_topic_result_name(results[i])) + ": " + rd_kafka_err2str(code));
    }
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::string brokers, file;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--brokers") == 0) brokers = argv[i + 1];
    if (std::strcmp(argv[i], "--file") == 0) file = argv[i + 1];
  }
  if (brokers.empty() || file.empty()) return Fail("usage: zvon-topics --brokers HOST:PORT --file FILE");
  std::vector<Owned<rd_kafka_NewTopic_t>> topics;
  try {
    for (const auto& node : YAML::LoadFile(file)["topics"]) {
      std::string error;
      topics.push_back(ParseTopic(node, &error));
      if (!topics.back()) return Fail(error);
    }
  } catch (const YAML::Exception& e) {
    return Fail(file + ": " + e.what());
  }
  return Create(brokers, topics);
}
