#include "services/routing/server/fact_codec.h"

#include <utility>

#include "services/routing/adapters/proto_values.h"
#include "zvon/events/v1/events.pb.h"

namespace zvon::routing {
namespace {

namespace pb = zvon::events::v1;

constexpr char kInteractions[] = "zvon.interactions.v1";
constexpr char kAgents[] = "zvon.agents.v1";

// Each fills its part of the event and gives the CloudEvents type.
struct Filler {
  pb::Event& event;

  const char* operator()(const QueueEntered& fact) const {
    auto* to = event.mutable_queue_entered();
    to->set_queue_id(fact.queue_id);
    *to->mutable_skill_ids() = {fact.skills.begin(), fact.skills.end()};
    to->set_priority(fact.priority);
    return "zvon.queue.entered";
  }
  const char* operator()(const QueueLeft& fact) const {
    auto* to = event.mutable_queue_left();
    to->set_queue_id(fact.queue_id);
    to->set_outcome(ToProto(fact.outcome));
    SetDuration(fact.waited, to->mutable_waited());
    to->set_within_threshold(fact.within_threshold);
    to->set_short_abandon(fact.short_abandon);
    return "zvon.queue.left";
  }
  const char* operator()(const OfferMade& fact) const {
    auto* to = event.mutable_offer_made();
    to->set_offer_id(fact.offer.offer_id);
    to->set_queue_id(fact.queue_id);
    ToProto(fact.offer.token, to->mutable_token());
    to->set_reason(fact.offer.reason);
    SetTime(fact.offer.deadline, to->mutable_deadline());
    return "zvon.offer.made";
  }
  const char* operator()(const OfferEnded& fact) const {
    auto* to = event.mutable_offer_ended();
    to->set_offer_id(fact.offer_id);
    to->set_queue_id(fact.queue_id);
    to->set_outcome(ToProto(fact.outcome));
    to->set_message(fact.message);
    return "zvon.offer.ended";
  }
  const char* operator()(const InteractionAssigned& fact) const {
    auto* to = event.mutable_interaction_assigned();
    to->set_queue_id(fact.queue_id);
    to->set_offer_id(fact.offer_id);
    SetDuration(fact.waited, to->mutable_waited());
    return "zvon.interaction.assigned";
  }
  const char* operator()(const WrapUpStarted& fact) const {
    SetTime(fact.deadline, event.mutable_wrap_up_started()->mutable_deadline());
    return "zvon.wrap_up.started";
  }
  const char* operator()(const WrapUpEnded& fact) const {
    event.mutable_wrap_up_ended()->set_by_timeout(fact.by_timeout);
    return "zvon.wrap_up.ended";
  }
  const char* operator()(const DispositionChosen& fact) const {
    event.mutable_disposition_chosen()->set_disposition_id(fact.disposition_id);
    event.mutable_disposition_chosen()->set_comment(fact.comment);
    return "zvon.disposition.chosen";
  }
  const char* operator()(const QueueUnservable& fact) const {
    auto* to = event.mutable_queue_unservable();
    to->set_queue_id(fact.queue_id);
    *to->mutable_skill_ids() = {fact.skills.begin(), fact.skills.end()};
    return "zvon.queue.unservable";
  }
  const char* operator()(const AgentSignedIn& fact) const {
    event.mutable_agent_signed_in()->set_gateway_id(fact.gateway_id);
    return "zvon.agent.signed_in";
  }
  const char* operator()(const AgentSignedOut& fact) const {
    event.mutable_agent_signed_out()->set_cause(fact.cause);
    return "zvon.agent.signed_out";
  }
  const char* operator()(const AgentStateChanged& fact) const {
    auto* to = event.mutable_agent_state_changed();
    to->set_from(ToProto(fact.from));
    to->set_to(ToProto(fact.to));
    to->set_reason_id(fact.reason_id);
    return "zvon.agent.state_changed";
  }
};

bool IsAgentFact(const pb::Event& event) {
  return event.has_agent_signed_in() || event.has_agent_signed_out() ||
         event.has_agent_state_changed();
}

}  // namespace

OutboxEvent ToEvent(const Fact& fact, const std::string& tenant_id, const std::string& producer,
                    const RandomSource& random) {
  OutboxEvent out;
  out.event_id = MakeId(fact.time, random);
  out.time = fact.time;
  pb::Event event;
  event.set_event_id(out.event_id);
  SetTime(fact.time, event.mutable_occur_time());
  event.set_tenant_id(tenant_id);
  event.set_interaction_id(fact.interaction_id);
  event.set_call_id(fact.call_id);
  event.set_agent_id(fact.agent_id);
  event.set_producer(producer);
  event.set_sequence(fact.sequence);
  out.type = std::visit(Filler{event}, fact.body);
  out.topic = IsAgentFact(event) ? kAgents : kInteractions;
  out.key = IsAgentFact(event) ? tenant_id + "/" + fact.agent_id : fact.interaction_id;
  out.payload = event.SerializeAsString();
  return out;
}

}  // namespace zvon::routing
