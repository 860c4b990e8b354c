#pragma once
// The owner of everything that lives while the process leads: one shard per
// tenant, and who is attached. Transport is outside: sessions are numbers,
// items are messages, so that the simulator drives the same code as gRPC.

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "services/common/configuration/configuration.h"
#include "services/routing/server/leadership.h"
#include "services/routing/server/routing_probe.h"
#include "services/routing/server/tenant_shard.h"
#include "zvon/routingservice/v1/routing_service.pb.h"

namespace zvon::routing {

using SessionId = uint64_t;

struct RoutingLoopOptions {
  std::string instance;
  std::string advertised_address;
  absl::Duration lease_length = absl::Seconds(1);
  RouterOptions router;
};

// Runner-thread only. Everything given outlives it.
class RoutingLoop {
 public:
  struct Wire {
    std::function<void(SessionId, zvon::routingservice::v1::DeliveryItem)> to_owner;
    std::function<void(SessionId, zvon::routingservice::v1::GatewayItem)> to_gateway;
  };
  RoutingLoop(TaskRunner& runner, RoutingStore& store, LeaderLease& lease, Publisher& publisher,
              RandomSource random, RoutingProbe* probe, RoutingLoopOptions options, Wire wire);
  ~RoutingLoop();

  void Start();
  void Stop(std::function<void()> done);
  // A new revision, applied between two inputs.
  void SetConfiguration(std::shared_ptr<const Configuration> configuration);

  void OnOwnerItem(SessionId session, const zvon::routingservice::v1::OwnerItem& item);
  void OnOwnerClosed(SessionId session);
  void OnGatewayItem(SessionId session, const zvon::routingservice::v1::AgentItem& item);
  void OnGatewayClosed(SessionId session);

  bool leading() const { return leadership_->leading(); }
  int64_t epoch() const { return leadership_->epoch(); }
  // Null where the tenant is not distributed here.
  const TenantShard* FindShard(const std::string& tenant_id) const;

 private:
  struct OwnerSession {
    std::string owner_id;
    int64_t incarnation = 0;
  };
  struct GatewaySession {
    std::string gateway_id;
    std::set<std::string> watched;  // Tenants.
  };

  void OnLead(int64_t epoch);
  void OnFollow(const std::string& leader_address);
  zvon::routingservice::v1::RouterHello Hello() const;
  void SayHelloToAll();
  TenantShard* ShardOf(const std::string& tenant_id);
  void MakeShard(const std::string& tenant_id);
  void FeedAll(const Input& input);
  void Release(const std::string& tenant_id, const Effects& effects);
  void ToGateways(const std::string& tenant_id, const std::string& gateway_id,
                  const zvon::routingservice::v1::GatewayItem& item);
  void Watch(SessionId session, const std::string& tenant_id);
  void RefuseOwnerItem(SessionId session, const zvon::routingservice::v1::OwnerItem& item,
                       const absl::Status& status);
  void Tick();

  TaskRunner& runner_;
  RoutingStore& store_;
  Publisher& publisher_;
  const RandomSource random_;
  RoutingProbe* const probe_;
  const RoutingLoopOptions options_;
  const Wire wire_;
  std::unique_ptr<Leadership> leadership_;
  std::shared_ptr<const Configuration> configuration_;
  std::map<std::string, std::unique_ptr<TenantShard>> shards_;
  std::map<SessionId, OwnerSession> owners_;
  std::map<std::string, SessionId> owner_sessions_;  // Latest of each owner.
  std::map<SessionId, GatewaySession> gateways_;
  std::map<std::string, SessionId> gateway_sessions_;
  TimerId tick_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace zvon::routing
