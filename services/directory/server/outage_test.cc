// The directory while PostgreSQL or Kafka is away.

#include <catch2/catch.hpp>

#include <set>

#include "services/common/bus/kafka_bus.h"
#include "services/common/testing/test_kafka.h"
#include "services/directory/server/testing/bench.h"

namespace zvon::directory {
namespace {

using grpc::StatusCode;

struct OwnServer {
  TestPostgres postgres;
  SteadyClock clock;
  Metrics metrics{"directory"};

  std::unique_ptr<Replica> Start(Publisher* publisher) {
    ReplicaOptions options;
    options.database.dsn = postgres.dsn();
    options.migrations_folder = ZVON_DIRECTORY_MIGRATIONS;
    options.passwords.operations = 1;
    options.passwords.memory_bytes = 8192;
    options.sessions.cache_time = absl::ZeroDuration();
    auto replica = Replica::Start(options, clock, publisher, metrics);
    INFO(replica.status());
    REQUIRE(replica.ok());
    return std::move(*replica);
  }
};

StatusCode Create(Stub& stub, const Resource& resource) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  rpc::CreateResourceRequest request;
  *request.mutable_resource() = resource;
  rpc::CreateResourceResponse response;
  return stub.CreateResource(&context, request, &response).error_code();
}

Resource Tenant(const std::string& id) {
  Resource resource;
  resource.set_name("tenants/" + id);
  resource.mutable_tenant()->set_display_name(id);
  resource.mutable_tenant()->set_language("ru");
  resource.mutable_tenant()->set_time_zone("UTC");
  return resource;
}

StatusCode Verify(Stub& stub, const std::string& token) {
  grpc::ClientContext context;
  rpc::VerifySessionRequest request;
  request.set_token(token);
  rpc::VerifySessionResponse response;
  return stub.VerifySession(&context, request, &response).error_code();
}

TEST_CASE("Without PostgreSQL watches and known tokens live on, and all goes on afterwards") {
  OwnServer server;
  auto replica = server.Start(nullptr);
  auto stub = ConnectTo(replica->port());
  Watcher watcher(replica->port());
  REQUIRE(Create(*stub, Tenant("acme")) == StatusCode::OK);
  Resource anna = User("acme", "anna", "anna");
  anna.mutable_user()->set_password("anna-password");
  REQUIRE(Create(*stub, anna) == StatusCode::OK);
  rpc::CreateSessionRequest login;
  login.set_tenant_id("acme");
  login.set_login("anna");
  login.set_password("anna-password");
  rpc::CreateSessionResponse session;
  grpc::ClientContext context;
  REQUIRE(stub->CreateSession(&context, login, &session).ok());

  server.postgres.Kill();
  CHECK(Create(*stub, Queue("acme", "sales")) == StatusCode::UNAVAILABLE);
  CHECK_FALSE(replica->Healthy().ok());
  CHECK(Verify(*stub, session.token()) == StatusCode::OK);
  CHECK(Verify(*stub, "never seen") == StatusCode::UNAVAILABLE);
  grpc::ClientContext again;
  CHECK(stub->CreateSession(&again, login, &session).error_code() == StatusCode::UNAVAILABLE);
  server.postgres.Restart();
  CHECK(WaitUntil([&] { return Create(*stub, Queue("acme", "sales")) == StatusCode::OK; }));
  // The same watch goes on, by the notifications of a second replica too.
  auto second = server.Start(nullptr);
  auto second_stub = ConnectTo(second->port());
  REQUIRE(Create(*second_stub, Queue("acme", "support")) == StatusCode::OK);
  CHECK(watcher.WaitFor(
      [](const Configuration& view) { return view.List("acme", "queues").size() == 2; }));
  CHECK(replica->Healthy().ok());
}

TEST_CASE("Without Kafka changes wait in the outbox and come in order, once") {
  OwnServer server;
  TestKafka kafka;
  TempDir dir;
  kafka.CreateTopic("zvon.directory.v1", 1);
  KafkaPublisherOptions options;
  options.kafka.brokers = kafka.brokers();
  options.spool_dir = dir.path();
  auto publisher = MakeKafkaPublisher(options);
  REQUIRE(publisher.ok());
  auto replica = server.Start(publisher->get());
  auto stub = ConnectTo(replica->port());
  kafka.SetDown(true);
  REQUIRE(Create(*stub, Tenant("acme")) == StatusCode::OK);
  REQUIRE(Create(*stub, Queue("acme", "sales")) == StatusCode::OK);
  kafka.SetDown(false);
  std::mutex mutex;
  std::vector<std::string> keys;
  std::set<std::string> ids;
  KafkaConsumerOptions from{.topics = {"zvon.directory.v1"}, .from_beginning = true};
  from.kafka = options.kafka;
  auto consumer = MakeKafkaConsumer(from, [&](const std::vector<BusEvent>& batch) {
    std::lock_guard<std::mutex> lock(mutex);
    for (const BusEvent& event : batch) {
      if (ids.insert(event.id).second) keys.push_back(event.key);
    }
    return absl::OkStatus();
  });
  REQUIRE(consumer.ok());
  CHECK(WaitUntil(
      [&] {
        std::lock_guard<std::mutex> lock(mutex);
        return keys.size() == 5;
      },
      absl::Seconds(20)));
  (*consumer)->Stop();
  CHECK(keys == std::vector<std::string>{"tenants/acme", "tenants/acme/roles/agent",
                                         "tenants/acme/roles/supervisor",
                                         "tenants/acme/roles/admin", "tenants/acme/queues/sales"});
}

TEST_CASE("A database restored to an older state is read anew") {
  Bench bench;
  bench.MakeTenant("acme");
  bench.Create(Queue("acme", "new"));
  Watcher watcher(bench.port());
  REQUIRE(watcher.WaitFor([](const Configuration& view) { return view.revision() == 5; }));
  REQUIRE(bench.database().Run("DELETE FROM directory.refs").ok());
  REQUIRE(bench.database().Run("DELETE FROM directory.resources WHERE collection = 'queues'").ok());
  REQUIRE(bench.database().Run("UPDATE directory.counter SET revision = 4").ok());
  // A client that knows more than there is now makes the replica look.
  CHECK(bench.WatchUntilSynced(6).back().revision() == 4);
  CHECK(bench.WatchUntilSynced(0).back().changes_size() == 4);
}

TEST_CASE("Metrics count what happens") {
  Bench bench;
  bench.MakeTenant("acme");
  CHECK(bench.TryCreate(Queue("acme", "Bad Name")).error_code() == StatusCode::INVALID_ARGUMENT);
  Watcher watcher(bench.port());
  auto shows = [&](const std::string& line) {
    return bench.metrics().Serialize().find(line) != std::string::npos;
  };
  CHECK(WaitUntil([&] { return shows("zvon_directory_watchers 1\n"); }));
  CHECK(WaitUntil([&] { return shows("zvon_directory_published_total 4\n"); }));
  CHECK(shows("zvon_directory_revision 4\n"));
  CHECK(shows("zvon_directory_writes_total{outcome=\"ok\",verb=\"create\"} 1\n"));
  CHECK(shows("zvon_directory_writes_total{outcome=\"refused\",verb=\"create\"} 1\n"));
}

}  // namespace
}  // namespace zvon::directory
