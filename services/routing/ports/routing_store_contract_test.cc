// What RoutingStore and LeaderLease promise, against memory and real Redis.

#include <catch2/catch.hpp>
#include <future>
#include <optional>

#include "services/common/executor/loop.h"
#include "services/common/store/redis.h"
#include "services/common/testing/test_redis.h"
#include "services/routing/adapters/redis_routing_store.h"
#include "services/routing/ports/memory_routing_store.h"

namespace zvon::routing {
namespace {

// Runs an operation on the store's thread and waits for its answer.
struct Subject {
  virtual ~Subject() = default;
  virtual RoutingStore& store() = 0;
  virtual LeaderLease& lease() = 0;
  virtual void Run(const std::function<void()>& what) = 0;
  virtual void Wipe() = 0;
  virtual void Pass(absl::Duration time) = 0;
};

struct MemorySubject final : Subject {
  RoutingStore& store() override { return *store_; }
  LeaderLease& lease() override { return *lease_; }
  void Run(const std::function<void()>& what) override { what(); }
  void Wipe() override { server_.Wipe(); }
  void Pass(absl::Duration time) override { now_ += time; }
  absl::Time now_ = absl::FromUnixSeconds(1'750'000'000);
  MemoryRoutingServer server_{[this] { return now_; }};
  std::unique_ptr<RoutingStore> store_ = server_.MakeStore();
  std::unique_ptr<LeaderLease> lease_ = server_.MakeLease();
};

struct RedisSubject final : Subject {
  RedisSubject() {
    loop_.Start();
    loop_.PostAndWait([this] { redis_.Start(); });
    WaitUntil([this] { return redis_.connected(); });
  }
  ~RedisSubject() override { loop_.Stop(); }
  RoutingStore& store() override { return *store_; }
  LeaderLease& lease() override { return *lease_; }
  void Run(const std::function<void()>& what) override { loop_.PostAndWait(what); }
  void Wipe() override {
    std::promise<void> done;
    Run([&] { redis_.Command({"FLUSHALL"}, [&](const auto&) { done.set_value(); }); });
    done.get_future().wait();
  }
  void Pass(absl::Duration time) override { absl::SleepFor(time + absl::Milliseconds(20)); }
  TestRedis server_;
  SteadyClock clock_;
  Loop loop_{{"test"}, clock_};
  RedisClient redis_{loop_, [this] {
                       RedisSettings settings;
                       settings.address = server_.address();
                       return settings;
                     }()};
  std::unique_ptr<RoutingStore> store_ = MakeRedisRoutingStore(redis_);
  std::unique_ptr<LeaderLease> lease_ = MakeRedisLeaderLease(redis_);
};

std::unique_ptr<Subject> MakeSubject(const std::string& kind) {
  if (kind == "memory") return std::make_unique<MemorySubject>();
  return std::make_unique<RedisSubject>();
}

template <class T>
T Await(Subject& subject, const std::function<void(std::function<void(T)>)>& start) {
  std::promise<T> answer;
  subject.Run([&] { start([&](T value) { answer.set_value(std::move(value)); }); });
  return answer.get_future().get();
}

absl::Status Write(Subject& subject, int64_t epoch, WriteBatch batch) {
  return Await<absl::Status>(subject,
                             [&](auto done) { subject.store().Write("demo", epoch, batch, done); });
}
absl::Status Replace(Subject& subject, int64_t epoch, StoredTenant whole) {
  return Await<absl::Status>(
      subject, [&](auto done) { subject.store().Replace("demo", epoch, whole, done); });
}
absl::StatusOr<StoredTenant> TakeOver(Subject& subject, int64_t epoch) {
  return Await<absl::StatusOr<StoredTenant>>(
      subject, [&](auto done) { subject.store().TakeOver("demo", epoch, done); });
}
absl::StatusOr<LeaseHolder> Acquire(Subject& subject, const std::string& who, int64_t floor) {
  return Await<absl::StatusOr<LeaseHolder>>(subject, [&](auto done) {
    subject.lease().Acquire({who, who + ":9103"}, floor, absl::Milliseconds(200), done);
  });
}
absl::StatusOr<LeaseHolder> Renew(Subject& subject, const std::string& who, int64_t epoch) {
  return Await<absl::StatusOr<LeaseHolder>>(subject, [&](auto done) {
    subject.lease().Renew({who, who + ":9103", epoch}, absl::Milliseconds(200), done);
  });
}

Agent MakeAgent() {
  Agent agent;
  agent.agent_id = "a1";
  agent.state = AgentState::kEngaged;
  agent.state_time = absl::FromUnixMillis(1'750'000'000'123);
  agent.login_time = absl::FromUnixMillis(1'750'000'000'001);
  agent.release_time = absl::FromUnixMillis(1'750'000'000'002);
  agent.interaction_id = "c1";
  agent.queue_id = "sales";
  agent.next = NextState{AgentState::kNotReady, "lunch"};
  agent.sequence = 7;
  agent.gateway_id = "gateway-0";
  agent.summary = std::make_shared<Summary>(
      Summary{"call-1", "+79990000001", "Иван", "1000", {{"name", "Иван"}}});
  return agent;
}

Entry MakeEntry() {
  Entry entry;
  entry.interaction_id = "c1";
  entry.queue_id = "sales";
  entry.skills = {"english", "sales"};
  entry.priority = 3;
  entry.enqueue_time = absl::FromUnixMillis(1'750'000'000'003);
  entry.enter_time = absl::FromUnixMillis(1'750'000'000'004);
  entry.state = EntryState::kAssigned;
  entry.offer = {"offer-5-1", {5, 1}, "a1", entry.enter_time, entry.enter_time, "longest_idle"};
  entry.owner_id = "signaling-0";
  entry.avoid["a2"] = entry.enter_time;
  return entry;
}

OutboxEvent MakeEvent(const std::string& id) {
  return {"zvon.interactions.v1",  "c1", id, "zvon.queue.entered", absl::FromUnixMillis(5),
          std::string("\0\xff", 2)};
}

TEST_CASE("what was written is read by who takes over, every field of it") {
  const auto subject = MakeSubject(GENERATE("memory", "redis"));
  REQUIRE(TakeOver(*subject, 5)->state.agents.empty());
  QueueCounters counters;
  counters.queue_id = "sales";
  counters.day = 20000;
  counters.answered = 4;
  counters.answered_wait = absl::Milliseconds(1500);
  REQUIRE(
      Write(*subject, 5, {{MakeAgent(), MakeEntry(), counters}, {MakeEvent("e1"), MakeEvent("e2")}})
          .ok());
  const auto stored = TakeOver(*subject, 6);
  REQUIRE(stored.ok());
  REQUIRE(stored->state.agents.size() == 1);
  const Agent& agent = stored->state.agents[0];
  CHECK(agent.state == AgentState::kEngaged);
  CHECK(agent.release_time == MakeAgent().release_time);
  CHECK(agent.interaction_id == "c1");
  CHECK(agent.next->reason_id == "lunch");
  CHECK(agent.sequence == 7);
  CHECK(agent.summary->customer_data.at("name") == "Иван");
  REQUIRE(stored->state.entries.size() == 1);
  const Entry& entry = stored->state.entries[0];
  CHECK(entry.skills == SkillSet{"english", "sales"});
  CHECK(entry.enqueue_time == MakeEntry().enqueue_time);
  CHECK(entry.wait_deadline == absl::InfiniteFuture());
  CHECK(entry.offer.token == FencingToken{5, 1});
  CHECK(entry.avoid.at("a2") == MakeEntry().enter_time);
  CHECK(stored->state.counters.at(0).answered_wait == absl::Milliseconds(1500));
  REQUIRE(stored->outbox.size() == 2);
  CHECK(stored->outbox[0].event_id == "e1");
  CHECK(stored->outbox[1].payload == std::string("\0\xff", 2));
}

TEST_CASE("records go, and the outbox loses what was taken from its front") {
  const auto subject = MakeSubject(GENERATE("memory", "redis"));
  REQUIRE(TakeOver(*subject, 5).ok());
  REQUIRE(
      Write(*subject, 5, {{MakeAgent(), MakeEntry()}, {MakeEvent("e1"), MakeEvent("e2")}}).ok());
  REQUIRE(Write(*subject, 5, {{EntryGone{"c1"}, AgentGone{"a1"}}, {MakeEvent("e3")}, 1}).ok());
  const auto stored = TakeOver(*subject, 5);
  CHECK(stored->state.agents.empty());
  CHECK(stored->state.entries.empty());
  REQUIRE(stored->outbox.size() == 2);
  CHECK(stored->outbox[0].event_id == "e2");
  CHECK(stored->outbox[1].event_id == "e3");
}

TEST_CASE("a stale epoch is refused and changes nothing") {
  const auto subject = MakeSubject(GENERATE("memory", "redis"));
  REQUIRE(TakeOver(*subject, 5).ok());
  REQUIRE(TakeOver(*subject, 6).ok());
  CHECK(absl::IsFailedPrecondition(Write(*subject, 5, {{MakeAgent()}})));
  CHECK(absl::IsFailedPrecondition(Replace(*subject, 5, {})));
  CHECK(absl::IsFailedPrecondition(TakeOver(*subject, 5).status()));
  CHECK(TakeOver(*subject, 6)->state.agents.empty());
}

TEST_CASE("a wiped store says so and takes the whole state anew") {
  const auto subject = MakeSubject(GENERATE("memory", "redis"));
  REQUIRE(TakeOver(*subject, 5).ok());
  REQUIRE(Write(*subject, 5, {{MakeAgent()}}).ok());
  subject->Wipe();
  CHECK(absl::IsDataLoss(Write(*subject, 5, {{MakeEntry()}})));
  StoredTenant whole;
  whole.state.entries.push_back(MakeEntry());
  whole.outbox.push_back(MakeEvent("e1"));
  REQUIRE(Replace(*subject, 5, whole).ok());
  REQUIRE(Write(*subject, 5, {{MakeAgent()}}).ok());
  const auto stored = TakeOver(*subject, 6);
  CHECK(stored->state.agents.size() == 1);
  CHECK(stored->state.entries.size() == 1);
  CHECK(stored->outbox.size() == 1);
}

TEST_CASE("the lease is held by one, and lapses") {
  const auto subject = MakeSubject(GENERATE("memory", "redis"));
  const auto first = Acquire(*subject, "routing-0", 100);
  CHECK(first->instance == "routing-0");
  CHECK(first->address == "routing-0:9103");
  CHECK(first->epoch == 100);
  CHECK(Acquire(*subject, "routing-1", 200)->instance == "routing-0");
  CHECK(Renew(*subject, "routing-0", 100)->epoch == 100);
  subject->Pass(absl::Milliseconds(200));
  const auto second = Acquire(*subject, "routing-1", 50);
  CHECK(second->instance == "routing-1");
  CHECK(second->epoch == 101);  // Never back, whatever the floor says.
  CHECK(Renew(*subject, "routing-0", 100)->instance == "routing-1");
  subject->Pass(absl::Milliseconds(200));
  CHECK(Renew(*subject, "routing-0", 100)->instance.empty());  // Somebody led since.
  CHECK(Renew(*subject, "routing-1", 101)->instance == "routing-1");
}

TEST_CASE("after a wipe the leader renews under its epoch, or the next has a higher one") {
  const auto subject = MakeSubject(GENERATE("memory", "redis"));
  REQUIRE(Acquire(*subject, "routing-0", 100)->epoch == 100);
  subject->Wipe();
  CHECK(Renew(*subject, "routing-0", 100)->epoch == 100);
  subject->Wipe();
  CHECK(Acquire(*subject, "routing-1", 300)->epoch == 300);
  CHECK(Renew(*subject, "routing-0", 100)->instance == "routing-1");
}

TEST_CASE("a released lease is free at once; another's is not released") {
  const auto subject = MakeSubject(GENERATE("memory", "redis"));
  REQUIRE(Acquire(*subject, "routing-0", 100).ok());
  const auto release = [&](const std::string& who) {
    std::promise<void> done;
    subject->Run([&] {
      subject->lease().Release({who, who + ":9103", 100}, [&] { done.set_value(); });
    });
    done.get_future().wait();
  };
  release("routing-1");
  CHECK(Acquire(*subject, "routing-1", 200)->instance == "routing-0");
  release("routing-0");
  CHECK(Acquire(*subject, "routing-1", 200)->instance == "routing-1");
}

}  // namespace
}  // namespace zvon::routing
