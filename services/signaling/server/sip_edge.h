#pragma once
// Where requests come in: who sends this, what is it, may it. Admits INVITEs
// as calls; everything within a dialog goes to SipLegs.

#include <functional>
#include <memory>
#include <string>

#include "services/common/executor/task_runner.h"
#include "services/common/ids/ids.h"
#include "services/signaling/core/dial_plan.h"
#include "services/signaling/server/call_table.h"
#include "services/signaling/server/registrations.h"
#include "services/signaling/server/signaling_probe.h"
#include "services/signaling/server/sip_legs.h"
#include "services/signaling/server/trunk_monitor.h"

namespace zvon::signaling {

class SipEdge final : public sip::EndpointHandler {
 public:
  struct Options {
    std::string domain = "zvon";
    std::string advertised_address;
    size_t calls_max = 5000;
    absl::Duration retry_after = absl::Seconds(5);
  };
  struct Parts {
    sip::SipEndpoint* endpoint = nullptr;
    SipLegs* legs = nullptr;
    CallTable* calls = nullptr;
    Registrations* registrations = nullptr;
    TrunkMonitor* trunks = nullptr;
  };
  SipEdge(Options options, TaskRunner& runner, RandomSource random, SignalingProbe& probe)
      : options_(std::move(options)), runner_(runner), random_(std::move(random)), probe_(probe) {}
  // Before the endpoint starts.
  void Connect(Parts parts) { parts_ = parts; }
  void SetPlan(std::shared_ptr<const DialPlan> plan) { plan_ = std::move(plan); }
  // New calls are refused with 503: draining, or the loop does not keep up.
  // Asked for in-dialog requests of calls that are not here.
  using Adopt = std::function<void(const std::string& tenant_id, const std::string& call_id,
                                   const sip::DialogId& dialog, std::function<void(bool)> done)>;
  void SetAdopt(Adopt adopt) { adopt_ = std::move(adopt); }
  void SetOverloaded(bool overloaded) { overloaded_ = overloaded; }

  void OnRequest(sip::ServerId id, const sip::Message& request, const sip::Flow& flow) override;
  void OnCancel(sip::ServerId invite, const sip::Message& cancel) override;
  void OnAck(sip::ServerId invite, const sip::Message& ack, const sip::Flow& flow) override;
  void OnAckMissing(sip::ServerId invite) override;

  // Routes of the plan get their trunks' URIs; trunks out of order come last.
  void CompleteRoutes(const TenantPlan& tenant, DialTarget* target) const;

 private:
  struct Source {
    const TenantPlan* tenant = nullptr;
    const TrunkSettings* trunk = nullptr;
    const EndpointSettings* endpoint = nullptr;
  };
  void OnInvite(sip::ServerId id, const sip::Message& invite, const sip::Flow& flow);
  void OnStrayRequest(sip::ServerId id, const sip::Message& request, const sip::Flow& flow);
  bool ClaimsEndpoint(const sip::Message& invite, const sip::Flow& flow) const;
  // Nothing: the request has been answered.
  std::optional<Source> FindSource(sip::ServerId id, const sip::Message& invite,
                                   const sip::Flow& flow, const std::string& number);
  bool AdmitTrunk(sip::ServerId id, const Source& source);
  void BeginCall(sip::ServerId id, const sip::Message& invite, const sip::Flow& flow,
                 const Source& source, const std::string& number);
  void Refuse(sip::ServerId id, int code, const char* reason);

  Options options_;
  TaskRunner& runner_;
  RandomSource random_;
  SignalingProbe& probe_;
  Parts parts_;
  std::shared_ptr<const DialPlan> plan_ = std::make_shared<const DialPlan>();
  bool overloaded_ = false;
  Adopt adopt_;
};

}  // namespace zvon::signaling
