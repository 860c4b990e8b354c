// Outages, restarts and fatal errors of the publisher.

#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <set>

#include "absl/strings/str_cat.h"
#include "services/common/bus/kafka_bus.h"
#include "services/common/testing/child_process.h"
#include "services/common/testing/temp_dir.h"
#include "services/common/testing/test_kafka.h"

namespace zvon {
namespace {

constexpr absl::Duration kLimit = absl::Seconds(20);
constexpr char kTopic[] = "zvon.calls.v1";

struct Bench {
  TestKafka kafka;
  TempDir dir;
  Bench() { kafka.CreateTopic(kTopic, 1); }

  absl::StatusOr<std::unique_ptr<Publisher>> TryPublisher(int64_t bytes_max = 1 << 30) {
    KafkaPublisherOptions options;
    options.kafka.brokers = kafka.brokers();
    options.spool_dir = dir.path() + "/spool";
    options.spool_bytes_max = bytes_max;
    return MakeKafkaPublisher(options);
  }
  std::unique_ptr<Publisher> MakePublisher() {
    auto publisher = TryPublisher();
    REQUIRE(publisher.ok());
    return std::move(*publisher);
  }

  // Ids in the topic, in order, without what was delivered twice.
  std::vector<std::string> WaitForIds(size_t count) {
    std::mutex mutex;
    std::vector<std::string> ids;
    std::set<std::string> seen;
    KafkaConsumerOptions options;
    options.kafka.brokers = kafka.brokers();
    options.topics = {kTopic};
    options.from_beginning = true;
    auto consumer = MakeKafkaConsumer(options, [&](const std::vector<BusEvent>& batch) {
      std::lock_guard<std::mutex> lock(mutex);
      for (const BusEvent& event : batch) {
        if (seen.insert(event.id).second) ids.push_back(event.id);
      }
      return absl::OkStatus();
    });
    REQUIRE(consumer.ok());
    WaitUntil(
        [&] {
          std::lock_guard<std::mutex> lock(mutex);
          return ids.size() >= count;
        },
        kLimit);
    (*consumer)->Stop();
    return ids;
  }
};

void PublishRange(Publisher& publisher, int from, int to) {
  for (int i = from; i < to; ++i) {
    BusEvent event;
    event.topic = kTopic;
    event.key = "call-1";
    event.id = absl::StrCat(i);
    event.payload = "x";
    REQUIRE(publisher.Publish(std::move(event)).ok());
  }
}

std::vector<std::string> Range(int from, int to) {
  std::vector<std::string> out;
  for (int i = from; i < to; ++i) out.push_back(absl::StrCat(i));
  return out;
}

TEST_CASE("Events published while the broker is away arrive in order when it is back") {
  Bench bench;
  auto publisher = bench.MakePublisher();
  PublishRange(*publisher, 0, 100);
  REQUIRE(publisher->Flush(kLimit));
  bench.kafka.SetDown(true);
  PublishRange(*publisher, 100, 300);
  CHECK_FALSE(publisher->Flush(absl::Milliseconds(200)));
  CHECK(publisher->Pending() == 200);
  bench.kafka.SetDown(false);
  REQUIRE(publisher->Flush(kLimit));
  CHECK(bench.WaitForIds(300) == Range(0, 300));
}

TEST_CASE("Events left by a process are sent by the next one first") {
  Bench bench;
  bench.kafka.SetDown(true);
  auto publisher = bench.MakePublisher();
  PublishRange(*publisher, 0, 50);
  publisher.reset();
  publisher = bench.MakePublisher();
  CHECK(publisher->Pending() == 50);
  PublishRange(*publisher, 50, 80);
  bench.kafka.SetDown(false);
  REQUIRE(publisher->Flush(kLimit));
  CHECK(bench.WaitForIds(80) == Range(0, 80));
}

TEST_CASE("A fatal error of the producer loses nothing and keeps the order") {
  Bench bench;
  auto publisher = bench.MakePublisher();
  PublishRange(*publisher, 0, 10);
  REQUIRE(publisher->Flush(kLimit));
  bench.kafka.FailNextProduceFatally();
  PublishRange(*publisher, 10, 200);
  REQUIRE(publisher->Flush(kLimit));
  CHECK(bench.WaitForIds(200) == Range(0, 200));
}

// Run by the test below as a process of its own: publishes until it is killed
// and tells each event that was taken.
TEST_CASE("publisher process", "[.publisher-process]") {
  KafkaPublisherOptions options;
  options.kafka.brokers = getenv("ZVON_TEST_BROKERS");
  options.spool_dir = getenv("ZVON_TEST_SPOOL");
  auto publisher = MakeKafkaPublisher(options);
  REQUIRE(publisher.ok());
  for (int i = 0;; ++i) {
    PublishRange(**publisher, i, i + 1);
    printf("taken %d\n", i);
    fflush(stdout);
  }
}

TEST_CASE("kill -9 of the process loses no event that was taken") {
  Bench bench;
  const bool broker_away = GENERATE(false, true);
  bench.kafka.SetDown(broker_away);
  const std::string output = bench.dir.path() + "/output";
  {
    auto process = ChildProcess::Start({.args = {"/proc/self/exe", "[.publisher-process]"},
                                        .env = {"ZVON_TEST_BROKERS=" + bench.kafka.brokers(),
                                                "ZVON_TEST_SPOOL=" + bench.dir.path() + "/spool"},
                                        .output_file = output});
    REQUIRE(process.ok());
    REQUIRE(WaitUntil(
        [&] { return ReadSmallFile(output).find("taken 2000\n") != std::string::npos; }, kLimit));
  }
  bench.kafka.SetDown(false);
  const std::string text = ReadSmallFile(output);
  const int last = std::atoi(text.substr(text.rfind("taken ", text.rfind('\n') - 1) + 6).c_str());
  auto publisher = bench.MakePublisher();
  REQUIRE(publisher->Flush(kLimit));
  const auto ids = bench.WaitForIds(static_cast<size_t>(last) + 1);
  REQUIRE(ids.size() >= static_cast<size_t>(last) + 1);
  CHECK(ids == Range(0, static_cast<int>(ids.size())));
}

TEST_CASE("A publisher with a full spool refuses and goes on") {
  Bench bench;
  bench.kafka.SetDown(true);
  auto publisher = bench.TryPublisher(/*bytes_max=*/4096);
  REQUIRE(publisher.ok());
  BusEvent event;
  event.topic = kTopic;
  event.payload = std::string(500, 'x');
  absl::Status status;
  for (int i = 0; i < 20 && status.ok(); ++i) status = (*publisher)->Publish(event);
  CHECK(status.code() == absl::StatusCode::kResourceExhausted);
  bench.kafka.SetDown(false);
  REQUIRE((*publisher)->Flush(kLimit));
  CHECK((*publisher)->Publish(event).ok());
}

TEST_CASE("Publisher and consumer stop in time while the broker is away") {
  Bench bench;
  auto publisher = bench.MakePublisher();
  KafkaConsumerOptions options;
  options.kafka.brokers = bench.kafka.brokers();
  options.group = "reporting";
  options.topics = {kTopic};
  std::atomic<int> seen{0};
  auto consumer = MakeKafkaConsumer(options, [&](const std::vector<BusEvent>& batch) {
    seen += static_cast<int>(batch.size());
    return absl::OkStatus();
  });
  REQUIRE(consumer.ok());
  PublishRange(*publisher, 0, 10);
  REQUIRE(WaitUntil([&] { return seen >= 10; }, kLimit));
  bench.kafka.SetDown(true);
  PublishRange(*publisher, 10, 20);
  CHECK(WaitUntil([&] { return publisher->Pending() == 10; }));
  const auto before = std::chrono::steady_clock::now();
  (*consumer)->Stop();
  consumer->reset();
  publisher.reset();
  CHECK(std::chrono::steady_clock::now() - before < std::chrono::seconds(8));
}

TEST_CASE("An event too large for Kafka is dropped and the rest goes on") {
  Bench bench;
  auto publisher = bench.MakePublisher();
  PublishRange(*publisher, 0, 5);
  BusEvent huge;
  huge.topic = kTopic;
  huge.id = "huge";
  huge.payload = std::string(3 << 20, 'x');
  REQUIRE(publisher->Publish(huge).ok());
  PublishRange(*publisher, 5, 10);
  REQUIRE(publisher->Flush(kLimit));
  CHECK(bench.WaitForIds(10) == Range(0, 10));
}

TEST_CASE("A wrong option of librdkafka is named") {
  TempDir dir;
  KafkaPublisherOptions options;
  options.spool_dir = dir.path();
  options.kafka.config = {"no.such.option=1"};
  auto publisher = MakeKafkaPublisher(options);
  CHECK(publisher.status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(std::string(publisher.status().message()).find("no.such.option") != std::string::npos);
}

}  // namespace
}  // namespace zvon
