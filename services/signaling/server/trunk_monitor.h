#pragma once
// Trunks' health (OPTIONS), and their limits on calls a second.

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "services/common/executor/task_runner.h"
#include "services/common/ids/ids.h"
#include "services/signaling/core/dial_plan.h"
#include "services/signaling/transaction/sip_endpoint.h"

namespace zvon::signaling {

class TrunkMonitor {
 public:
  struct Health {
    bool healthy = true;  // Trunks that are not asked count as healthy.
    std::string reason;
  };
  TrunkMonitor(sip::SipEndpoint& endpoint, TaskRunner& runner, RandomSource random,
               std::string domain)
      : endpoint_(endpoint),
        runner_(runner),
        random_(std::move(random)),
        domain_(std::move(domain)) {}
  ~TrunkMonitor();
  void SetPlan(const DialPlan& plan);
  Health HealthOf(const std::string& tenant_id, const std::string& trunk_id) const;
  // Takes one call out of the trunk's rate; false: over it.
  bool Admit(const std::string& tenant_id, const TrunkSettings& trunk);

 private:
  struct Watch {
    std::string uri;
    absl::Duration interval;
    TimerId timer = 0;
    Health health;
  };
  struct Bucket {
    double tokens = 0;
    absl::Time filled;
  };
  void Ask(const std::string& key);
  sip::SipEndpoint& endpoint_;
  TaskRunner& runner_;
  RandomSource random_;
  std::string domain_;
  std::map<std::string, Watch> watches_;  // "tenant/trunk"
  std::map<std::string, Bucket> buckets_;
};

}  // namespace zvon::signaling
