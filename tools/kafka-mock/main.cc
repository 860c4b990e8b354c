// kafka-mock: librdkafka's mock cluster as a daemon, for machines where no JVM
// is wanted. Keeps events in memory only; ports are the kernel's choice.
//
//   kafka-mock --bootstrap.file=var/kafka/bootstrap --topics=zvon.call.v1:6

#include <fcntl.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <signal.h>
#include <stdio.h>

#include <fstream>

#include "absl/strings/numbers.h"
#include "services/common/settings/settings.h"

namespace {

struct Settings {
  std::string bootstrap_file;
  int64_t brokers = 1;
  int64_t partitions = 6;
  std::vector<std::string> topics;
};

int Fail(const std::string& why) {
  fprintf(stderr, "kafka-mock: cannot start: %s\n", why.c_str());
  return 1;
}

// "name" or "name:partitions".
bool MakeTopic(rd_kafka_mock_cluster_t* cluster, const Settings& settings,
               const std::string& topic) {
  const size_t colon = topic.find(':');
  int partitions = static_cast<int>(settings.partitions);
  if (colon != std::string::npos && !absl::SimpleAtoi(topic.substr(colon + 1), &partitions))
    return false;
  return rd_kafka_mock_topic_create(cluster, topic.substr(0, colon).c_str(), partitions,
                                    static_cast<int>(settings.brokers)) ==
         RD_KAFKA_RESP_ERR_NO_ERROR;
}

// Whoever waits for the file finds it whole.
bool WriteBootstrap(const std::string& path, const std::string& text) {
  const std::string aside = path + ".new";
  std::ofstream(aside) << text << "\n";
  return rename(aside.c_str(), path.c_str()) == 0;
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  zvon::SettingsReader reader("kafka-mock", "A Kafka in memory, for development.");
  reader.Bind("bootstrap.file", &settings.bootstrap_file, "File to write the bootstrap address to");
  reader.Bind("brokers", &settings.brokers, "Number of brokers", 1, 9);
  reader.Bind("partitions", &settings.partitions, "Partitions of a topic without a number", 1,
              1000);
  reader.Bind("topics", &settings.topics, "Topics to make, name or name:partitions each");
  if (absl::Status read = reader.Read(argc, argv); !read.ok())
    return Fail(std::string(read.message()));

  // Before librdkafka makes its threads, so that they inherit it.
  sigset_t signals;
  sigemptyset(&signals);
  for (int signal : {SIGTERM, SIGINT}) sigaddset(&signals, signal);
  sigprocmask(SIG_BLOCK, &signals, nullptr);

  char error[256];
  rd_kafka_t* handle = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), error, sizeof(error));
  if (handle == nullptr) return Fail(error);
  auto* cluster = rd_kafka_mock_cluster_new(handle, static_cast<int>(settings.brokers));
  if (cluster == nullptr) return Fail("no mock cluster");
  for (const std::string& topic : settings.topics) {
    if (!MakeTopic(cluster, settings, topic)) return Fail("cannot make topic " + topic);
  }
  const std::string bootstrap = rd_kafka_mock_cluster_bootstraps(cluster);
  if (!settings.bootstrap_file.empty() && !WriteBootstrap(settings.bootstrap_file, bootstrap)) {
    return Fail("cannot write " + settings.bootstrap_file);
  }
  printf("%s\n", bootstrap.c_str());
  fflush(stdout);

  int signal = 0;
  sigwait(&signals, &signal);
  rd_kafka_mock_cluster_destroy(cluster);
  rd_kafka_destroy(handle);
  return 0;
}
