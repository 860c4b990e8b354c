// What every bus keeps to, asked of the one in memory, of librdkafka's mock
// cluster and, where ZVON_TEST_KAFKA names its brokers, of a real Kafka (one
// that makes topics when they are first written to).

#include <catch2/catch.hpp>

#include <atomic>
#include <cstdlib>
#include <map>
#include <mutex>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/common/bus/kafka_bus.h"
#include "services/common/bus/memory_bus.h"
#include "services/common/ids/ids.h"
#include "services/common/testing/temp_dir.h"
#include "services/common/testing/test_kafka.h"

namespace zvon {
namespace {

class BusUnderTest {
 public:
  virtual ~BusUnderTest() = default;
  virtual std::unique_ptr<Publisher> MakePublisher() = 0;
  virtual std::unique_ptr<Consumer> MakeConsumer(std::string group, std::vector<std::string> topics,
                                                 Consumer::Handler handler) = 0;
};

class MemoryUnderTest final : public BusUnderTest {
 public:
  std::unique_ptr<Publisher> MakePublisher() override { return bus_.MakePublisher(); }
  std::unique_ptr<Consumer> MakeConsumer(std::string group, std::vector<std::string> topics,
                                         Consumer::Handler handler) override {
    return bus_.MakeConsumer(std::move(group), std::move(topics), std::move(handler));
  }

 private:
  MemoryBus bus_;
};

class KafkaUnderTest final : public BusUnderTest {
 public:
  // Without `brokers` a mock cluster of its own.
  explicit KafkaUnderTest(const char* brokers) {
    if (brokers == nullptr) {
      mock_ = std::make_unique<TestKafka>();
      mock_->CreateTopic("zvon.calls.v1", 4);
    }
    brokers_ = brokers == nullptr ? mock_->brokers() : brokers;
  }
  std::unique_ptr<Publisher> MakePublisher() override {
    KafkaPublisherOptions options;
    options.kafka.brokers = brokers_;
    options.spool_dir = absl::StrCat(dir_.path(), "/spool", ++publishers_);
    auto publisher = MakeKafkaPublisher(options);
    REQUIRE(publisher.ok());
    return std::move(*publisher);
  }
  std::unique_ptr<Consumer> MakeConsumer(std::string group, std::vector<std::string> topics,
                                         Consumer::Handler handler) override {
    KafkaConsumerOptions options;
    options.kafka.brokers = brokers_;
    options.group = std::move(group);
    options.topics = std::move(topics);
    options.retry_pause = absl::Milliseconds(50);
    auto consumer = MakeKafkaConsumer(options, std::move(handler));
    REQUIRE(consumer.ok());
    return std::move(*consumer);
  }

 private:
  std::unique_ptr<TestKafka> mock_;
  std::string brokers_;
  TempDir dir_;
  int publishers_ = 0;
};

std::unique_ptr<BusUnderTest> MakeBus(const std::string& kind) {
  if (kind == "memory") return std::make_unique<MemoryUnderTest>();
  return std::make_unique<KafkaUnderTest>(kind == "real" ? getenv("ZVON_TEST_KAFKA") : nullptr);
}

std::vector<std::string> Kinds() {
  if (getenv("ZVON_TEST_KAFKA") != nullptr) return {"memory", "kafka", "real"};
  return {"memory", "kafka"};
}

// A real Kafka keeps the topics of earlier runs.
std::string Topic(const std::string& kind) {
  static const RandomSource random = SystemRandom();
  return kind == "real" ? absl::StrCat("zvon-test-", random()) : "zvon.calls.v1";
}
std::string topic_under_test;

BusEvent Event(const std::string& key, int number) {
  BusEvent event;
  event.topic = topic_under_test;
  event.key = key;
  event.id = absl::StrCat(key, "-", number);
  event.type = "zvon.call.started";
  event.source = "signaling-0";
  event.time = absl::FromUnixMicros(1'764'000'000'123'456);
  event.tenant_id = "demo";
  event.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  event.payload = std::string("\0\1payload", 9) + event.id;
  return event;
}

// Keeps what a consumer was given.
struct Inbox {
  std::mutex mutex;
  std::vector<BusEvent> events;
  std::atomic<int> failures_left{0};
  Consumer::Handler Handler() {
    return [this](const std::vector<BusEvent>& batch) {
      if (failures_left.fetch_sub(1) > 0) return absl::UnavailableError("not now");
      std::lock_guard<std::mutex> lock(mutex);
      events.insert(events.end(), batch.begin(), batch.end());
      return absl::OkStatus();
    };
  }
  size_t size() {
    std::lock_guard<std::mutex> lock(mutex);
    return events.size();
  }
};

constexpr absl::Duration kLimit = absl::Seconds(20);

TEST_CASE("A bus delivers every field of every event in order per key") {
  const std::string kind = GENERATE(from_range(Kinds()));
  auto bus = MakeBus(kind);
  topic_under_test = Topic(kind);
  auto publisher = bus->MakePublisher();
  for (int i = 0; i < 300; ++i) {
    for (const char* key : {"a", "b", "c"}) REQUIRE(publisher->Publish(Event(key, i)).ok());
  }
  Inbox inbox;
  auto consumer = bus->MakeConsumer("reporting", {topic_under_test}, inbox.Handler());
  REQUIRE(publisher->Flush(kLimit));
  CHECK(publisher->Pending() == 0);
  REQUIRE(WaitUntil([&] { return inbox.size() >= 900; }, kLimit));
  consumer->Stop();
  REQUIRE(inbox.size() == 900);
  std::map<std::string, int> next;
  for (const BusEvent& event : inbox.events) {
    const BusEvent expected = Event(event.key, next[event.key]++);
    CHECK(event.id == expected.id);
    CHECK(event.topic == expected.topic);
    CHECK(event.type == expected.type);
    CHECK(event.source == expected.source);
    CHECK(event.time == expected.time);
    CHECK(event.tenant_id == expected.tenant_id);
    CHECK(event.traceparent == expected.traceparent);
    CHECK(event.payload == expected.payload);
  }
}

TEST_CASE("A bus gives a batch again until its handler takes it") {
  const std::string kind = GENERATE(from_range(Kinds()));
  auto bus = MakeBus(kind);
  topic_under_test = Topic(kind);
  auto publisher = bus->MakePublisher();
  Inbox inbox;
  inbox.failures_left = 3;
  for (int i = 0; i < 10; ++i) REQUIRE(publisher->Publish(Event("a", i)).ok());
  auto consumer = bus->MakeConsumer("reporting", {topic_under_test}, inbox.Handler());
  REQUIRE(WaitUntil([&] { return inbox.size() >= 10; }, kLimit));
  consumer->Stop();
  for (int i = 0; i < 10; ++i) CHECK(inbox.events[i].id == absl::StrCat("a-", i));
}

TEST_CASE("A group goes on where its last member stopped, another begins anew") {
  const std::string kind = GENERATE(from_range(Kinds()));
  auto bus = MakeBus(kind);
  topic_under_test = Topic(kind);
  auto publisher = bus->MakePublisher();
  for (int i = 0; i < 5; ++i) REQUIRE(publisher->Publish(Event("a", i)).ok());
  Inbox first, second, other;
  auto consumer = bus->MakeConsumer("reporting", {topic_under_test}, first.Handler());
  REQUIRE(WaitUntil([&] { return first.size() >= 5; }, kLimit));
  consumer.reset();
  for (int i = 5; i < 8; ++i) REQUIRE(publisher->Publish(Event("a", i)).ok());
  consumer = bus->MakeConsumer("reporting", {topic_under_test}, second.Handler());
  auto newcomer = bus->MakeConsumer("recording", {topic_under_test}, other.Handler());
  REQUIRE(WaitUntil([&] { return second.size() >= 3 && other.size() >= 8; }, kLimit));
  CHECK(second.events[0].id == "a-5");
  CHECK(other.events[0].id == "a-0");
  CHECK(WaitUntil([&] { return consumer->Lag() == 0; }, kLimit));
}

TEST_CASE("A tombstone has an empty payload") {
  const std::string kind = GENERATE(from_range(Kinds()));
  auto bus = MakeBus(kind);
  topic_under_test = Topic(kind);
  auto publisher = bus->MakePublisher();
  BusEvent tombstone = Event("a", 0);
  tombstone.payload.clear();
  REQUIRE(publisher->Publish(tombstone).ok());
  Inbox inbox;
  auto consumer = bus->MakeConsumer("reporting", {topic_under_test}, inbox.Handler());
  REQUIRE(WaitUntil([&] { return inbox.size() == 1; }, kLimit));
  consumer->Stop();
  CHECK(inbox.events[0].payload.empty());
}

}  // namespace
}  // namespace zvon
