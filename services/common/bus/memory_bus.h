#pragma once
// Both ports in memory, for tests. Obeys the same contract as Kafka.

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "services/common/bus/bus.h"

namespace zvon {

class MemoryBus {
 public:
  MemoryBus();
  ~MemoryBus();
  std::unique_ptr<Publisher> MakePublisher();
  std::unique_ptr<Consumer> MakeConsumer(std::string group, std::vector<std::string> topics,
                                         Consumer::Handler handler);
  // Everything published so far, in order.
  std::vector<BusEvent> Events() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace zvon
