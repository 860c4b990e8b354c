#pragma once
// The router's metrics. Loop thread only.

#include <map>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "services/common/telemetry/metrics.h"
#include "services/routing/core/effects.h"

namespace zvon::routing {

class RoutingProbe {
 public:
  explicit RoutingProbe(Metrics& metrics);

  void OnReleased(const std::string& tenant_id, const Effects& effects);
  // From the input that made the decision to its being stored.
  void OnDecision(absl::Duration took);
  void OnLeading(bool leading, int64_t epoch);
  void OnConfiguration(int64_t revision);
  // Once a second: what grows by waiting alone.
  void OnTick(absl::Time now);

 private:
  void SetQueue(const std::string& tenant_id, const QueueView& view);
  void SetAgent(const std::string& tenant_id, const Agent& agent);

  Metrics& metrics_;
  prometheus::Histogram& decision_;
  prometheus::Gauge& leading_;
  prometheus::Gauge& epoch_;
  prometheus::Gauge& revision_;
  prometheus::Counter& offers_made_;
  std::map<OfferOutcome, prometheus::Counter*> offers_ended_;
  std::map<std::pair<std::string, std::string>, absl::Time> longest_;  // Tenant, queue.
  std::map<std::pair<std::string, std::string>, AgentState> agents_;
  std::map<std::pair<std::string, AgentState>, int> agent_counts_;
};

}  // namespace zvon::routing
