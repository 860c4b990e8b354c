#pragma once
// Facts of calls to Kafka: topic zvon.interactions.v1, key = interaction id.

#include <string>

#include "services/common/bus/bus.h"
#include "services/common/ids/ids.h"
#include "services/signaling/ports/call_ports.h"

namespace zvon::signaling {

class FactPublisher final : public FactPort {
 public:
  // `publisher` outlives it.
  FactPublisher(Publisher& publisher, std::string producer, RandomSource random)
      : publisher_(publisher), producer_(std::move(producer)), random_(std::move(random)) {}
  void Publish(const CallState& call, const Fact& fact) override;

 private:
  Publisher& publisher_;
  std::string producer_;
  RandomSource random_;
};

}  // namespace zvon::signaling
