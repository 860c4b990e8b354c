#include "services/signaling/server/signaling_loop.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/common/store/redis_snapshot_store.h"
#include "services/common/telemetry/log.h"
#include "services/common/telemetry/trace.h"
#include "services/signaling/adapters/fact_publisher.h"
#include "services/signaling/adapters/media_links.h"
#include "services/signaling/adapters/plan_builder.h"
#include "services/signaling/adapters/replica_watch.h"
#include "services/signaling/adapters/routing_links.h"
#include "services/signaling/adapters/scenario_links.h"
#include "services/signaling/resolver/resolver.h"
#include "services/signaling/server/agent_control.h"
#include "services/signaling/server/call_table.h"
#include "services/signaling/server/convert.h"
#include "services/signaling/server/registrations.h"
#include "services/signaling/server/sip_edge.h"
#include "services/signaling/server/sip_legs.h"
#include "services/signaling/server/trunk_monitor.h"
#include "zvon/signalingservice/v1/signaling_service.pb.h"

namespace zvon::signaling {
namespace {
namespace svc = zvon::signalingservice::v1;

constexpr absl::Duration kStartWait = absl::Seconds(3);
constexpr absl::Duration kWatchdog = absl::Seconds(1);

absl::StatusOr<sip::SipEndpoint::Listen> ListenOn(sip::Protocol protocol, const std::string& text,
                                                  const std::string& advertised) {
  auto address = sip::SocketAddress::Parse(text);
  if (!address)
    return absl::InvalidArgumentError(absl::StrCat("\"", text, "\" is no address:port"));
  sip::SipEndpoint::Listen listen;
  listen.protocol = protocol;
  listen.address = *address;
  if (const auto full = sip::SocketAddress::Parse(advertised); full && full->port() != 0) {
    listen.advertised_host = full->UriHost();
    if (protocol == sip::Protocol::kUdp) listen.advertised_port = full->port();
  } else {
    listen.advertised_host = advertised;
  }
  return listen;
}
}  // namespace

struct SignalingLoop::Impl final : public CallEnvironment {
  Impl(SignalingSettings settings_in, Parts parts_in)
      : settings(std::move(settings_in)),
        parts(std::move(parts_in)),
        loop(*parts.loop),
        probe(*parts.probe),
        random(SystemRandom()) {
    limits.duration_max = settings.call_duration_max;
    limits.ring_timeout = settings.ring_timeout;
    limits.music = settings.music;
    limits.apology_prompt = settings.apology;
  }

  // --- CallEnvironment.
  absl::Time Now() const override { return loop.Now(); }
  const RandomSource& Random() const override { return random; }
  const CallLimits& Limits() const override { return limits; }
  DialTarget Resolve(const std::string& tenant_id, const std::string& number) const override {
    const TenantPlan* tenant = plan->Tenant(tenant_id);
    if (tenant == nullptr) return {};
    DialTarget target = tenant->Resolve(NormalizeNumber(number), "");
    if (target.kind == DialTarget::Kind::kTrunks) edge->CompleteRoutes(*tenant, &target);
    return target;
  }
  std::vector<DialContact> ContactsOf(const std::string& tenant_id,
                                      const std::string& user_id) const override {
    const TenantPlan* tenant = plan->Tenant(tenant_id);
    return tenant == nullptr ? std::vector<DialContact>{}
                             : registrations->ContactsOf(*tenant, user_id);
  }
  Party PartyOf(const std::string& tenant_id, const std::string& user_id) const override {
    const TenantPlan* tenant = plan->Tenant(tenant_id);
    const UserSettings* user = tenant == nullptr ? nullptr : tenant->User(user_id);
    return user == nullptr ? Party{user_id, ""} : Party{user->internal_number, user->display_name};
  }
  std::string PickMedia(const std::string& but) const override { return media->Pick(but); }
  std::string PickScenario() const override { return scenario->Pick(); }

  // --- Building and starting.
  absl::Status Build();
  void SetConfiguration(std::shared_ptr<const Configuration> configuration);
  void MaybeLoad();
  void LoadSnapshots(std::vector<std::string> tenants);
  void LoadTenant(const std::string& tenant_id, std::function<void()> done);
  void OnReplicaDead(const std::string& instance);
  void Resume(const std::string& call_id);
  void StartSip();
  void Watchdog();
  SnapshotStore& StoreOf(const std::string& kind, const std::string& tenant_id);
  std::string StartCall(const svc::AgentCommand& command);

  SignalingSettings settings;
  Parts parts;
  Loop& loop;
  SignalingProbe& probe;
  RandomSource random;
  CallLimits limits;
  std::shared_ptr<const DialPlan> plan = std::make_shared<const DialPlan>();
  std::shared_ptr<const Configuration> configuration;

  std::map<std::string, std::unique_ptr<SnapshotStore>> stores;
  std::unique_ptr<sip::Resolver> resolver;
  std::unique_ptr<SipEdge> edge;
  std::unique_ptr<sip::SipEndpoint> endpoint;
  std::unique_ptr<Registrations> registrations;
  std::unique_ptr<TrunkMonitor> trunks;
  std::unique_ptr<SipLegs> legs;
  std::unique_ptr<MediaLinks> media;
  std::unique_ptr<ScenarioLinks> scenario;
  std::unique_ptr<RoutingLinks> routing;
  std::unique_ptr<FactPublisher> facts;
  std::unique_ptr<AgentControl> agents;
  std::unique_ptr<CallTable> calls;
  std::unique_ptr<ReplicaWatch> replicas;
  SendEvent send_event;

  std::function<void(absl::Status)> started;
  std::vector<std::string> snapshots;  // Read, not adopted yet.
  bool loading = false;
  bool running = false;
  bool draining = false;
  bool stopped = false;
  TimerId start_timer = 0;
};

SignalingLoop::SignalingLoop(SignalingSettings settings, Parts parts)
    : impl_(std::make_unique<Impl>(std::move(settings), std::move(parts))) {}
SignalingLoop::~SignalingLoop() = default;

SnapshotStore& SignalingLoop::Impl::StoreOf(const std::string& kind, const std::string& tenant_id) {
  std::unique_ptr<SnapshotStore>& store = stores[kind + "/" + tenant_id];
  if (store == nullptr) {
    store = MakeRedisSnapshotStore(*parts.redis, absl::StrCat("{", tenant_id, "}:", kind),
                                   parts.instance);
  }
  return *store;
}

absl::Status SignalingLoop::Impl::Build() {
  sip::SipEndpoint::Options options;
  const std::pair<sip::Protocol, const std::string*> listeners[] = {
      {sip::Protocol::kUdp, &settings.sip_udp},
      {sip::Protocol::kTcp, &settings.sip_tcp},
      {sip::Protocol::kTls, &settings.sip_tls}};
  for (const auto& [protocol, text] : listeners) {
    if (text->empty()) continue;
    auto listen = ListenOn(protocol, *text, settings.advertised_address);
    if (!listen.ok()) return listen.status();
    options.listen.push_back(*std::move(listen));
  }
  using M = sip::Method;
  options.capabilities.methods = {M::kInvite,   M::kAck,     M::kBye,   M::kCancel,
                                  M::kRegister, M::kOptions, M::kPrack, M::kUpdate,
                                  M::kInfo,     M::kRefer,   M::kNotify};
  options.capabilities.option_tags = {"100rel", "timer", "replaces", "path", "outbound", "gruu"};
  options.capabilities.content_types = {
      "application/sdp",  "multipart/mixed", "application/dtmf-relay",
      "application/dtmf", "message/sipfrag", "application/simple-message-summary"};
  options.admission.global_rate = options.admission.global_burst = settings.global_rate;
  options.admission.source_rate = settings.source_rate;
  options.admission.source_burst = settings.source_rate * 2;
  options.admission.trusted = settings.trusted;
  options.tls = {settings.tls_certificate, settings.tls_key, settings.tls_ca};

  auto made = sip::DnsResolver::Create({}, loop, random);
  if (!made.ok()) return made.status();
  resolver = *std::move(made);
  SipEdge::Options edge_options;
  edge_options.domain = settings.domain;
  edge_options.advertised_address = settings.advertised_address;
  edge_options.calls_max = static_cast<size_t>(settings.calls_max);
  edge = std::make_unique<SipEdge>(edge_options, loop, random, probe);
  endpoint = std::make_unique<sip::SipEndpoint>(std::move(options), loop, random, *edge, *resolver);

  Registrations::Options registration_options;
  registration_options.digest.realm = settings.realm;
  registration_options.digest.secret = settings.digest_secret;
  if (registration_options.digest.secret.empty()) {
    registration_options.digest.secret = absl::StrCat(random(), "/", random());
  }
  registration_options.registrar.expires_max = settings.registration_expires_max;
  registration_options.md5_only_agents = settings.md5_only_agents;
  registrations = std::make_unique<Registrations>(
      registration_options, *endpoint, loop, random,
      [this](const std::string& tenant_id) -> SnapshotStore& {
        return StoreOf("registration", tenant_id);
      },
      probe);
  trunks = std::make_unique<TrunkMonitor>(*endpoint, loop, random, settings.domain);

  auto feed = [this](const std::string& call_id, CallInput input) {
    calls->Feed(call_id, std::move(input));
  };
  SipLegs::Options leg_options;
  leg_options.domain = settings.domain;
  leg_options.session.interval_s =
      static_cast<uint32_t>(absl::ToInt64Seconds(settings.session_expires));
  legs =
      std::make_unique<SipLegs>(leg_options, *endpoint, loop, random, feed,
                                [this](const std::string& tenant_id, const std::string& trunk_id) {
                                  const TenantPlan* tenant = plan->Tenant(tenant_id);
                                  return tenant == nullptr ? nullptr : tenant->Trunk(trunk_id);
                                });

  MediaLinks::Handlers media_handlers;
  media_handlers.on_input = [this, feed](const std::string& call_id, CallInput input) {
    probe.Control("media", "in");
    feed(call_id, std::move(input));
  };
  media_handlers.on_down = [this](const std::string& node) {
    calls->FeedWhere([&](const CallState& call) { return call.media_node == node; },
                     MediaNodeLost{});
  };
  media_handlers.on_census = [this](const std::string& node,
                                    const absl::flat_hash_set<std::string>& held) {
    calls->OnCensus(node, [&](const std::string& call_id) { return held.contains(call_id); });
  };
  media = std::make_unique<MediaLinks>(loop, settings.media_addresses, std::move(media_handlers));

  ScenarioLinks::Handlers run_handlers;
  run_handlers.on_input = [this, feed](const std::string& call_id, CallInput input) {
    probe.Control("scenario", "in");
    feed(call_id, std::move(input));
  };
  run_handlers.on_up = [this](const std::string&) { calls->FeedAll(RunReplicaUp{}); };
  run_handlers.on_down = [this](const std::string& replica) {
    calls->FeedWhere([&](const CallState& call) { return call.run.replica == replica; },
                     RunReplicaLost{replica});
  };
  scenario =
      std::make_unique<ScenarioLinks>(loop, settings.scenario_addresses, std::move(run_handlers));

  RoutingLinks::Handlers routing_handlers;
  routing_handlers.on_input = [this](const std::string& interaction_id, CallInput input) {
    if (calls->FindInteraction(interaction_id) == nullptr) return false;
    calls->FeedInteraction(interaction_id, std::move(input));
    return true;
  };
  routing_handlers.on_leader = [this] { calls->FeedAll(RouterUp{}); };
  routing = std::make_unique<RoutingLinks>(
      loop, settings.routing_addresses,
      RoutingLinks::Identity{parts.instance, absl::ToUnixMillis(loop.Now())},
      std::move(routing_handlers), probe);

  facts = std::make_unique<FactPublisher>(*parts.publisher, parts.instance, random);

  AgentControl::Handlers agent_handlers;
  agent_handlers.send = [this](uint64_t session, svc::AgentCallEvent event) {
    if (send_event) send_event(session, std::move(event));
  };
  agent_handlers.feed = [this](const std::string& call_id, CallInput input) {
    if (calls->Find(call_id) == nullptr) return false;
    calls->Feed(call_id, std::move(input));
    return true;
  };
  agent_handlers.start_call = [this](const svc::AgentCommand& command) {
    return StartCall(command);
  };
  agent_handlers.for_each_leg =
      [this](const std::function<void(const CallState&, const Leg&)>& visit) {
        calls->ForEach([&](const CallState& call) {
          for (const Leg& leg : call.legs) {
            if (leg.live() && leg.told_agent) visit(call, leg);
          }
        });
      };
  agents = std::make_unique<AgentControl>(loop, std::move(agent_handlers), probe);

  calls = std::make_unique<CallTable>(
      loop, CallPorts{*legs, *media, *scenario, *routing, *agents, *facts}, *this,
      [this](const std::string& tenant_id) -> SnapshotStore& { return StoreOf("call", tenant_id); },
      probe);
  replicas = std::make_unique<ReplicaWatch>(
      *parts.redis, loop, parts.instance,
      [this](const std::string& instance) { OnReplicaDead(instance); });
  edge->SetAdopt([this](const std::string& tenant_id, const std::string& call_id,
                        const sip::DialogId& dialog, std::function<void(bool)> done) {
    calls->AdoptFromStore(
        tenant_id, call_id,
        [dialog](const std::string& half) { return SipLegs::HasDialog(half, dialog); },
        [this, call_id, done](bool adopted) {
          if (stopped) return;
          if (adopted) Resume(call_id);
          done(adopted);
        });
  });
  edge->Connect({endpoint.get(), legs.get(), calls.get(), registrations.get(), trunks.get()});
  return absl::OkStatus();
}

void SignalingLoop::Start(std::function<void(absl::Status)> done) {
  const bool posted = impl_->loop.Post([impl = impl_.get(), done = std::move(done)]() mutable {
    const absl::Status built = impl->Build();
    if (!built.ok()) return done(built);
    impl->started = std::move(done);
    impl->parts.redis->OnConnected([impl](bool restarted) {
      impl->MaybeLoad();
      // A wiped Redis gets every call's state again: we are the second copy.
      if (restarted && impl->running) impl->calls->FlushAll([] {});
    });
    impl->parts.redis->Start();
    impl->parts.watch->Start([impl](std::shared_ptr<const Configuration> view) {
      impl->SetConfiguration(std::move(view));
    });
    impl->start_timer = impl->loop.RunAfter(kStartWait, [impl] {
      if (!impl->running) impl->StartSip();
    });
    impl->Watchdog();
  });
  if (!posted) LogError("the loop's mailbox is full");
}

void SignalingLoop::Impl::SetConfiguration(std::shared_ptr<const Configuration> view) {
  if (stopped) return;
  configuration = std::move(view);
  plan = BuildDialPlan(*configuration);
  edge->SetPlan(plan);
  registrations->SetPlan(plan);
  trunks->SetPlan(*plan);
  probe.Revision(configuration->revision());
  MaybeLoad();
}

// Both the tenants and Redis are known: what did an earlier life leave?
void SignalingLoop::Impl::MaybeLoad() {
  if (loading || running || stopped || configuration == nullptr || !parts.redis->connected())
    return;
  loading = true;
  LoadSnapshots(configuration->TenantIds());
}

void SignalingLoop::Impl::LoadSnapshots(std::vector<std::string> tenants) {
  auto rest = std::make_shared<size_t>(2 * tenants.size() + 1);
  auto one = [this, rest] {
    if (--*rest == 0 && !running) StartSip();
  };
  for (const std::string& tenant_id : tenants) {
    registrations->Load(tenant_id, parts.instance, one);
    LoadTenant(tenant_id, one);
  }
  one();
}

void SignalingLoop::Impl::LoadTenant(const std::string& tenant_id, std::function<void()> done) {
  SnapshotStore& store = StoreOf("call", tenant_id);
  store.ListOwned(
      parts.instance, [this, &store, done](const absl::StatusOr<std::vector<std::string>>& keys) {
        if (!keys.ok() || keys->empty()) return done();
        auto rest = std::make_shared<size_t>(keys->size());
        for (const std::string& key : *keys) {
          store.TakeOver(key, [this, rest, done](const absl::StatusOr<Snapshot>& snapshot) {
            if (snapshot.ok()) snapshots.push_back(snapshot->bytes);
            if (--*rest == 0) done();
          });
        }
      });
}

// Ports, then the calls of before, then the links: in one turn, so that no
// request comes between.
void SignalingLoop::Impl::StartSip() {
  if (running || stopped) return;
  running = true;
  loop.Cancel(start_timer);
  const absl::Status status = endpoint->Start();
  if (!status.ok()) return started(status);
  for (const std::string& bytes : std::exchange(snapshots, {})) {
    const absl::Status adopted = calls->Adopt(bytes);
    if (!adopted.ok()) LogError("a call was lost", {{"error", std::string(adopted.message())}});
  }
  if (calls->size() > 0)
    LogInfo("calls taken up again", {{"calls", static_cast<int64_t>(calls->size())}});
  calls->FeedAll(MediaNodeLost{});
  std::vector<std::string> attached;
  calls->ForEach([&](const CallState& call) { attached.push_back(call.run.replica); });
  for (const std::string& replica : attached) calls->FeedAll(RunReplicaLost{replica});
  media->Start();
  scenario->Start();
  routing->Start();
  replicas->Start();
  started(absl::OkStatus());
}

// A call that came from another replica while we run: its media, its run and
// the router are told whose it is.
void SignalingLoop::Impl::Resume(const std::string& call_id) {
  const CallState* call = calls->Find(call_id);
  if (call == nullptr) return;
  const std::string replica = call->run.replica;
  calls->Feed(call_id, MediaNodeLost{});
  calls->Feed(call_id, RunReplicaLost{replica});
  if (routing->has_leader()) calls->Feed(call_id, RouterUp{});
  media->AskCensus();
}

void SignalingLoop::Impl::OnReplicaDead(const std::string& instance) {
  if (!running || draining || stopped || configuration == nullptr) return;
  for (const std::string& tenant_id : configuration->TenantIds()) {
    registrations->Load(tenant_id, instance, [] {});
    StoreOf("call", tenant_id)
        .ListOwned(instance,
                   [this, tenant_id](const absl::StatusOr<std::vector<std::string>>& keys) {
                     if (!keys.ok() || stopped) return;
                     for (const std::string& key : *keys) {
                       calls->AdoptFromStore(
                           tenant_id, key, [](const std::string&) { return true; },
                           [this, key](bool adopted) {
                             if (adopted && !stopped) Resume(key);
                           });
                     }
                   });
  }
}

void SignalingLoop::Impl::Watchdog() {
  const absl::Duration longest = loop.TakeLongestTurn();
  probe.LoopTurn(longest);
  edge->SetOverloaded(draining || longest > settings.loop_lag_max);
  loop.RunAfter(kWatchdog, [this] {
    if (!stopped) Watchdog();
  });
}

void SignalingLoop::Drain(std::function<void()> done) {
  const bool posted = impl_->loop.Post([impl = impl_.get(), done = std::move(done)] {
    impl->draining = true;
    if (!impl->running) return done();
    impl->edge->SetOverloaded(true);
    impl->endpoint->Drain();
    impl->replicas->Leave();
    impl->calls->FlushAll(done);
  });
  if (!posted) LogError("the loop's mailbox is full");
}

void SignalingLoop::Stop() {
  impl_->loop.PostAndWait([impl = impl_.get()] {
    impl->stopped = true;
    if (impl->endpoint) impl->endpoint->Stop();
    // In reverse of Build; streams and timers end on their own loop.
    impl->replicas.reset();
    impl->calls.reset();
    impl->agents.reset();
    impl->facts.reset();
    impl->routing.reset();
    impl->scenario.reset();
    impl->media.reset();
    impl->legs.reset();
    impl->trunks.reset();
    impl->registrations.reset();
    impl->endpoint.reset();
    impl->edge.reset();
    impl->resolver.reset();
    impl->stores.clear();
  });
}

// Empty: begun; else why not.
std::string SignalingLoop::Impl::StartCall(const svc::AgentCommand& command) {
  if (!running || draining) return "the service is stopping";
  const TenantPlan* tenant = plan->Tenant(command.tenant_id());
  if (tenant == nullptr || tenant->User(command.agent_id()) == nullptr)
    return "there is no such agent";
  const std::string number = NormalizeNumber(command.start_call().number());
  const DialTarget target = Resolve(command.tenant_id(), number);
  if (target.kind == DialTarget::Kind::kNone) return "nobody has the number " + number;
  if (target.kind == DialTarget::Kind::kScenario)
    return "the number " + number + " is answered by a scenario";
  CallState call;
  call.call_id = MakeId(Now(), random);
  call.interaction_id = MakeId(Now(), random);
  call.tenant_id = command.tenant_id();
  call.caller = PartyOf(command.tenant_id(), command.agent_id());
  call.called_number = number;
  call.direction = target.kind == DialTarget::Kind::kTrunks ? CallDirection::kOutbound
                                                            : CallDirection::kInternal;
  call.start_time = Now();
  call.traceparent = NewTrace(random).ToHeader();
  calls->Begin(std::move(call), StartCallOrdered{command.request_id(), command.agent_id(), number});
  return "";
}

void SignalingLoop::SetAgentSender(SendEvent send) { impl_->send_event = std::move(send); }
void SignalingLoop::OnAgentCommand(uint64_t session, const svc::AgentCommand& command) {
  if (impl_->agents) impl_->agents->OnCommand(session, command);
}
void SignalingLoop::OnAgentStreamClosed(uint64_t session) {
  if (impl_->agents) impl_->agents->OnClose(session);
}

void SignalingLoop::FillStatus(const svc::GetTelephonyStatusRequest& request,
                               svc::GetTelephonyStatusResponse* response) const {
  if (!impl_->calls) return;
  const TenantPlan* tenant = impl_->plan->Tenant(request.tenant_id());
  if (tenant == nullptr) return;
  int active = 0;
  impl_->calls->ForEach(
      [&](const CallState& call) { active += call.tenant_id == request.tenant_id(); });
  response->set_calls_active(active);
  for (const TrunkSettings& trunk : tenant->settings().trunks) {
    auto* out = response->add_trunks();
    out->set_trunk_id(trunk.id);
    const TrunkMonitor::Health health = impl_->trunks->HealthOf(request.tenant_id(), trunk.id);
    out->set_healthy(health.healthy && !trunk.disabled);
    out->set_reason(trunk.disabled ? "disabled" : health.reason);
    out->set_calls_active(
        static_cast<int32_t>(impl_->calls->CallsOfTrunk(request.tenant_id(), trunk.id)));
  }
  for (const EndpointSettings& endpoint : tenant->settings().endpoints) {
    auto* out = response->add_endpoints();
    out->set_endpoint_id(endpoint.id);
    out->set_user_id(endpoint.user_id);
    const auto bindings =
        impl_->registrations->BindingsOf(request.tenant_id(), endpoint.sip_username);
    out->set_registered(!bindings.empty());
    if (bindings.empty()) continue;
    out->set_user_agent(bindings.front().user_agent);
    *out->mutable_expire_time() = ToProto(bindings.front().expires);
  }
}

int SignalingLoop::sip_port() const {
  int port = 0;
  impl_->loop.PostAndWait([&] {
    if (impl_->endpoint) port = impl_->endpoint->LocalAddress().port();
  });
  return port;
}

}  // namespace zvon::signaling
