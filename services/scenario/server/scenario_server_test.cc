// The service over a real gRPC stream, a real Redis and a real PostgreSQL.

#include "services/scenario/server/scenario_server.h"

#include <catch2/catch.hpp>
#include <mutex>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "services/common/bus/memory_bus.h"
#include "services/common/rpc/stream_client.h"
#include "services/common/store/redis_snapshot_store.h"
#include "services/common/testing/temp_dir.h"
#include "services/common/testing/test_postgres.h"
#include "services/common/testing/test_redis.h"
#include "services/scenario/adapters/definition_bytes.h"
#include "services/scenario/adapters/postgres_definition_store.h"

namespace zvon::scenario {
namespace {

namespace service = ::zvon::scenarioservice::v1;

TestPostgres& Postgres() {
  static TestPostgres postgres;
  return postgres;
}

// One replica with everything that main.cc gives it.
class Process {
 public:
  Process(const std::string& name, const std::string& redis_address, const std::string& dsn,
          MemoryBus& bus, const std::string& cache_file = "")
      : metrics_(name), publisher_(bus.MakePublisher()) {
    DatabaseSettings db;
    db.dsn = dsn;
    db.schema = "scenario";
    database_ = Database::Make(db);
    store_ = MakePostgresDefinitionStore(*database_);
    RedisSettings redis;
    redis.address = redis_address;
    redis_ = std::make_unique<RedisClient>(loop_, redis);
    ScenarioServerOptions options;
    options.runs.instance = name;
    options.definitions.cache_file = cache_file;
    options.definitions.demo_dir = ZVON_DEMO_SCENARIOS;
    options.definitions.retry = absl::Milliseconds(100);
    server_ = std::make_unique<ScenarioServer>(
        loop_, clock_, metrics_, *publisher_, *store_,
        std::make_shared<const PromptCatalog>(PromptCatalog::Packaged()),
        [this, name](const std::string& tenant) {
          return MakeRedisSnapshotStore(*redis_, "{" + tenant + "}:run", name);
        },
        [this] { return Migrate(*database_, "scenario", ZVON_SCENARIO_MIGRATIONS); }, options);
    REQUIRE(loop_.Post([this] {
      redis_->OnConnected([this](bool restarted) {
        if (restarted) server_->runs().WriteAllSnapshots();
      });
      redis_->Start();
    }));
    REQUIRE(server_->Start().ok());
  }
  ~Process() {
    loop_.PostAndWait([this] { redis_.reset(); });
    server_->Stop();
  }
  ScenarioServer& server() { return *server_; }
  std::string address() const { return "127.0.0.1:" + std::to_string(server_->port()); }
  bool Ready() { return server_->keeper().synchronised(); }
  bool RedisConnected() {
    bool connected = false;
    loop_.PostAndWait([&] { connected = redis_->connected(); });
    return connected;
  }

 private:
  SteadyClock clock_;
  Loop loop_{{.name = "runs"}, clock_};
  Metrics metrics_;
  std::unique_ptr<Publisher> publisher_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<DefinitionStore> store_;
  std::unique_ptr<RedisClient> redis_;
  std::unique_ptr<ScenarioServer> server_;
};

// Signaling's end of the stream.
class Signaling {
 public:
  using Client = StreamClient<service::AttachRunsRequest, service::AttachRunsResponse>;

  explicit Signaling(const std::string& address)
      : stub_(service::ScenarioService::NewStub(MakeChannel(address, {}))) {
    loop_.Start();
    loop_.PostAndWait([this] {
      client_ = std::make_unique<Client>(
          loop_,
          [this](grpc::ClientContext* c, Client::Reactor* r) { stub_->async()->AttachRuns(c, r); },
          Client::Handlers{.on_up = [this] { up_ = true; },
                           .on_down = [this](const absl::Status&) { up_ = false; },
                           .on_item = [this](const service::RunCommand& c) { OnCommand(c); }},
          StreamClientOptions{.name = "scenario"});
      client_->Start();
    });
    REQUIRE(WaitUntil([this] { return up_.load(); }));
  }
  ~Signaling() {
    loop_.PostAndWait([this] { client_.reset(); });
    loop_.Stop();
  }

  void Send(service::RunEvent event) {
    loop_.PostAndWait([&] { REQUIRE(client_->Send(event)); });
  }
  // The next command, which must come.
  service::RunCommand Next() {
    REQUIRE(WaitUntil([this] {
      std::lock_guard lock(mutex_);
      return !commands_.empty();
    }));
    std::lock_guard lock(mutex_);
    service::RunCommand out = commands_.front();
    commands_.erase(commands_.begin());
    return out;
  }
  service::ScenarioService::Stub& stub() { return *stub_; }

 private:
  void OnCommand(const service::RunCommand& command) {
    std::lock_guard lock(mutex_);
    commands_.push_back(command);
  }
  SteadyClock clock_;
  Loop loop_{{.name = "signaling"}, clock_};
  std::unique_ptr<service::ScenarioService::Stub> stub_;
  std::unique_ptr<Client> client_;
  std::atomic<bool> up_{false};
  std::mutex mutex_;  // Guards commands_.
  std::vector<service::RunCommand> commands_;
};

service::RunEvent Event(const std::string& run_id) {
  service::RunEvent event;
  event.set_run_id(run_id);
  return event;
}
void FillCall(const std::string& run_id, call::v1::CallInfo* call) {
  call->set_call_id(run_id);
  call->set_tenant_id("demo");
  call->set_interaction_id("i-" + run_id);
  call->mutable_caller()->set_number("79160000001");
  call->set_called_number("1000");
}
service::RunEvent Start(const std::string& run_id, const std::string& scenario) {
  service::RunEvent event = Event(run_id);
  FillCall(run_id, event.mutable_start()->mutable_call());
  event.mutable_start()->set_scenario_id(scenario);
  return event;
}
service::RunEvent Answered(const std::string& run_id) {
  service::RunEvent event = Event(run_id);
  event.mutable_answered();
  return event;
}
service::RunEvent Digit(const std::string& run_id, const std::string& digit) {
  service::RunEvent event = Event(run_id);
  event.mutable_digit()->set_digit(digit);
  return event;
}
service::RunEvent Finished(const std::string& run_id, const std::string& play_id) {
  service::RunEvent event = Event(run_id);
  event.mutable_play_finished()->set_play_id(play_id);
  return event;
}

// As far as the queue, by menu choice 1.
void WalkIntoQueue(Signaling& signaling, const std::string& run) {
  signaling.Send(Start(run, "welcome"));
  REQUIRE(signaling.Next().has_answer());
  signaling.Send(Answered(run));
  const service::RunCommand greeting = signaling.Next();
  REQUIRE(greeting.play().items(0).prompt() == "ru/hello");
  signaling.Send(Finished(run, greeting.play().play_id()));
  REQUIRE(signaling.Next().play().items(0).prompt() == "ru/vm-press");
  signaling.Send(Digit(run, "1"));
  const service::RunCommand enqueue = signaling.Next();
  REQUIRE(enqueue.enqueue().queue_id() == "sales");
  REQUIRE(enqueue.enqueue().skill_ids(0) == "sales");
  service::RunEvent progress = Event(run);
  progress.mutable_queue_progress()->set_position(2);
  signaling.Send(progress);
  const service::RunCommand announcement = signaling.Next();
  REQUIRE(announcement.play().items(0).prompt() == "ru/queue-thereare");
  signaling.Send(Finished(run, announcement.play().play_id()));
  const service::RunCommand music = signaling.Next();
  REQUIRE(music.play().loop());
  REQUIRE(music.play().items(0).prompt().rfind("moh/", 0) == 0);
}

TEST_CASE("the welcome scenario walks a caller into the queue, through the talk and out") {
  TestRedis redis;
  MemoryBus bus;
  Process process("scenario-0", redis.address(), Postgres().NewDatabase(), bus);
  REQUIRE(WaitUntil([&] { return process.Ready() && process.RedisConnected(); }));
  Signaling signaling(process.address());
  WalkIntoQueue(signaling, "c1");
  service::RunEvent left = Event("c1");
  left.mutable_queue_ended()->set_outcome(service::QueueEnded::OUTCOME_CONNECTED);
  signaling.Send(left);
  left.mutable_queue_ended()->set_outcome(service::QueueEnded::OUTCOME_TALK_ENDED);
  signaling.Send(left);
  CHECK(signaling.Next().has_hang_up());
  service::RunEvent over = Event("c1");
  over.mutable_call_ended();
  signaling.Send(over);
  REQUIRE(WaitUntil([&] {
    const std::vector<BusEvent> events = bus.Events();
    return !events.empty() && events.back().type == "zvon.scenario.run_ended";
  }));
  CHECK(bus.Events().front().type == "zvon.scenario.run_started");
}

TEST_CASE("digits come back as a Russian number") {
  TestRedis redis;
  MemoryBus bus;
  Process process("scenario-0", redis.address(), Postgres().NewDatabase(), bus);
  REQUIRE(WaitUntil([&] { return process.Ready(); }));
  Signaling signaling(process.address());
  signaling.Send(Start("c1", "digits"));
  signaling.Next();
  signaling.Send(Answered("c1"));
  CHECK(signaling.Next().play().items_size() == 2);
  for (const char* digit : {"1", "2", "1", "#"}) signaling.Send(Digit("c1", digit));
  service::RunCommand next = signaling.Next();
  if (next.has_stop_play()) next = signaling.Next();
  CHECK(next.play().items(0).prompt() == "ru/you-entered");
  signaling.Send(Finished("c1", next.play().play_id()));
  const service::RunCommand number = signaling.Next();
  REQUIRE(number.play().items_size() == 3);
  CHECK(number.play().items(0).prompt() == "ru/digits/hundred");
  CHECK(number.play().items(1).prompt() == "ru/digits/20");
  CHECK(number.play().items(2).prompt() == "ru/digits/1");
}

TEST_CASE("a dead replica's run goes on at another from Redis") {
  TestRedis redis;
  MemoryBus bus;
  const std::string dsn = Postgres().NewDatabase();
  Process second("scenario-1", redis.address(), dsn, bus);
  {
    Process first("scenario-0", redis.address(), dsn, bus);
    REQUIRE(WaitUntil([&] { return first.Ready() && first.RedisConnected() && second.Ready(); }));
    Signaling signaling(first.address());
    WalkIntoQueue(signaling, "c1");
  }
  Signaling signaling(second.address());
  service::RunEvent resume = Event("c1");
  FillCall("c1", resume.mutable_resume()->mutable_call());
  resume.mutable_resume()->set_scenario_id("welcome");
  resume.mutable_resume()->set_answered(true);
  resume.mutable_resume()->set_queued(true);
  signaling.Send(resume);
  const service::RunCommand music = signaling.Next();
  CHECK(music.play().loop());
  CHECK(music.command_id() == "5/1010");
}

TEST_CASE("published scenarios reach every replica; drafts with faults are refused step by step") {
  TestRedis redis;
  MemoryBus bus;
  const std::string dsn = Postgres().NewDatabase();
  Process first("scenario-0", redis.address(), dsn, bus);
  Process second("scenario-1", redis.address(), dsn, bus);
  REQUIRE(WaitUntil([&] { return first.Ready() && second.Ready(); }));
  Signaling signaling(first.address());

  service::SaveDraftRequest save;
  save.set_tenant_id("demo");
  save.set_scenario_id("night");
  *save.mutable_definition() = *DefinitionFromJson(
      R"({"start_step":"a","steps":[{"id":"a","next":"nowhere","play":{"items":[{"prompt":"ru/hello"}]}},
          {"id":"b","branch":{"cases":[{"condition":"hour >","next":"a"}]}}]})");
  service::SaveDraftResponse saved;
  {
    grpc::ClientContext context;
    const grpc::Status refused = signaling.stub().SaveDraft(&context, save, &saved);
    CHECK(refused.error_code() == grpc::StatusCode::INVALID_ARGUMENT);
    google::rpc::Status details;
    REQUIRE(details.ParseFromString(refused.error_details()));
    google::rpc::BadRequest bad;
    REQUIRE(details.details(0).UnpackTo(&bad));
    REQUIRE(bad.field_violations_size() == 3);
    CHECK(bad.field_violations(0).field() == "definition.steps[b].cases[0].condition");
    CHECK(bad.field_violations(1).field() == "definition.steps[a].next");
    CHECK(bad.field_violations(2).description() == "no step leads here");
  }
  *save.mutable_definition() = *DefinitionFromJson(
      R"({"start_step":"a","steps":[{"id":"a","play":{"items":[{"prompt":"ru/hello"}]}}]})");
  {
    grpc::ClientContext context;
    REQUIRE(signaling.stub().SaveDraft(&context, save, &saved).ok());
  }
  service::PublishScenarioRequest publish;
  publish.set_tenant_id("demo");
  publish.set_scenario_id("night");
  service::PublishScenarioResponse published;
  {
    grpc::ClientContext context;
    REQUIRE(signaling.stub().PublishScenario(&context, publish, &published).ok());
    CHECK(published.scenario().published_version() == 1);
  }
  {
    grpc::ClientContext context;
    publish.set_scenario_id("Not an id");
    CHECK(signaling.stub().PublishScenario(&context, publish, &published).error_code() ==
          grpc::StatusCode::INVALID_ARGUMENT);
  }
  service::ListScenariosRequest list;
  list.set_tenant_id("demo");
  service::ListScenariosResponse listed;
  {
    grpc::ClientContext context;
    REQUIRE(signaling.stub().ListScenarios(&context, list, &listed).ok());
    CHECK(listed.scenarios_size() == 6);
  }
  Signaling other(second.address());
  int run = 0;
  REQUIRE(WaitUntil([&] {
    other.Send(Start("n" + std::to_string(++run), "night"));
    return other.Next().has_play();
  }));
}

TEST_CASE("with PostgreSQL down a replica starts and meets calls from its file") {
  TestRedis redis;
  MemoryBus bus;
  TempDir dir;
  const std::string file = dir.path() + "/definitions.bin";
  {
    Process process("scenario-0", redis.address(), Postgres().NewDatabase(), bus, file);
    REQUIRE(WaitUntil([&] { return process.Ready() && !ReadSmallFile(file).empty(); }));
  }
  Process process("scenario-0", redis.address(), "host=127.0.0.1 port=1 dbname=zvon user=zvon", bus,
                  file);
  CHECK(process.server().keeper().has_local());
  Signaling signaling(process.address());
  signaling.Send(Start("c1", "sales-direct"));
  CHECK(signaling.Next().has_answer());
}

TEST_CASE("an unknown scenario is refused and the stream goes on") {
  TestRedis redis;
  MemoryBus bus;
  Process process("scenario-0", redis.address(), Postgres().NewDatabase(), bus);
  REQUIRE(WaitUntil([&] { return process.Ready(); }));
  Signaling signaling(process.address());
  signaling.Send(Start("c1", "nope"));
  CHECK(signaling.Next().refused().message() == "tenant demo has no published scenario \"nope\"");
  signaling.Send(Start("c2", "echo"));
  CHECK(signaling.Next().has_answer());
}

TEST_CASE("a Redis that lost everything is told again") {
  TestRedis redis;
  MemoryBus bus;
  const std::string dsn = Postgres().NewDatabase();
  auto first = std::make_unique<Process>("scenario-0", redis.address(), dsn, bus);
  Process second("scenario-1", redis.address(), dsn, bus);
  REQUIRE(WaitUntil([&] { return first->Ready() && first->RedisConnected() && second.Ready(); }));
  auto signaling = std::make_unique<Signaling>(first->address());
  WalkIntoQueue(*signaling, "c1");
  redis.Kill();
  redis.Restart();
  REQUIRE(WaitUntil([&] { return first->RedisConnected() && second.RedisConnected(); }));
  signaling.reset();
  first.reset();
  Signaling other(second.address());
  service::RunEvent resume = Event("c1");
  FillCall("c1", resume.mutable_resume()->mutable_call());
  resume.mutable_resume()->set_scenario_id("welcome");
  resume.mutable_resume()->set_answered(true);
  resume.mutable_resume()->set_queued(true);
  other.Send(resume);
  CHECK(other.Next().command_id() == "5/1010");  // Its own step 5, not the accompanying one.
}

}  // namespace
}  // namespace zvon::scenario
