#pragma once
#include <memory>
#include <string>

namespace zvon {

// librdkafka's mock cluster within this process: a real TCP broker for any
// client. Topics are made when first written to.
class TestKafka {
 public:
  explicit TestKafka(int brokers = 1);
  ~TestKafka();
  // "127.0.0.1:port,…" for kafka.brokers.
  std::string brokers() const;
  void CreateTopic(const std::string& topic, int partitions);
  // All brokers refuse connections, or accept them again.
  void SetDown(bool down);
  // The next produce request fails with an error that is fatal to an
  // idempotent producer.
  void FailNextProduceFatally();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace zvon
