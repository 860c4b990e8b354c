#include "services/routing/server/routing_loop.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/telemetry/log.h"
#include "services/routing/server/settings_reader.h"
#include "services/routing/server/wire_codec.h"

namespace zvon::routing {

namespace svc = zvon::routingservice::v1;

RoutingLoop::RoutingLoop(TaskRunner& runner, RoutingStore& store, LeaderLease& lease,
                         Publisher& publisher, RandomSource random, RoutingProbe* probe,
                         RoutingLoopOptions options, Wire wire)
    : runner_(runner),
      store_(store),
      publisher_(publisher),
      random_(std::move(random)),
      probe_(probe),
      options_(std::move(options)),
      wire_(std::move(wire)) {
  leadership_ = std::make_unique<Leadership>(
      runner, lease, LeaseHolder{options_.instance, options_.advertised_address},
      options_.lease_length,
      Leadership::Handlers{[this](int64_t epoch) { OnLead(epoch); },
                           [this](const std::string& address) { OnFollow(address); }});
}

RoutingLoop::~RoutingLoop() {
  *alive_ = false;
  runner_.Cancel(tick_);
}

void RoutingLoop::Start() {
  leadership_->Start();
  Tick();
}

// The shards stay until the lease is given back: nothing is half decided.
void RoutingLoop::Stop(std::function<void()> done) {
  runner_.Cancel(tick_);
  tick_ = 0;
  leadership_->Stop([this, alive = alive_, done = std::move(done)] {
    if (*alive) shards_.clear();
    done();
  });
}

void RoutingLoop::SetConfiguration(std::shared_ptr<const Configuration> configuration) {
  configuration_ = std::move(configuration);
  if (probe_ != nullptr) probe_->OnConfiguration(configuration_->revision());
  if (!leading()) return;
  for (auto& [tenant_id, shard] : shards_) {
    (void)shard->Feed(SettingsChanged{ReadTenantSettings(*configuration_, tenant_id)});
  }
  for (const std::string& tenant_id : configuration_->TenantIds()) (void)ShardOf(tenant_id);
}

void RoutingLoop::OnLead(int64_t epoch) {
  if (probe_ != nullptr) probe_->OnLeading(true, epoch);
  shards_.clear();
  if (configuration_ != nullptr) {
    for (const std::string& tenant_id : configuration_->TenantIds()) (void)ShardOf(tenant_id);
  }
  SayHelloToAll();
}

void RoutingLoop::OnFollow(const std::string&) {
  if (probe_ != nullptr) probe_->OnLeading(false, 0);
  shards_.clear();
  SayHelloToAll();
}

svc::RouterHello RoutingLoop::Hello() const {
  svc::RouterHello hello;
  hello.set_epoch(leadership_->epoch());
  hello.set_standby(!leading());
  if (!leading()) hello.set_leader_address(leadership_->leader_address());
  return hello;
}

void RoutingLoop::SayHelloToAll() {
  for (const auto& [session, owner] : owners_) {
    svc::DeliveryItem item;
    *item.mutable_hello() = Hello();
    wire_.to_owner(session, std::move(item));
  }
  for (auto& [session, gateway] : gateways_) {
    svc::GatewayItem item;
    *item.mutable_hello() = Hello();
    wire_.to_gateway(session, std::move(item));
    if (!leading()) continue;
    for (const std::string& tenant_id : gateway.watched) Watch(session, tenant_id);
  }
}

const TenantShard* RoutingLoop::FindShard(const std::string& tenant_id) const {
  const auto it = shards_.find(tenant_id);
  return it == shards_.end() ? nullptr : it->second.get();
}

// Null where this replica does not lead or there is no such tenant.
TenantShard* RoutingLoop::ShardOf(const std::string& tenant_id) {
  if (!leading() || configuration_ == nullptr) return nullptr;
  const auto it = shards_.find(tenant_id);
  if (it != shards_.end()) return it->second.get();
  if (configuration_->FindTenant(tenant_id) == nullptr) return nullptr;
  MakeShard(tenant_id);
  return shards_.at(tenant_id).get();
}

void RoutingLoop::MakeShard(const std::string& tenant_id) {
  TenantShard::Environment environment;
  environment.runner = &runner_;
  environment.store = &store_;
  environment.publisher = &publisher_;
  environment.random = random_;
  environment.instance = options_.instance;
  environment.router_options = options_.router;
  environment.release = [this](const std::string& tenant, const Effects& effects) {
    Release(tenant, effects);
  };
  // Posted: the shard that says it ends by it.
  environment.on_superseded = [this] {
    const bool posted = runner_.Post([this, alive = alive_] {
      if (*alive) leadership_->StepDown();
    });
    if (!posted) LogError("mailbox is full, cannot step down");
  };
  environment.on_decision = [this](absl::Duration took) {
    if (probe_ != nullptr) probe_->OnDecision(took);
  };
  auto shard = std::make_unique<TenantShard>(tenant_id, leadership_->epoch(),
                                             ReadTenantSettings(*configuration_, tenant_id),
                                             std::move(environment));
  TenantShard& started = *shard;
  shards_[tenant_id] = std::move(shard);
  started.Start();
  for (const auto& [owner_id, session] : owner_sessions_) {
    (void)started.Feed(OwnerAttached{owner_id, owners_.at(session).incarnation});
  }
}

void RoutingLoop::FeedAll(const Input& input) {
  for (auto& [tenant_id, shard] : shards_) (void)shard->Feed(input);
}

void RoutingLoop::OnOwnerItem(SessionId session, const svc::OwnerItem& item) {
  if (item.has_hello()) {
    owners_[session] = {item.hello().owner_id(), item.hello().incarnation()};
    owner_sessions_[item.hello().owner_id()] = session;
    svc::DeliveryItem answer;
    *answer.mutable_hello() = Hello();
    wire_.to_owner(session, std::move(answer));
    return FeedAll(OwnerAttached{item.hello().owner_id(), item.hello().incarnation()});
  }
  const auto owner = owners_.find(session);
  if (owner == owners_.end()) {
    return RefuseOwnerItem(session, item,
                           absl::FailedPreconditionError("the stream begins without hello"));
  }
  if (!leading()) return;  // Its hello was answered so; the leader is told the same.
  const absl::StatusOr<Input> input = ToInput(item, owner->second.owner_id);
  if (!input.ok()) return RefuseOwnerItem(session, item, input.status());
  TenantShard* shard = ShardOf(item.tenant_id());
  if (shard == nullptr) {
    return RefuseOwnerItem(
        session, item, absl::NotFoundError(absl::StrCat("no tenant \"", item.tenant_id(), "\"")));
  }
  if (!shard->Feed(*input)) {
    RefuseOwnerItem(session, item, absl::ResourceExhaustedError("too much waits for the store"));
  }
}

void RoutingLoop::RefuseOwnerItem(SessionId session, const svc::OwnerItem& item,
                                  const absl::Status& status) {
  LogWarning("item of an owner refused", {{"tenant_id", item.tenant_id()},
                                          {"interaction_id", item.interaction_id()},
                                          {"error", status.ToString()}});
  if (!item.has_enqueue()) return;
  svc::DeliveryItem answer;
  answer.set_tenant_id(item.tenant_id());
  answer.set_interaction_id(item.interaction_id());
  answer.mutable_refused()->set_message(std::string(status.message()));
  wire_.to_owner(session, std::move(answer));
}

void RoutingLoop::OnOwnerClosed(SessionId session) {
  const auto it = owners_.find(session);
  if (it == owners_.end()) return;
  const std::string owner_id = it->second.owner_id;
  owners_.erase(it);
  const auto latest = owner_sessions_.find(owner_id);
  if (latest == owner_sessions_.end() || latest->second != session) return;  // It is back already.
  owner_sessions_.erase(latest);
  FeedAll(OwnerLost{owner_id});
}

void RoutingLoop::OnGatewayItem(SessionId session, const svc::AgentItem& item) {
  GatewaySession& gateway = gateways_[session];
  if (item.has_hello()) {
    gateway.gateway_id = item.hello().gateway_id();
    gateway_sessions_[gateway.gateway_id] = session;
    svc::GatewayItem answer;
    *answer.mutable_hello() = Hello();
    return wire_.to_gateway(session, std::move(answer));
  }
  if (item.has_watch_tenant()) {
    gateway.watched.insert(item.tenant_id());
    return Watch(session, item.tenant_id());
  }
  if (item.has_unwatch_tenant()) {
    gateway.watched.erase(item.tenant_id());
    return;
  }
  const auto answer = [&](const absl::Status& status) {
    wire_.to_gateway(session, ToWire(item.tenant_id(),
                                     Reply{{session, item.request_id()}, item.agent_id(), status}));
  };
  if (!leading()) return answer(absl::UnavailableError("this replica does not lead"));
  const absl::StatusOr<Input> input = ToInput(item, gateway.gateway_id, session);
  if (!input.ok()) return answer(input.status());
  TenantShard* shard = ShardOf(item.tenant_id());
  if (shard == nullptr) {
    return answer(absl::NotFoundError(absl::StrCat("no tenant \"", item.tenant_id(), "\"")));
  }
  if (!shard->Feed(*input)) answer(absl::ResourceExhaustedError("too much waits for the store"));
}

void RoutingLoop::OnGatewayClosed(SessionId session) {
  const auto it = gateways_.find(session);
  if (it == gateways_.end()) return;
  const std::string gateway_id = it->second.gateway_id;
  gateways_.erase(it);
  const auto latest = gateway_sessions_.find(gateway_id);
  if (latest == gateway_sessions_.end() || latest->second != session) return;
  gateway_sessions_.erase(latest);
  FeedAll(GatewayLost{gateway_id});
}

// All there is now, behind what is on its way; changes follow.
void RoutingLoop::Watch(SessionId session, const std::string& tenant_id) {
  TenantShard* shard = ShardOf(tenant_id);
  if (shard == nullptr) return;
  shard->AfterReleases([this, session, tenant_id](const Router& router) {
    if (gateways_.count(session) == 0) return;
    for (const AgentView& view : router.AgentViews()) {
      wire_.to_gateway(session, ToWire(tenant_id, view));
    }
    for (const QueueView& view : router.QueueViews(runner_.Now())) {
      wire_.to_gateway(session, ToWire(tenant_id, view));
    }
  });
}

void RoutingLoop::Release(const std::string& tenant_id, const Effects& effects) {
  if (probe_ != nullptr) probe_->OnReleased(tenant_id, effects);
  for (const OwnerMessage& message : effects.owner_messages) {
    const auto session = owner_sessions_.find(message.owner_id);
    if (session == owner_sessions_.end()) continue;  // Told again when it is back.
    wire_.to_owner(session->second, ToWire(tenant_id, message));
  }
  for (const AgentView& view : effects.agents) {
    ToGateways(tenant_id, view.agent.gateway_id, ToWire(tenant_id, view));
  }
  for (const QueueView& view : effects.queues) ToGateways(tenant_id, "", ToWire(tenant_id, view));
  for (const Reply& reply : effects.replies) {
    if (gateways_.count(reply.request.session) == 0) continue;
    wire_.to_gateway(reply.request.session, ToWire(tenant_id, reply));
  }
}

// To those who watch the tenant, and to the agent's own gateway.
void RoutingLoop::ToGateways(const std::string& tenant_id, const std::string& gateway_id,
                             const svc::GatewayItem& item) {
  for (const auto& [session, gateway] : gateways_) {
    const bool own = !gateway_id.empty() && gateway.gateway_id == gateway_id;
    if (own || gateway.watched.count(tenant_id) != 0) wire_.to_gateway(session, item);
  }
}

void RoutingLoop::Tick() {
  if (probe_ != nullptr) probe_->OnTick(runner_.Now());
  for (auto& [tenant_id, shard] : shards_) shard->Probe();
  tick_ = runner_.RunAfter(absl::Seconds(1), [this] { Tick(); });
}

}  // namespace zvon::routing
