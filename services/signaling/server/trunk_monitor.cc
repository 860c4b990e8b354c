#include "services/signaling/server/trunk_monitor.h"

#include <algorithm>

#include "services/common/telemetry/log.h"

namespace zvon::signaling {

TrunkMonitor::~TrunkMonitor() {
  for (auto& [key, watch] : watches_) runner_.Cancel(watch.timer);
}

void TrunkMonitor::SetPlan(const DialPlan& plan) {
  std::map<std::string, Watch> old = std::exchange(watches_, {});
  for (const auto& [tenant_id, tenant] : plan.tenants()) {
    for (const TrunkSettings& trunk : tenant.settings().trunks) {
      if (trunk.disabled || trunk.outbound_uri.empty() ||
          trunk.options_interval <= absl::ZeroDuration())
        continue;
      const std::string key = tenant_id + "/" + trunk.id;
      auto it = old.find(key);
      if (it != old.end() && it->second.uri == trunk.outbound_uri &&
          it->second.interval == trunk.options_interval) {
        watches_[key] = it->second;
        it->second.timer = 0;
        continue;
      }
      Watch& watch = watches_[key];
      watch.uri = trunk.outbound_uri;
      watch.interval = std::max(trunk.options_interval, absl::Seconds(1));
      watch.timer = runner_.RunAfter(absl::Milliseconds(100), [this, key] { Ask(key); });
    }
  }
  for (auto& [key, watch] : old) runner_.Cancel(watch.timer);
}

void TrunkMonitor::Ask(const std::string& key) {
  Watch& watch = watches_[key];
  sip::OutRequest options;
  options.method = "OPTIONS";
  options.uri = watch.uri;
  options.from = sip::FormatAddress("", "sip:zvon@" + domain_, sip::MakeTag(random_));
  options.to = sip::FormatAddress("", watch.uri);
  options.call_id = sip::MakeCallId(random_);
  endpoint_.Request(
      std::move(options), {std::nullopt, watch.uri}, [this, key](const sip::Outcome& outcome) {
        auto it = watches_.find(key);
        if (it == watches_.end() || !outcome.is_final()) return;
        // Any answer of the far application shows that it lives; 503 says it does not want calls.
        const bool healthy = outcome.code != 408 && outcome.code != 503;
        if (healthy != it->second.health.healthy) {
          LogWarning(healthy ? "trunk is healthy" : "trunk is out of order",
                     {{"trunk", key}, {"code", outcome.code}});
        }
        it->second.health = {
            healthy,
            healthy ? "" : "OPTIONS: " + std::to_string(outcome.code) + " " + outcome.reason};
      });
  watch.timer = runner_.RunAfter(watch.interval, [this, key] { Ask(key); });
}

TrunkMonitor::Health TrunkMonitor::HealthOf(const std::string& tenant_id,
                                            const std::string& trunk_id) const {
  auto it = watches_.find(tenant_id + "/" + trunk_id);
  return it == watches_.end() ? Health{} : it->second.health;
}

bool TrunkMonitor::Admit(const std::string& tenant_id, const TrunkSettings& trunk) {
  if (trunk.call_rate_max <= 0) return true;
  Bucket& bucket = buckets_[tenant_id + "/" + trunk.id];
  const absl::Time now = runner_.Now();
  const double most = std::max(1.0, static_cast<double>(trunk.call_rate_max));
  if (bucket.filled == absl::Time()) bucket.tokens = most;
  bucket.tokens = std::min(
      most, bucket.tokens + absl::ToDoubleSeconds(now - bucket.filled) * trunk.call_rate_max);
  bucket.filled = now;
  if (bucket.tokens < 1) return false;
  bucket.tokens -= 1;
  return true;
}

}  // namespace zvon::signaling
