#include "services/scenario/adapters/run_facts.h"

#include "zvon/events/v1/events.pb.h"

namespace zvon::scenario {
namespace {

// Fills the fact, gives the event's type.
struct FactFiller {
  const RunState& run;
  events::v1::Event& out;
  const char* operator()(const RunStartedFact&) const {
    out.mutable_scenario_run_started()->set_scenario_id(run.scenario_id);
    out.mutable_scenario_run_started()->set_version(run.version);
    return "zvon.scenario.run_started";
  }
  const char* operator()(const StepEnteredFact& fact) const {
    out.mutable_step_entered()->set_step_id(fact.step_id);
    out.mutable_step_entered()->set_kind(fact.kind);
    return "zvon.scenario.step_entered";
  }
  const char* operator()(const RunEndedFact& fact) const {
    out.mutable_scenario_run_ended()->set_scenario_id(run.scenario_id);
    out.mutable_scenario_run_ended()->set_failed(fact.failed);
    out.mutable_scenario_run_ended()->set_message(fact.message);
    return "zvon.scenario.run_ended";
  }
};

}  // namespace

BusEvent FactToEvent(const RunFact& fact, const RunState& run, const FactSource& source) {
  events::v1::Event event;
  event.set_event_id(source.event_id);
  const int64_t nanos = absl::ToUnixNanos(source.time);
  event.mutable_occur_time()->set_seconds(nanos / 1'000'000'000);
  event.mutable_occur_time()->set_nanos(static_cast<int32_t>(nanos % 1'000'000'000));
  event.set_tenant_id(run.call.tenant_id);
  event.set_interaction_id(run.call.interaction_id);
  event.set_call_id(run.call.call_id);
  event.set_producer(source.producer);
  event.set_traceparent(run.call.traceparent);
  event.set_sequence(source.sequence);
  BusEvent out;
  out.type = std::visit(FactFiller{run, event}, fact);
  out.topic = kInteractionsTopic;
  out.key = run.call.interaction_id;
  out.id = source.event_id;
  out.source = source.producer;
  out.time = source.time;
  out.tenant_id = run.call.tenant_id;
  out.traceparent = run.call.traceparent;
  out.payload = event.SerializeAsString();
  return out;
}

}  // namespace zvon::scenario
