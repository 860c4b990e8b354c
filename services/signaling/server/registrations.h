#pragma once
// REGISTER, and the digest of phones: who is reachable where. The table is the
// registrar's; it survives restarts in Redis ("{tenant}:registration:<user>").

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "services/common/executor/task_runner.h"
#include "services/common/store/snapshot_store.h"
#include "services/signaling/core/dial_plan.h"
#include "services/signaling/digest/digest.h"
#include "services/signaling/registrar/registrar.h"
#include "services/signaling/server/signaling_probe.h"
#include "services/signaling/transaction/sip_endpoint.h"

namespace zvon::signaling {

class Registrations {
 public:
  struct Options {
    sip::DigestServer::Options digest;
    sip::Registrar::Options registrar;
    // Beginnings of User-Agents that are not shown a SHA-256 challenge.
    std::vector<std::string> md5_only_agents;
  };
  using StoreOf = std::function<SnapshotStore&(const std::string& tenant_id)>;
  Registrations(Options options, sip::SipEndpoint& endpoint, TaskRunner& runner,
                RandomSource random, StoreOf store_of, SignalingProbe& probe);
  ~Registrations();

  void SetPlan(std::shared_ptr<const DialPlan> plan) { plan_ = std::move(plan); }
  void OnRegister(sip::ServerId id, const sip::Message& request, const sip::Flow& flow);

  // Who sends a request, by digest. Where the answer is not kKnown the request
  // has been answered (challenge, 403, 400).
  struct Identity {
    bool known = false;
    DialPlan::EndpointMatch match;
  };
  Identity Authenticate(sip::ServerId id, const sip::Message& request, std::string_view host);
  // Digest of a trunk without fixed addresses.
  bool AuthenticateTrunk(sip::ServerId id, const sip::Message& request, const TrunkSettings& trunk);
  std::optional<std::string> ClaimedUser(const sip::Message& request) const;

  std::vector<DialContact> ContactsOf(const TenantPlan& tenant, const std::string& user_id) const;
  std::vector<sip::Binding> BindingsOf(const std::string& tenant_id,
                                       const std::string& sip_username) const;
  // Takes over what this process (its instance name) had stored.
  void Load(const std::string& tenant_id, const std::string& owner, std::function<void()> done);

 private:
  static std::string RecordOf(const std::string& tenant_id, const std::string& user) {
    return "sip:" + user + "@" + tenant_id;
  }
  bool KnowsMd5Only(const sip::Message& request) const;
  void Challenge(sip::ServerId id, const sip::Message& request, bool stale);
  void Store(const std::string& tenant_id, const std::string& user, std::function<void()> done);
  void ArmExpiry();

  sip::SipEndpoint& endpoint_;
  TaskRunner& runner_;
  StoreOf store_of_;
  SignalingProbe& probe_;
  std::vector<std::string> md5_only_agents_;
  sip::DigestServer digest_;
  sip::Registrar registrar_;
  std::shared_ptr<const DialPlan> plan_ = std::make_shared<const DialPlan>();
  TimerId expiry_timer_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace zvon::signaling
