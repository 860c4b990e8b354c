#include "services/signaling/adapters/fact_publisher.h"

#include "services/common/telemetry/log.h"
#include "services/signaling/server/convert.h"

namespace zvon::signaling {

void FactPublisher::Publish(const CallState& call, const Fact& fact) {
  zvon::events::v1::Event event = ToProto(call, fact);
  BusEvent out;
  out.topic = "zvon.interactions.v1";
  out.key = call.interaction_id;
  out.id = MakeId(fact.time, random_);
  out.type = TypeOf(fact.kind);
  out.source = producer_;
  out.time = fact.time;
  out.tenant_id = call.tenant_id;
  out.traceparent = call.traceparent;
  event.set_event_id(out.id);
  event.set_producer(producer_);
  out.payload = event.SerializeAsString();
  const absl::Status status = publisher_.Publish(std::move(out));
  if (!status.ok()) {
    LogError("event was lost",
             {{"call_id", call.call_id}, {"error", std::string(status.message())}});
  }
}

}  // namespace zvon::signaling
