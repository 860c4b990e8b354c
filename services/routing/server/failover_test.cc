// Two real processes, real Redis, real gRPC, a mock Kafka broker: the service
// at its own edge, and the second replica when the first is killed.

#include <catch2/catch.hpp>
#include <csignal>
#include <map>
#include <mutex>

#include "absl/strings/str_cat.h"
#include "services/common/bus/kafka_bus.h"
#include "services/common/configuration/cache_file.h"
#include "services/common/executor/loop.h"
#include "services/common/rpc/rpc_server.h"
#include "services/common/rpc/stream_client.h"
#include "services/common/testing/child_process.h"
#include "services/common/testing/free_port.h"
#include "services/common/testing/test_kafka.h"
#include "services/common/testing/test_redis.h"
#include "zvon/events/v1/events.pb.h"
#include "zvon/routingservice/v1/routing_service.grpc.pb.h"

namespace zvon::routing {
namespace {

namespace svc = zvon::routingservice::v1;
namespace pb = zvon::routing::v1;

std::shared_ptr<const Configuration> DemoConfiguration() {
  std::vector<zvon::directory::v1::Resource> records;
  records.emplace_back().set_name("tenants/demo");
  records.back().mutable_tenant()->set_time_zone("Europe/Moscow");
  records.emplace_back().set_name("tenants/demo/queues/sales");
  auto* queue = records.back().mutable_queue();
  queue->add_required_skill_ids("sales");
  queue->mutable_wrap_up_limit()->set_seconds(0);
  queue->set_missed_offer_reason_id("missed");
  for (const char* id : {"agent1", "agent2"}) {
    records.emplace_back().set_name(absl::StrCat("tenants/demo/users/", id));
    auto* user = records.back().mutable_user();
    user->add_role_ids("agent");
    user->add_skills()->set_skill_id("sales");
  }
  return MakeConfiguration(1, records);
}

// One zvon-routing, with a configuration left by an earlier run.
class Replica {
 public:
  Replica(int number, const TestRedis& redis, const TestKafka& kafka)
      : port_(FreePort()), name_(absl::StrCat("routing-", number)) {
    REQUIRE(
        zvon::internal::WriteCacheFile(dir_.path() + "/configuration.cache", *DemoConfiguration())
            .ok());
    redis_ = redis.address();
    kafka_ = kafka.brokers();
    Start();
  }
  std::string address() const { return absl::StrCat("127.0.0.1:", port_); }
  // Again after Kill: on the same port and data folder.
  void Start() {
    ChildProcess::Options options;
    options.args = {ZVON_ROUTING_BINARY,
                    "--instance=" + name_,
                    absl::StrCat("--grpc.listen=127.0.0.1:", port_),
                    "--grpc.advertised_address=" + address(),
                    "--admin.listen=127.0.0.1:0",
                    "--redis.address=" + redis_,
                    "--kafka.brokers=" + kafka_,
                    "--directory.address=127.0.0.1:1",
                    "--data.dir=" + dir_.path()};
    options.output_file = dir_.path() + "/log";
    auto process = ChildProcess::Start(options);
    REQUIRE(process.ok());
    process_ = *std::move(process);
  }
  void Kill() {
    process_->Signal(SIGKILL);
    (void)process_->Wait(absl::Seconds(5));
  }
  ChildProcess& process() { return *process_; }
  std::string log() const { return ReadSmallFile(dir_.path() + "/log"); }

 private:
  TempDir dir_;
  int port_;
  std::string name_;
  std::string redis_;
  std::string kafka_;
  std::unique_ptr<ChildProcess> process_;
};

// Kept until the end of the program: gRPC 1.51 now and then aborts in a thread
// of its own when the last channel with callback streams goes.
std::shared_ptr<grpc::Channel> KeptChannel(const std::string& address) {
  static auto* kept = new std::vector<std::shared_ptr<grpc::Channel>>();
  kept->push_back(MakeChannel(address, {}));
  return kept->back();
}

// An owner of calls and a gateway of agents in one, attached to all replicas,
// talking to the one that leads.
class Peer {
 public:
  using OwnerStream = StreamClient<svc::AttachOwnerRequest, svc::AttachOwnerResponse>;
  using GatewayStream = StreamClient<svc::AttachGatewayRequest, svc::AttachGatewayResponse>;

  explicit Peer(const std::vector<std::string>& addresses) {
    loop_.Start();
    loop_.PostAndWait([&] {
      for (size_t i = 0; i < addresses.size(); ++i) Attach(i, addresses[i]);
    });
  }
  ~Peer() {
    loop_.PostAndWait([this] {
      owners_.clear();
      gateways_.clear();
    });
    loop_.Stop();
  }

  void Owner(svc::OwnerItem item) {
    item.set_tenant_id("demo");
    loop_.PostAndWait([&] { (void)owners_[leader_]->Send(item); });
  }
  void Agent(const std::string& agent_id, svc::AgentItem item) {
    item.set_tenant_id("demo");
    item.set_agent_id(agent_id);
    loop_.PostAndWait([&] { (void)gateways_[leader_]->Send(item); });
  }
  void SignIn(const std::string& agent_id) {
    svc::AgentItem item;
    item.mutable_sign_in()->set_state(pb::AGENT_STATE_READY);
    loop_.PostAndWait([&] { signed_in_[agent_id] = item; });
    Agent(agent_id, item);
  }
  void Enqueue(const std::string& id) {
    svc::OwnerItem item;
    item.set_interaction_id(id);
    item.mutable_enqueue()->set_queue_id("sales");
    item.mutable_enqueue()->mutable_enqueue_time()->set_seconds(absl::ToUnixSeconds(absl::Now()));
    loop_.PostAndWait([&] {
      item.set_tenant_id("demo");
      calls_.push_back(item);
    });
    Owner(item);
  }
  void Answer(const std::string& id) {
    svc::OwnerItem item;
    item.set_interaction_id(id);
    const pb::Offer offer = Get(offers_, id);
    item.mutable_offer_progress()->set_offer_id(offer.offer_id());
    *item.mutable_offer_progress()->mutable_token() = offer.token();
    item.mutable_offer_progress()->set_progress(svc::OfferProgress::PROGRESS_ANSWERED);
    Owner(item);
  }
  void End(const std::string& id) {
    loop_.PostAndWait([&] {
      std::erase_if(calls_, [&](const auto& call) { return call.interaction_id() == id; });
    });
    svc::OwnerItem item;
    item.set_interaction_id(id);
    item.mutable_assignment_ended()->set_agent_id(Get(assigned_, id));
    Owner(item);
  }

  bool Offered(const std::string& id) { return !Get(offers_, id).offer_id().empty(); }
  std::string AssignedTo(const std::string& id) { return Get(assigned_, id); }
  pb::AgentState StateOf(const std::string& agent_id) { return Get(agents_, agent_id).state(); }
  pb::Offer OfferOf(const std::string& id) { return Get(offers_, id); }
  int leader() {
    int leader = -1;
    loop_.PostAndWait([&] { leader = leader_; });
    return leader;
  }
  void ForgetOffers() {
    loop_.PostAndWait([&] { offers_.clear(); });
  }

 private:
  template <class V>
  V Get(std::map<std::string, V>& from, const std::string& key) {
    V value{};
    loop_.PostAndWait([&] {
      if (from.count(key) != 0) value = from.at(key);
    });
    return value;
  }

  void Attach(size_t i, const std::string& address) {
    auto stub = std::shared_ptr<svc::RoutingService::Stub>(
        svc::RoutingService::NewStub(KeptChannel(address)));
    const int n = static_cast<int>(i);
    owners_.push_back(std::make_unique<OwnerStream>(
        loop_, [stub](auto* c, auto* r) { stub->async()->AttachOwner(c, r); },
        OwnerStream::Handlers{[this, n] {
                                svc::OwnerItem hello;
                                hello.mutable_hello()->set_owner_id("signaling-0");
                                hello.mutable_hello()->set_incarnation(1);
                                (void)owners_[static_cast<size_t>(n)]->Send(hello);
                              },
                              [](const absl::Status&) {},
                              [this, n](const svc::DeliveryItem& item) { OnItem(n, item); }},
        StreamClientOptions{"owner"}));
    gateways_.push_back(std::make_unique<GatewayStream>(
        loop_, [stub](auto* c, auto* r) { stub->async()->AttachGateway(c, r); },
        GatewayStream::Handlers{[this, n] {
                                  svc::AgentItem hello;
                                  hello.mutable_hello()->set_gateway_id("gateway-0");
                                  (void)gateways_[static_cast<size_t>(n)]->Send(hello);
                                },
                                [](const absl::Status&) {},
                                [this, n](const svc::GatewayItem& item) { OnItem(n, item); }},
        StreamClientOptions{"gateway"}));
    owners_.back()->Start();
    gateways_.back()->Start();
  }

  void OnItem(int n, const svc::DeliveryItem& item) {
    if (item.has_hello() && !item.hello().standby()) {
      leader_ = n;
      for (svc::OwnerItem call : calls_) {
        call.mutable_enqueue()->set_republished(true);
        const auto assigned = assigned_.find(call.interaction_id());
        if (assigned != assigned_.end())
          call.mutable_enqueue()->set_assigned_agent_id(assigned->second);
        (void)owners_[static_cast<size_t>(n)]->Send(call);
      }
    }
    if (item.has_offer()) offers_[item.interaction_id()] = item.offer();
    if (item.has_offer_revoked()) offers_.erase(item.interaction_id());
    if (item.has_assigned()) assigned_[item.interaction_id()] = item.assigned().agent_id();
  }
  void OnItem(int n, const svc::GatewayItem& item) {
    if (item.has_hello() && !item.hello().standby()) {
      for (auto [agent_id, sign_in] : signed_in_) {
        sign_in.set_tenant_id("demo");
        sign_in.set_agent_id(agent_id);
        sign_in.mutable_sign_in()->clear_state();
        (void)gateways_[static_cast<size_t>(n)]->Send(sign_in);
      }
    }
    if (item.has_agent()) agents_[item.agent().agent_id()] = item.agent();
  }

  SteadyClock clock_;
  Loop loop_{{"peer"}, clock_};
  std::vector<std::unique_ptr<OwnerStream>> owners_;
  std::vector<std::unique_ptr<GatewayStream>> gateways_;
  size_t leader_ = 0;
  std::vector<svc::OwnerItem> calls_;
  std::map<std::string, svc::AgentItem> signed_in_;
  std::map<std::string, pb::Offer> offers_;
  std::map<std::string, std::string> assigned_;
  std::map<std::string, pb::AgentStatus> agents_;
};

struct Facts {
  explicit Facts(const TestKafka& kafka) {
    KafkaConsumerOptions options;
    options.kafka.brokers = kafka.brokers();
    options.group = "test";
    options.topics = {"zvon.interactions.v1", "zvon.agents.v1"};
    auto made = MakeKafkaConsumer(options, [this](const std::vector<BusEvent>& batch) {
      std::lock_guard lock(mutex);
      for (const BusEvent& event : batch) {
        if (ids.insert(event.id).second) types.push_back(event.type);
      }
      return absl::OkStatus();
    });
    REQUIRE(made.ok());
    consumer = *std::move(made);
  }
  int Count(const std::string& type) {
    std::lock_guard lock(mutex);
    return static_cast<int>(std::count(types.begin(), types.end(), type));
  }
  std::mutex mutex;
  std::set<std::string> ids;
  std::vector<std::string> types;
  std::unique_ptr<Consumer> consumer;
};

TEST_CASE("kill -9 of the leader: the standby distributes within 2 s, places and offers kept") {
  TestRedis redis;
  TestKafka kafka;
  kafka.CreateTopic("zvon.interactions.v1", 1);
  kafka.CreateTopic("zvon.agents.v1", 1);
  std::vector<std::unique_ptr<Replica>> replicas;
  replicas.push_back(std::make_unique<Replica>(0, redis, kafka));
  replicas.push_back(std::make_unique<Replica>(1, redis, kafka));
  Peer peer({replicas[0]->address(), replicas[1]->address()});
  INFO(replicas[0]->log() << replicas[1]->log());

  // One agent; three callers.
  REQUIRE(WaitUntil([&] {
    peer.SignIn("agent1");
    return peer.StateOf("agent1") == pb::AGENT_STATE_READY;
  }));
  for (const char* id : {"c1", "c2", "c3"}) peer.Enqueue(id);
  REQUIRE(WaitUntil([&] { return peer.Offered("c1"); }));
  CHECK(peer.OfferOf("c1").agent_id() == "agent1");
  peer.Answer("c1");
  REQUIRE(WaitUntil([&] { return peer.AssignedTo("c1") == "agent1"; }));
  peer.End("c1");
  REQUIRE(WaitUntil([&] { return peer.Offered("c2"); }));
  const pb::Offer before = peer.OfferOf("c2");

  // The leader dies while the phone rings for c2.
  const int first = peer.leader();
  replicas[static_cast<size_t>(first)]->Kill();
  const absl::Time killed = absl::Now();
  REQUIRE(WaitUntil([&] { return peer.leader() != first; }));
  // The ringing offer is adopted: its own token is good for the new leader.
  peer.Answer("c2");
  REQUIRE(WaitUntil([&] { return peer.AssignedTo("c2") == "agent1"; }));
  const absl::Duration recovery = absl::Now() - killed;
  WARN("distribution was back after " << absl::FormatDuration(recovery));
  CHECK(recovery <= absl::Seconds(2));
  CHECK(peer.OfferOf("c2").token().epoch() == before.token().epoch());

  peer.End("c2");
  REQUIRE(WaitUntil([&] { return peer.Offered("c3"); }));
  CHECK(peer.OfferOf("c3").token().epoch() > before.token().epoch());
  peer.Answer("c3");
  REQUIRE(WaitUntil([&] { return peer.AssignedTo("c3") == "agent1"; }));

  // What the dead one had promised to Kafka lies in its spool: it delivers when
  // it is back, as the standby.
  replicas[static_cast<size_t>(first)]->Start();
  Facts facts(kafka);
  CHECK(WaitUntil([&] { return facts.Count("zvon.interaction.assigned") == 3; }));
  CHECK(facts.Count("zvon.queue.entered") == 3);
  CHECK(facts.Count("zvon.offer.made") == 3);
  facts.consumer->Stop();
}

TEST_CASE("Redis killed and back empty: nothing new is offered meanwhile, then all goes on") {
  TestRedis redis;
  TestKafka kafka;
  Replica replica(0, redis, kafka);
  Peer peer({replica.address()});
  REQUIRE(WaitUntil([&] {
    peer.SignIn("agent1");
    return peer.StateOf("agent1") == pb::AGENT_STATE_READY;
  }));
  peer.Enqueue("c1");
  REQUIRE(WaitUntil([&] { return peer.Offered("c1"); }));
  peer.Answer("c1");
  REQUIRE(WaitUntil([&] { return peer.AssignedTo("c1") == "agent1"; }));
  redis.Kill();
  peer.Enqueue("c2");
  peer.End("c1");
  peer.SignIn("agent2");
  CHECK_FALSE(WaitUntil([&] { return peer.Offered("c2"); }, absl::Milliseconds(500)));
  redis.Restart();
  REQUIRE(WaitUntil([&] { return peer.Offered("c2"); }));
  peer.Answer("c2");
  REQUIRE(WaitUntil([&] { return !peer.AssignedTo("c2").empty(); }));
  CHECK(replica.process().Running());
}

TEST_CASE("SIGTERM gives the lease back: the standby leads at once") {
  TestRedis redis;
  TestKafka kafka;
  std::vector<std::unique_ptr<Replica>> replicas;
  replicas.push_back(std::make_unique<Replica>(0, redis, kafka));
  replicas.push_back(std::make_unique<Replica>(1, redis, kafka));
  Peer peer({replicas[0]->address(), replicas[1]->address()});
  REQUIRE(WaitUntil([&] {
    peer.SignIn("agent1");
    return peer.StateOf("agent1") == pb::AGENT_STATE_READY;
  }));
  const int first = peer.leader();
  Replica& leader = *replicas[static_cast<size_t>(first)];
  leader.process().Signal(SIGTERM);
  REQUIRE(WaitUntil([&] { return peer.leader() != first; }, absl::Seconds(3)));
  peer.Enqueue("c1");
  REQUIRE(WaitUntil([&] { return peer.Offered("c1"); }));
  const auto code = leader.process().Wait(absl::Seconds(10));
  REQUIRE(code.ok());
  CHECK(*code == 0);
}

}  // namespace
}  // namespace zvon::routing
