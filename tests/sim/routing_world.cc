#include "tests/sim/routing_world.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/reporting/adapters/event_reader.h"
#include "services/routing/adapters/proto_values.h"
#include "zvon/events/v1/events.pb.h"

namespace zvon::sim {

namespace svc = zvon::routingservice::v1;
namespace pb = zvon::routing::v1;
using routing::LeaseHolder;
using routing::StoredTenant;
using routing::WriteBatch;

// The replica's own connection to the store. Shut, it fails everything at
// once, as a broken connection does; what was sent before still takes effect.
class RoutingWorld::Gate final : public routing::RoutingStore, public routing::LeaderLease {
 public:
  explicit Gate(routing::MemoryRoutingServer& server)
      : store_(server.MakeStore()), lease_(server.MakeLease()) {}

  bool open = true;

  void DropHeld(routing::MemoryRoutingServer& server) {
    server.DropHeld(store_.get());
    server.DropHeld(lease_.get());
  }
  void TakeOver(const std::string& tenant_id, int64_t epoch,
                std::function<void(absl::StatusOr<StoredTenant>)> done) override {
    if (!open) return done(Shut());
    store_->TakeOver(tenant_id, epoch, std::move(done));
  }
  void Write(const std::string& tenant_id, int64_t epoch, WriteBatch batch,
             routing::RoutingStore::Done done) override {
    if (!open) return done(Shut());
    store_->Write(tenant_id, epoch, std::move(batch), std::move(done));
  }
  void Replace(const std::string& tenant_id, int64_t epoch, StoredTenant whole,
               routing::RoutingStore::Done done) override {
    if (!open) return done(Shut());
    store_->Replace(tenant_id, epoch, std::move(whole), std::move(done));
  }
  void Acquire(const LeaseHolder& me, int64_t floor, absl::Duration length,
               routing::LeaderLease::Done done) override {
    if (!open) return done(Shut());
    lease_->Acquire(me, floor, length, std::move(done));
  }
  void Renew(const LeaseHolder& me, absl::Duration length,
             routing::LeaderLease::Done done) override {
    if (!open) return done(Shut());
    lease_->Renew(me, length, std::move(done));
  }
  void Look(routing::LeaderLease::Done done) override {
    if (!open) return done(Shut());
    lease_->Look(std::move(done));
  }
  void Release(const LeaseHolder& me, std::function<void()> done) override {
    if (!open) return done();
    lease_->Release(me, std::move(done));
  }

 private:
  static absl::Status Shut() { return absl::UnavailableError("cut off"); }
  std::unique_ptr<routing::RoutingStore> store_;
  std::unique_ptr<routing::LeaderLease> lease_;
};

struct RoutingWorld::Replica {
  explicit Replica(routing::MemoryRoutingServer& server) : gate(server) {}
  Gate gate;  // Outlives each run of the process.
  std::unique_ptr<routing::RoutingLoop> loop;
  int64_t run = 0;
};

namespace {

std::shared_ptr<const Configuration> MakeDemo(int agents) {
  std::vector<zvon::directory::v1::Resource> records;
  records.emplace_back().set_name("tenants/demo");
  records.back().mutable_tenant();
  int n = 0;
  for (const char* id : {"sales", "support", "any"}) {
    records.emplace_back().set_name(absl::StrCat("tenants/demo/queues/", id));
    auto* queue = records.back().mutable_queue();
    if (n < 2) queue->add_required_skill_ids(id);
    queue->mutable_wrap_up_limit()->set_seconds(n == 1 ? 0 : 10);
    queue->mutable_offer_timeout()->set_seconds(8);
    if (n == 2) queue->mutable_wait_max()->set_seconds(60);
    if (n != 1) queue->set_missed_offer_reason_id("missed");
    ++n;
  }
  for (int a = 0; a < agents; ++a) {
    records.emplace_back().set_name(absl::StrCat("tenants/demo/users/a", a));
    auto* user = records.back().mutable_user();
    user->add_role_ids("agent");
    if (a % 3 != 1) user->add_skills()->set_skill_id("sales");
    if (a % 3 != 0) user->add_skills()->set_skill_id("support");
  }
  return MakeConfiguration(1, records);
}

}  // namespace

RoutingWorld::RoutingWorld(RoutingWorldOptions options)
    : options_(options),
      random_(SeededRandom(options.seed)),
      network_(loop_, random_),
      server_([this] { return loop_.Now(); }),
      publisher_(bus_.MakePublisher()),
      configuration_(MakeDemo(options.agents)) {
  for (int i = 0; i < 2; ++i)
    replicas_[static_cast<size_t>(i)] = std::make_unique<Replica>(server_);
  owners_.resize(2);
  gateways_.resize(2);
  for (size_t i = 0; i < 2; ++i) {
    owners_[i].id = absl::StrCat("signaling-", i);
    gateways_[i].id = absl::StrCat("gateway-", i);
  }
  for (int a = 0; a < options.agents; ++a) {
    Desk desk;
    desk.id = absl::StrCat("a", a);
    desk.gateway = a % 2;
    desks_[desk.id] = desk;
  }
}

RoutingWorld::~RoutingWorld() = default;

std::string RoutingWorld::Run() {
  for (int i = 0; i < 2; ++i) {
    StartReplica(i);
    ConnectOwner(i);
    ConnectGateway(i);
  }
  Heartbeats();
  NewCall();
  NextFault();
  WatchEpochs();
  const absl::Time end = loop_.Now() + options_.length;
  while (loop_.Now() < end && problem_.empty()) loop_.Advance(absl::Milliseconds(100));
  // The troubles end, everybody comes back, no new calls: all must be served.
  faults_ = calls_ = false;
  server_.Hold(false);
  server_.SetDown(false);
  for (int i = 0; i < 2; ++i) {
    replicas_[static_cast<size_t>(i)]->gate.open = true;
    if (replicas_[static_cast<size_t>(i)]->loop == nullptr) StartReplica(i);
  }
  for (auto& [id, desk] : desks_) {
    if (!std::exchange(desk.open, true)) SignIn(desk);
  }
  const absl::Time quiet = loop_.Now() + absl::Minutes(6);
  while (loop_.Now() < quiet && problem_.empty()) loop_.Advance(absl::Milliseconds(100));
  CheckQuiet();
  CheckFacts();
  CheckReports();
  if (const char* id = std::getenv("ZVON_SIM_SHOW"); id != nullptr) Show(id);
  return problem_;
}

absl::Duration RoutingWorld::Between(absl::Duration low, absl::Duration high) {
  return low + (high - low) * (static_cast<double>(Roll(1000)) / 1000);
}

void RoutingWorld::After(absl::Duration delay, std::function<void()> what) {
  loop_.RunAfter(delay, std::move(what));
}

void RoutingWorld::Fail(const std::string& what) {
  if (!problem_.empty()) return;
  problem_ =
      absl::StrCat("at ", absl::FormatDuration(loop_.Now() - SimulatedClock().Now()), ": ", what);
}

// ---- Replicas ---------------------------------------------------------------

void RoutingWorld::StartReplica(int index) {
  Replica& replica = *replicas_[static_cast<size_t>(index)];
  ++replica.run;
  routing::RoutingLoopOptions options;
  options.instance = absl::StrCat("routing-", index, "-", replica.run);
  options.advertised_address = absl::StrCat("address-", index);
  routing::RoutingLoop::Wire wire;
  wire.to_owner = [this](routing::SessionId session, svc::DeliveryItem item) {
    network_.Send(session, false, [this, session, item = std::move(item)] {
      for (size_t i = 0; i < owners_.size(); ++i) {
        if (owners_[i].stream == session) OnDelivery(static_cast<int>(i), item);
      }
    });
  };
  wire.to_gateway = [this](routing::SessionId session, svc::GatewayItem item) {
    network_.Send(session, false, [this, session, item = std::move(item)] {
      for (size_t i = 0; i < gateways_.size(); ++i) {
        if (gateways_[i].stream == session) OnGatewayItem(static_cast<int>(i), item);
      }
    });
  };
  replica.loop = std::make_unique<routing::RoutingLoop>(
      loop_, replica.gate, replica.gate, *publisher_, random_, nullptr, options, wire);
  replica.loop->Start();
  replica.loop->SetConfiguration(configuration_);
}

void RoutingWorld::KillReplica(int index) {
  Replica& replica = *replicas_[static_cast<size_t>(index)];
  if (replica.loop == nullptr) return;
  trouble_ends_ = std::max(trouble_ends_, loop_.Now());
  if (Chance(50)) replica.gate.DropHeld(server_);  // Died before the store heard of it.
  replica.loop.reset();
  for (size_t i = 0; i < 2; ++i) {
    if (owners_[i].replica == index) LoseOwner(static_cast<int>(i));
    if (gateways_[i].replica == index) LoseGateway(static_cast<int>(i));
  }
  After(Between(absl::Seconds(1), absl::Seconds(8)), [this, index] {
    if (replicas_[static_cast<size_t>(index)]->loop == nullptr) StartReplica(index);
  });
}

void RoutingWorld::WatchEpochs() {
  for (const auto& replica : replicas_) {
    if (replica->loop != nullptr && replica->loop->leading())
      epochs_.insert(replica->loop->epoch());
  }
  CheckNow();
  After(absl::Milliseconds(50), [this] { WatchEpochs(); });
}

// ---- Owners -----------------------------------------------------------------

void RoutingWorld::ConnectOwner(int index) {
  Owner& owner = owners_[static_cast<size_t>(index)];
  Replica& replica = *replicas_[static_cast<size_t>(owner.replica)];
  if (replica.loop == nullptr) {
    owner.replica = 1 - owner.replica;
    return After(absl::Milliseconds(100), [this, index] { ConnectOwner(index); });
  }
  owner.stream = network_.Open();
  svc::OwnerItem hello;
  hello.mutable_hello()->set_owner_id(owner.id);
  hello.mutable_hello()->set_incarnation(owner.incarnation);
  SendOwner(index, hello);
}

// The stream breaks; both ends notice, each in its time.
void RoutingWorld::LoseOwner(int index) {
  Owner& owner = owners_[static_cast<size_t>(index)];
  const auto stream = std::exchange(owner.stream, 0);
  owner.attached = false;
  if (stream == 0) return;
  network_.Break(stream);
  const int at = owner.replica;
  After(Between(absl::ZeroDuration(), absl::Milliseconds(200)), [this, at, stream] {
    const auto& loop = replicas_[static_cast<size_t>(at)]->loop;
    if (loop != nullptr) loop->OnOwnerClosed(stream);
  });
  After(Between(absl::Milliseconds(50), absl::Milliseconds(500)), [this, index] {
    if (owners_[static_cast<size_t>(index)].stream == 0) ConnectOwner(index);
  });
}

void RoutingWorld::SendOwner(int index, svc::OwnerItem item) {
  const Owner& owner = owners_[static_cast<size_t>(index)];
  if (owner.stream == 0) return;
  if (!item.has_hello()) item.set_tenant_id("demo");
  network_.Send(owner.stream, true, [this, at = owner.replica, stream = owner.stream, item] {
    const auto& loop = replicas_[static_cast<size_t>(at)]->loop;
    if (loop != nullptr) loop->OnOwnerItem(stream, item);
  });
}

void RoutingWorld::OnDelivery(int index, const svc::DeliveryItem& item) {
  Owner& owner = owners_[static_cast<size_t>(index)];
  if (item.has_hello()) {
    if (!item.hello().standby()) {
      owner.attached = true;
      return Republish(index);
    }
    LoseOwner(index);
    owner.replica = item.hello().leader_address() == "address-0"   ? 0
                    : item.hello().leader_address() == "address-1" ? 1
                                                                   : 1 - owner.replica;
    return;
  }
  const auto it = owner.calls.find(item.interaction_id());
  if (item.has_assigned()) return OnAssigned(index, item.interaction_id(), item.assigned());
  if (it == owner.calls.end()) return;  // The caller has gone meanwhile.
  Call& call = it->second;
  if (item.has_offer()) {
    if (call.state == Call::State::kTalking) return Fail("offer of a talking call " + call.id);
    const routing::Offer offer = routing::FromProto(item.offer());
    // Told again, or a copy that was on its way when it ended.
    if (!(call.last_token < offer.token)) return;
    if (call.state != Call::State::kWaiting && !(call.offer.token.epoch < offer.token.epoch)) {
      return Fail("two offers of " + call.id + " at once");
    }
    call.last_token = offer.token;
    call.offer = offer;
    call.state = Call::State::kRinging;
    return Ring(index, call.id);
  }
  if (item.has_offer_revoked()) {
    if (call.state == Call::State::kTalking) return;
    if (call.offer.offer_id == item.offer_revoked().offer_id()) call.state = Call::State::kWaiting;
    return;
  }
  if (item.has_wait_expired() || item.has_refused()) End(index, call.id);
}

void RoutingWorld::Republish(int index) {
  for (const auto& [id, call] : owners_[static_cast<size_t>(index)].calls) {
    SendEnqueue(index, call, true);
    if (call.state == Call::State::kAnswering) {
      Progress(index, call, svc::OfferProgress::PROGRESS_ANSWERED);
    }
  }
}

void RoutingWorld::NewCall() {
  if (!calls_) return;
  const int index = static_cast<int>(Roll(owners_.size()));
  Call call;
  call.id = absl::StrCat("c", next_call_++);
  call.queue_id = std::array<const char*, 3>{"sales", "support", "any"}[Roll(3)];
  call.priority = Chance(10) ? 5 : 0;
  call.first_time = loop_.Now();
  stories_[call.id].start = loop_.Now();
  owners_[static_cast<size_t>(index)].calls[call.id] = call;
  SendEnqueue(index, call, false);
  const std::string id = call.id;
  if (Chance(30)) {
    After(Between(absl::Milliseconds(1), absl::Seconds(40)),
          [this, index, id] { HangUp(index, id); });
  }
  After(Between(absl::Milliseconds(100), absl::Seconds(6)), [this] { NewCall(); });
}

void RoutingWorld::SendEnqueue(int index, const Call& call, bool republish) {
  svc::OwnerItem item;
  item.set_interaction_id(call.id);
  svc::Enqueue* enqueue = item.mutable_enqueue();
  enqueue->set_queue_id(call.queue_id);
  enqueue->set_priority(call.priority);
  routing::SetTime(call.first_time, enqueue->mutable_enqueue_time());
  enqueue->set_republished(republish);
  if (call.state == Call::State::kTalking) enqueue->set_assigned_agent_id(call.offer.agent_id);
  SendOwner(index, item);
}

void RoutingWorld::Ring(int index, const std::string& call_id) {
  const Call& call = owners_[static_cast<size_t>(index)].calls.at(call_id);
  const std::string offer_id = call.offer.offer_id;
  const auto later = [this, index, call_id, offer_id](absl::Duration delay,
                                                      svc::OfferProgress::Progress progress) {
    After(delay, [this, index, call_id, offer_id, progress] {
      Owner& owner = owners_[static_cast<size_t>(index)];
      const auto it = owner.calls.find(call_id);
      if (it == owner.calls.end() || it->second.state != Call::State::kRinging) return;
      if (it->second.offer.offer_id != offer_id) return;
      const bool answered = progress == svc::OfferProgress::PROGRESS_ANSWERED;
      if (answered && talking_.count(it->second.offer.agent_id) != 0) return;  // Has one mouth.
      it->second.state = answered ? Call::State::kAnswering : Call::State::kWaiting;
      Progress(index, it->second, progress);
    });
  };
  const uint64_t fate = Roll(100);
  if (fate < 80)
    return later(Between(absl::Milliseconds(100), absl::Seconds(7)),
                 svc::OfferProgress::PROGRESS_ANSWERED);
  if (fate < 85) return later(absl::Seconds(1), svc::OfferProgress::PROGRESS_DECLINED);
  if (fate < 90) return later(absl::Milliseconds(1), svc::OfferProgress::PROGRESS_FAILED);
  if (fate < 97) return later(absl::Seconds(8), svc::OfferProgress::PROGRESS_EXPIRED);
  // Else nobody says anything: the router's own deadline is at work.
}

void RoutingWorld::Progress(int index, const Call& call, svc::OfferProgress::Progress progress) {
  svc::OwnerItem item;
  item.set_interaction_id(call.id);
  item.mutable_offer_progress()->set_offer_id(call.offer.offer_id);
  routing::ToProto(call.offer.token, item.mutable_offer_progress()->mutable_token());
  item.mutable_offer_progress()->set_progress(progress);
  SendOwner(index, item);
}

void RoutingWorld::OnAssigned(int index, const std::string& call_id,
                              const svc::Assigned& assigned) {
  Owner& owner = owners_[static_cast<size_t>(index)];
  const auto it = owner.calls.find(call_id);
  if (it == owner.calls.end()) return EndTalk(index, call_id, assigned.agent_id());
  Call& call = it->second;
  // Of an offer before: the call has been passed on since.
  if (call.offer.offer_id != assigned.offer_id()) return;
  if (call.state == Call::State::kTalking) {
    if (call.offer.agent_id != assigned.agent_id()) Fail(call_id + " answered twice");
    return;
  }
  const auto other = talking_.find(assigned.agent_id());
  if (other != talking_.end()) {
    return Fail(
        absl::StrCat(assigned.agent_id(), " talks to ", other->second, " and gets ", call_id));
  }
  if (!answered_calls_.insert(call_id).second) return Fail(call_id + " answered twice");
  if (call.state != Call::State::kAnswering) return Fail(call_id + " assigned without an answer");
  call.state = Call::State::kTalking;
  call.offer.agent_id = assigned.agent_id();
  talking_[assigned.agent_id()] = call_id;
  ++answered_;
  ++stories_[call_id].answered;
  After(Between(absl::Seconds(1), absl::Seconds(30)), [this, index, call_id] {
    if (Chance(15)) return PassOn(index, call_id);
    HangUp(index, call_id);
  });
}

// The agent gives the call to a queue, perhaps its own.
void RoutingWorld::PassOn(int index, const std::string& call_id) {
  Owner& owner = owners_[static_cast<size_t>(index)];
  const auto it = owner.calls.find(call_id);
  if (it == owner.calls.end() || it->second.state != Call::State::kTalking) return;
  Call& call = it->second;
  talking_.erase(call.offer.agent_id);
  answered_calls_.erase(call_id);
  call.state = Call::State::kWaiting;
  call.offer = {};
  ++stories_[call_id].stays;
  call.queue_id = std::array<const char*, 3>{"sales", "support", "any"}[Roll(3)];
  SendEnqueue(index, call, false);
}

void RoutingWorld::HangUp(int index, const std::string& call_id) {
  Owner& owner = owners_[static_cast<size_t>(index)];
  const auto it = owner.calls.find(call_id);
  if (it == owner.calls.end()) return;
  const Call call = it->second;
  End(index, call_id);
  if (call.state == Call::State::kTalking) return EndTalk(index, call_id, call.offer.agent_id);
  svc::OwnerItem item;
  item.set_interaction_id(call_id);
  item.mutable_withdraw()->set_outcome(pb::QUEUE_ENTRY_OUTCOME_ABANDONED);
  SendOwner(index, item);
}

void RoutingWorld::End(int index, const std::string& call_id) {
  owners_[static_cast<size_t>(index)].calls.erase(call_id);
  stories_[call_id].end = loop_.Now();
}

void RoutingWorld::EndTalk(int index, const std::string& call_id, const std::string& agent_id) {
  const auto it = talking_.find(agent_id);
  if (it != talking_.end() && it->second == call_id) talking_.erase(it);
  svc::OwnerItem item;
  item.set_interaction_id(call_id);
  item.mutable_assignment_ended()->set_agent_id(agent_id);
  SendOwner(index, item);
}

// ---- Gateways ---------------------------------------------------------------

void RoutingWorld::ConnectGateway(int index) {
  Gateway& gateway = gateways_[static_cast<size_t>(index)];
  if (replicas_[static_cast<size_t>(gateway.replica)]->loop == nullptr) {
    gateway.replica = 1 - gateway.replica;
    return After(absl::Milliseconds(100), [this, index] { ConnectGateway(index); });
  }
  gateway.stream = network_.Open();
  svc::AgentItem hello;
  hello.mutable_hello()->set_gateway_id(gateway.id);
  network_.Send(gateway.stream, true, [this, at = gateway.replica, stream = gateway.stream, hello] {
    const auto& loop = replicas_[static_cast<size_t>(at)]->loop;
    if (loop != nullptr) loop->OnGatewayItem(stream, hello);
  });
}

void RoutingWorld::LoseGateway(int index) {
  Gateway& gateway = gateways_[static_cast<size_t>(index)];
  const auto stream = std::exchange(gateway.stream, 0);
  gateway.attached = false;
  if (stream == 0) return;
  network_.Break(stream);
  const int at = gateway.replica;
  After(Between(absl::ZeroDuration(), absl::Milliseconds(200)), [this, at, stream] {
    const auto& loop = replicas_[static_cast<size_t>(at)]->loop;
    if (loop != nullptr) loop->OnGatewayClosed(stream);
  });
  After(Between(absl::Milliseconds(50), absl::Milliseconds(500)), [this, index] {
    if (gateways_[static_cast<size_t>(index)].stream == 0) ConnectGateway(index);
  });
}

void RoutingWorld::SendAgent(const Desk& desk, svc::AgentItem item) {
  const Gateway& gateway = gateways_[static_cast<size_t>(desk.gateway)];
  if (!gateway.attached || !desk.open) return;
  item.set_tenant_id("demo");
  item.set_agent_id(desk.id);
  network_.Send(gateway.stream, true, [this, at = gateway.replica, stream = gateway.stream, item] {
    const auto& loop = replicas_[static_cast<size_t>(at)]->loop;
    if (loop != nullptr) loop->OnGatewayItem(stream, item);
  });
}

void RoutingWorld::OnGatewayItem(int index, const svc::GatewayItem& item) {
  Gateway& gateway = gateways_[static_cast<size_t>(index)];
  if (item.has_hello()) {
    if (item.hello().standby()) {
      LoseGateway(index);
      gateway.replica = item.hello().leader_address() == "address-0"   ? 0
                        : item.hello().leader_address() == "address-1" ? 1
                                                                       : 1 - gateway.replica;
      return;
    }
    gateway.attached = true;
    for (const auto& [id, desk] : desks_) {
      if (desk.gateway == index) SignIn(desk);
    }
    return;
  }
  if (item.has_result() && item.result().code() == static_cast<int>(absl::StatusCode::kNotFound)) {
    return SignIn(desks_.at(item.agent_id()));
  }
  if (!item.has_agent()) return;
  Desk& desk = desks_.at(item.agent_id());
  desk.status = item.agent();
  OnStatus(desk);
}

// Who is talking says nothing of a state: the router knows, or the owner will
// tell it.
void RoutingWorld::SignIn(const Desk& desk) {
  svc::AgentItem item;
  const bool free =
      talking_.count(desk.id) == 0 && (desk.status.state() == pb::AGENT_STATE_UNSPECIFIED ||
                                       desk.status.state() == pb::AGENT_STATE_OFFLINE);
  item.mutable_sign_in()->set_state(free ? pb::AGENT_STATE_READY : pb::AGENT_STATE_UNSPECIFIED);
  SendAgent(desk, item);
}

void RoutingWorld::Heartbeats() {
  for (const auto& [id, desk] : desks_) {
    svc::AgentItem item;
    item.mutable_heartbeat();
    SendAgent(desk, item);
  }
  After(absl::Seconds(5), [this] { Heartbeats(); });
}

// What a person does on seeing a state.
void RoutingWorld::OnStatus(Desk& desk) {
  const pb::AgentState seen = desk.status.state();
  const int64_t sequence = desk.status.sequence();
  const auto later = [this, id = desk.id, sequence](absl::Duration delay, svc::AgentItem item) {
    After(delay, [this, id, sequence, item] {
      const Desk& now = desks_.at(id);
      if (now.status.sequence() == sequence) SendAgent(now, item);
    });
  };
  svc::AgentItem item;
  if (seen == pb::AGENT_STATE_WRAP_UP && Chance(70)) {
    item.mutable_finish_wrap_up()->set_interaction_id(desk.status.interaction().interaction_id());
    later(Between(absl::Milliseconds(100), absl::Seconds(12)), item);
  }
  if (seen == pb::AGENT_STATE_NOT_READY && talking_.count(desk.id) == 0) {
    item.mutable_set_state()->set_state(pb::AGENT_STATE_READY);
    later(Between(absl::Milliseconds(100), absl::Seconds(20)), item);
  }
  if ((seen == pb::AGENT_STATE_READY || seen == pb::AGENT_STATE_ENGAGED) && calls_ && Chance(5)) {
    item.mutable_set_state()->set_state(pb::AGENT_STATE_NOT_READY);
    later(Between(absl::Milliseconds(100), absl::Seconds(5)), item);
  }
  if (seen == pb::AGENT_STATE_OFFLINE && desk.open) SignIn(desk);
}

// ---- Faults -----------------------------------------------------------------

void RoutingWorld::NextFault() {
  if (options_.fault_interval == absl::InfiniteDuration()) return;
  After(Between(absl::ZeroDuration(), options_.fault_interval * 2), [this] {
    if (!faults_) return;
    StrikeOnce();
    NextFault();
  });
}

// What only a wiped store and a lost leader knew is gone: the owners' next
// word heals the state, not the facts. So a wipe and a leader's trouble keep
// some seconds apart here; each alone must lose nothing.
void RoutingWorld::StrikeOnce() {
  const int index = static_cast<int>(Roll(2));
  const uint64_t kind = Roll(9);
  const absl::Duration since_wipe = loop_.Now() - wiped_;
  switch (kind) {
    case 0:
    case 1:
      if (since_wipe > absl::Seconds(3)) KillReplica(index);
      return;
    case 2:
      return LoseOwner(index);
    case 3:
      return LoseGateway(index);
    case 4:
      return CloseDesk();
    case 8:
      return WipeStore();
    default:
      if (since_wipe > absl::Seconds(3)) TroubleStore(kind, index);
      return;
  }
}

void RoutingWorld::CloseDesk() {
  Desk& desk = desks_.at(absl::StrCat("a", Roll(static_cast<uint64_t>(options_.agents))));
  desk.open = false;
  After(Between(absl::Seconds(1), absl::Seconds(100)), [this, id = desk.id] {
    Desk& back = desks_.at(id);
    if (!std::exchange(back.open, true)) SignIn(back);
  });
}

void RoutingWorld::TroubleStore(uint64_t kind, int index) {
  Gate& gate = replicas_[static_cast<size_t>(index)]->gate;
  const absl::Duration length = Between(absl::Milliseconds(10), absl::Seconds(6));
  trouble_ends_ = std::max(trouble_ends_, loop_.Now() + length);
  if (kind == 5) {
    server_.SetDown(true);
    After(length, [this] { server_.SetDown(false); });
  } else if (kind == 6) {
    gate.open = false;  // Cut off alone: the other takes the lead, this one believes on.
    After(length, [&gate] { gate.open = true; });
  } else {
    server_.Hold(true);  // Slow: nothing is answered for a while.
    After(length / 3, [this] { server_.Hold(false); });
  }
}

void RoutingWorld::WipeStore() {
  if (loop_.Now() - trouble_ends_ < absl::Seconds(3)) return;
  if (replicas_[0]->loop == nullptr || replicas_[1]->loop == nullptr) return;
  wiped_ = loop_.Now();
  server_.Wipe();
}

// ---- Checks -----------------------------------------------------------------

// Two replicas may believe they lead for a moment; never under one epoch.
void RoutingWorld::CheckNow() {
  const auto& a = replicas_[0]->loop;
  const auto& b = replicas_[1]->loop;
  if (a != nullptr && b != nullptr && a->leading() && b->leading() && a->epoch() == b->epoch()) {
    Fail("two leaders of one epoch");
  }
}

void RoutingWorld::CheckQuiet() {
  if (!problem_.empty()) return;
  for (const Owner& owner : owners_) {
    for (const auto& [id, call] : owner.calls) {
      Fail(absl::StrCat(id, " of ", owner.id, " is still there, state ",
                        static_cast<int>(call.state)));
    }
  }
  const routing::TenantShard* shard = nullptr;
  for (const auto& replica : replicas_) {
    if (replica->loop != nullptr && replica->loop->leading())
      shard = replica->loop->FindShard("demo");
  }
  if (shard == nullptr || !shard->running()) return Fail("nobody distributes");
  shard->router().entries().ForEach(
      [&](const routing::Entry& entry) { Fail("the router still has " + entry.interaction_id); });
  shard->router().agents().ForEach([&](const routing::Agent& agent) {
    if (agent.state != routing::AgentState::kReady) {
      Fail(absl::StrCat(agent.agent_id, " is ", routing::ToText(agent.state), " at the end"));
    }
  });
}

// For ZVON_SIM_SHOW=ID: what happened to one interaction or agent.
void RoutingWorld::Show(const std::string& id) const {
  for (const BusEvent& event : bus_.Events()) {
    zvon::events::v1::Event fact;
    if (!fact.ParseFromString(event.payload)) continue;
    if (fact.interaction_id() != id && fact.agent_id() != id) continue;
    std::fprintf(stderr, "%s\n", fact.ShortDebugString().c_str());
  }
}

// From the facts alone, as reporting sees them: each once by id, in order.
void RoutingWorld::CheckFacts() {
  if (!problem_.empty()) return;
  std::map<std::string, zvon::events::v1::Event> by_id;
  for (const BusEvent& event : bus_.Events()) {
    zvon::events::v1::Event parsed;
    if (!parsed.ParseFromString(event.payload)) return Fail("a fact that cannot be read");
    by_id[event.id] = parsed;
  }
  std::vector<zvon::events::v1::Event> facts;
  for (auto& [id, fact] : by_id) facts.push_back(fact);
  std::sort(facts.begin(), facts.end(),
            [](const auto& a, const auto& b) { return a.sequence() < b.sequence(); });
  std::map<std::string, std::string> offered_to;  // Interaction → agent.
  std::map<std::string, std::string> offers;      // Agent → offer.
  std::set<std::string> waiting;
  std::set<std::string> tokens;
  for (const auto& fact : facts) {
    const std::string& id = fact.interaction_id();
    if (fact.has_queue_entered() && !waiting.insert(id).second) Fail(id + " entered twice");
    if (fact.has_queue_left() && waiting.erase(id) == 0) Fail(id + " left without having entered");
    if (fact.has_offer_made()) {
      const auto& made = fact.offer_made();
      if (!tokens.insert(absl::StrCat(made.token().epoch(), "/", made.token().counter())).second) {
        Fail("token used twice: " + made.offer_id());
      }
      if (!offers.emplace(fact.agent_id(), made.offer_id()).second)
        Fail(fact.agent_id() + " in two offers");
      if (!offered_to.emplace(id, fact.agent_id()).second) Fail(id + " in two offers");
    }
    if (fact.has_offer_ended()) {
      if (offers.erase(fact.agent_id()) == 0)
        Fail("offer ended twice: " + fact.offer_ended().offer_id());
      offered_to.erase(id);
    }
  }
  if (!waiting.empty()) Fail(*waiting.begin() + " entered and never left");
  if (!offers.empty()) Fail(offers.begin()->second + " never ended");
}

// Reporting folds each call's facts, in any order, into what its caller met.
void RoutingWorld::CheckReports() {
  if (!problem_.empty()) return;
  std::map<std::string, std::vector<reporting::Fact>> facts;
  std::set<std::string> seen;
  for (const BusEvent& event : bus_.Events()) {
    zvon::events::v1::Event parsed;
    if (!parsed.ParseFromString(event.payload) || !seen.insert(event.id).second) continue;
    facts[parsed.interaction_id()].push_back(reporting::ToFact(parsed));
  }
  for (const auto& [call_id, story] : stories_) {
    std::vector<reporting::Fact>& tape = facts[call_id];
    reporting::Fact fact;
    fact.kind = reporting::FactKind::kCallStarted;
    fact.time = story.start;
    fact.id = "start";
    tape.push_back(fact);
    fact.kind = reporting::FactKind::kCallEnded;
    fact.time = story.end;
    fact.id = "end";
    tape.push_back(fact);
    std::shuffle(tape.begin(), tape.end(), std::mt19937_64(Roll(1'000'000)));
    const auto record = reporting::Fold(tape, loop_.Now());
    if (!record) return Fail("no report of " + call_id);
    CheckReport(call_id, story, *record);
  }
}

// The caller may hang up as the agent answers: the router has an answer that
// the caller never met, so the report may count one more, never one less.
void RoutingWorld::CheckReport(const std::string& call_id, const Story& story,
                               const reporting::Record& record) {
  int answered = 0;
  for (const reporting::QueueStay& stay : record.stays) {
    if (stay.outcome == "waiting") Fail("the report has " + call_id + " still waiting");
    answered += stay.outcome == "answered" ? 1 : 0;
  }
  if (answered < story.answered) Fail("the report lacks an answer of " + call_id);
  if (static_cast<int>(record.stays.size()) > story.stays) {
    Fail("the report has more stays than " + call_id + " had");
  }
  absl::Time at = record.start;
  for (const reporting::Segment& segment : record.segments) {
    if (segment.start != at || segment.end < at) Fail("segments of " + call_id + " do not join");
    at = segment.end;
  }
  if (at != record.end) Fail("segments of " + call_id + " do not reach its end");
}

}  // namespace zvon::sim
