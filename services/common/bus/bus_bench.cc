// What a fact costs its publisher.

#include <benchmark/benchmark.h>

#include "absl/time/clock.h"
#include "services/common/bus/event_codec.h"
#include "services/common/bus/kafka_bus.h"
#include "services/common/testing/temp_dir.h"
#include "services/common/testing/test_kafka.h"

namespace zvon {
namespace {

BusEvent Event() {
  BusEvent event{.topic = "zvon.interactions.v1",
                 .key = "01938f2e-7c3a-7b1e-8f00-3d2a9c4b5e6f",
                 .id = "01938f2e-7c3a-7b1e-8f00-3d2a9c4b5e70",
                 .type = "zvon.call.started",
                 .source = "signaling-0",
                 .time = absl::Now(),
                 .tenant_id = "demo"};
  event.payload = std::string(200, 'x');
  return event;
}

void PublishToSpool(benchmark::State& state) {
  TestKafka kafka;
  TempDir dir;
  KafkaPublisherOptions options;
  options.kafka.brokers = kafka.brokers();
  options.spool_dir = dir.path();
  auto publisher = MakeKafkaPublisher(options);
  const BusEvent event = Event();
  for (auto _ : state) benchmark::DoNotOptimize((*publisher)->Publish(event));
  if (!(*publisher)->Flush(absl::Seconds(60))) state.SkipWithError("not delivered");
}
BENCHMARK(PublishToSpool)->Iterations(50'000);

void EncodeOne(benchmark::State& state) {
  const BusEvent event = Event();
  for (auto _ : state) benchmark::DoNotOptimize(EncodeEvent(event));
}
BENCHMARK(EncodeOne);

}  // namespace
}  // namespace zvon

BENCHMARK_MAIN();
