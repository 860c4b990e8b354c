#include "services/routing/server/routing_probe.h"

#include <algorithm>

namespace zvon::routing {
namespace {

constexpr OfferOutcome kOutcomes[] = {OfferOutcome::kAccepted, OfferOutcome::kDeclined,
                                      OfferOutcome::kExpired, OfferOutcome::kRevoked,
                                      OfferOutcome::kFailed};

}  // namespace

RoutingProbe::RoutingProbe(Metrics& metrics)
    : metrics_(metrics),
      decision_(metrics.Histogram(
          "zvon_routing_decision_seconds", "From the input that led to an offer to its release", {},
          {0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5})),
      leading_(metrics.Gauge("zvon_routing_leading", "1 while this replica distributes")),
      epoch_(metrics.Gauge("zvon_routing_epoch", "Epoch of this replica's lead, 0 without")),
      revision_(metrics.Gauge("zvon_routing_configuration_revision", "Revision applied")),
      offers_made_(metrics.Counter("zvon_routing_offers_total", "Offers made")) {
  for (const OfferOutcome outcome : kOutcomes) {
    offers_ended_[outcome] =
        &metrics.Counter("zvon_routing_offers_ended_total", "Offers ended, by outcome",
                         {{"outcome", ToText(outcome)}});
  }
}

void RoutingProbe::OnReleased(const std::string& tenant_id, const Effects& effects) {
  for (const QueueView& view : effects.queues) SetQueue(tenant_id, view);
  for (const AgentView& view : effects.agents) SetAgent(tenant_id, view.agent);
  for (const Fact& fact : effects.facts) {
    if (std::holds_alternative<OfferMade>(fact.body)) offers_made_.Increment();
    if (const auto* ended = std::get_if<OfferEnded>(&fact.body)) {
      offers_ended_.at(ended->outcome)->Increment();
    }
  }
}

void RoutingProbe::OnDecision(absl::Duration took) {
  decision_.Observe(absl::ToDoubleSeconds(took));
}

void RoutingProbe::OnLeading(bool leading, int64_t epoch) {
  leading_.Set(leading ? 1 : 0);
  epoch_.Set(leading ? static_cast<double>(epoch) : 0);
}

void RoutingProbe::OnConfiguration(int64_t revision) {
  revision_.Set(static_cast<double>(revision));
}

void RoutingProbe::OnTick(absl::Time now) {
  for (const auto& [key, since] : longest_) {
    const double wait =
        since == absl::InfiniteFuture() ? 0 : std::max(0.0, absl::ToDoubleSeconds(now - since));
    metrics_
        .Gauge("zvon_queue_longest_wait_seconds", "Wait of who waits longest",
               {{"tenant", key.first}, {"queue", key.second}})
        .Set(wait);
  }
}

void RoutingProbe::SetQueue(const std::string& tenant_id, const QueueView& view) {
  const prometheus::Labels labels{{"tenant", tenant_id}, {"queue", view.queue_id}};
  metrics_.Gauge("zvon_queue_waiting", "Entries waiting", labels).Set(view.waiting);
  metrics_.Gauge("zvon_queue_agents_ready", "Agents who may be offered its entries", labels)
      .Set(view.agents_ready);
  metrics_.Gauge("zvon_queue_unservable", "Entries nobody signed in can serve", labels)
      .Set(view.unservable);
  longest_[{tenant_id, view.queue_id}] = view.longest_enqueue_time;
}

void RoutingProbe::SetAgent(const std::string& tenant_id, const Agent& agent) {
  const auto tell = [&](AgentState state, int change) {
    const int count = agent_counts_[{tenant_id, state}] += change;
    metrics_
        .Gauge("zvon_agents", "Agents by state", {{"tenant", tenant_id}, {"state", ToText(state)}})
        .Set(count);
  };
  const auto known = agents_.find({tenant_id, agent.agent_id});
  if (known != agents_.end()) {
    if (known->second == agent.state) return;
    tell(known->second, -1);
  }
  tell(agent.state, 1);
  agents_[{tenant_id, agent.agent_id}] = agent.state;
}

}  // namespace zvon::routing
