// "First the state write, then what others can see", sentence by sentence, on
// the memory store; tests/sim asks the same of random troubles.

#include "services/routing/server/tenant_shard.h"

#include <catch2/catch.hpp>

#include "services/common/bus/memory_bus.h"
#include "services/common/executor/simulated_loop.h"
#include "services/routing/ports/memory_routing_store.h"

namespace zvon::routing {
namespace {

struct Bench {
  explicit Bench(int64_t epoch = 1) { Start(epoch); }

  TenantShard& Start(int64_t epoch) {
    TenantShard::Environment environment;
    environment.runner = &loop;
    environment.store = store.get();
    environment.publisher = publisher.get();
    environment.random = SeededRandom(1);
    environment.instance = "routing-0";
    environment.release = [this](const std::string&, const Effects& effects) {
      for (const OwnerMessage& message : effects.owner_messages) {
        if (std::holds_alternative<OfferStarted>(message.body))
          seen.push_back("offer " + message.interaction_id);
        if (std::holds_alternative<OfferRevoked>(message.body))
          seen.push_back("revoked " + message.interaction_id);
      }
      for (const Reply& reply : effects.replies) seen.push_back("reply " + reply.agent_id);
    };
    environment.on_superseded = [this] { seen.push_back("superseded"); };
    TenantSettings settings;
    settings.queues["sales"].queue_id = "sales";
    settings.agents = {{"a1", {}}, {"a2", {}}};
    shard = std::make_unique<TenantShard>("demo", epoch, settings, environment);
    shard->Start();
    Feed(OwnerAttached{"owner", 1});
    return *shard;
  }
  void Feed(Input input) { REQUIRE(shard->Feed(std::move(input))); }
  void SignIn(const std::string& agent_id) {
    Feed(SignInInput{agent_id, {1, "r"}, "gateway", NextState{AgentState::kReady, ""}});
  }
  void Enqueue(const std::string& id) {
    EnqueueInput input;
    input.owner_id = "owner";
    input.interaction_id = id;
    input.queue_id = "sales";
    Feed(input);
  }
  std::vector<std::string> Take() { return std::exchange(seen, {}); }
  int Facts(const std::string& type) const {
    int count = 0;
    for (const BusEvent& event : bus.Events()) count += event.type == type ? 1 : 0;
    return count;
  }

  SimulatedClock clock;
  SimulatedLoop loop{clock};
  MemoryRoutingServer server{[this] { return loop.Now(); }};
  std::unique_ptr<RoutingStore> store = server.MakeStore();
  MemoryBus bus;
  std::unique_ptr<Publisher> publisher = bus.MakePublisher();
  std::vector<std::string> seen;
  std::unique_ptr<TenantShard> shard;
};

using Seen = std::vector<std::string>;

TEST_CASE("nothing is seen before it is stored, and then in the order it was decided") {
  Bench bench;
  bench.server.Hold(true);
  bench.SignIn("a1");
  bench.Enqueue("c1");
  CHECK(bench.Take().empty());
  CHECK(bench.bus.Events().empty());
  REQUIRE(bench.server.DeliverOne());
  CHECK(bench.Take() == Seen{"reply a1"});
  CHECK(bench.Facts("zvon.offer.made") == 0);
  REQUIRE(bench.server.DeliverOne());
  CHECK(bench.Take() == Seen{"offer c1"});
  CHECK(bench.Facts("zvon.offer.made") == 1);
  CHECK(bench.server.Find("demo")->state.entries.at(0).state == EntryState::kOffered);
}

TEST_CASE("inputs that come while the state is read are handled after it") {
  Bench bench;
  bench.SignIn("a1");
  bench.server.Hold(true);
  bench.Start(2);
  bench.Enqueue("c1");
  bench.Take();
  bench.server.Hold(false);
  CHECK(bench.Take() == Seen{"offer c1"});  // a1 was read from the store.
}

TEST_CASE("without a store nothing is offered; back, the whole state goes first") {
  Bench bench;
  bench.SignIn("a1");
  bench.Take();
  bench.server.SetDown(true);
  bench.Enqueue("c1");  // Decided before the trouble was known: held.
  bench.SignIn("a2");
  bench.Enqueue("c2");
  CHECK(bench.Take().empty());
  CHECK_FALSE(bench.shard->running());
  bench.server.Wipe();
  bench.server.SetDown(false);
  bench.loop.Advance(absl::Milliseconds(500));
  CHECK(bench.Take() == Seen{"offer c1", "reply a2", "offer c2"});
  CHECK(bench.server.Find("demo")->state.agents.size() == 2);
  CHECK(bench.server.Find("demo")->state.entries.size() == 2);
  CHECK(bench.Facts("zvon.queue.entered") == 2);
}

TEST_CASE("a wiped store is found at the next write and made whole at once") {
  Bench bench;
  bench.SignIn("a1");
  bench.server.Wipe();
  bench.SignIn("a2");
  bench.loop.Advance(absl::Milliseconds(1));
  CHECK(bench.shard->running());
  CHECK(bench.server.Find("demo")->state.agents.size() == 2);
  CHECK(bench.Take() == Seen{"reply a1", "reply a2"});
}

TEST_CASE("a store wiped in a quiet hour is found by asking") {
  Bench bench;
  bench.SignIn("a1");
  bench.shard->Probe();
  CHECK(bench.shard->running());
  bench.server.Wipe();
  bench.shard->Probe();
  bench.loop.Advance(absl::Milliseconds(1));
  CHECK(bench.shard->running());
  CHECK(bench.server.Find("demo")->state.agents.size() == 1);
}

TEST_CASE("a leader that was superseded shows nothing more") {
  Bench bench;
  bench.SignIn("a1");
  bench.Take();
  const auto other = bench.server.MakeStore();
  other->TakeOver("demo", 2, [](const absl::StatusOr<StoredTenant>&) {});
  bench.Enqueue("c1");
  CHECK(bench.Take() == Seen{"superseded"});
  CHECK(bench.Facts("zvon.offer.made") == 0);
}

TEST_CASE("facts of a leader that died before telling them are told by the next, once by id") {
  Bench bench;
  bench.SignIn("a1");
  bench.server.Hold(true);
  bench.Enqueue("c1");
  bench.shard.reset();  // The write is on its way, its answer finds nobody.
  bench.server.Hold(false);
  CHECK(bench.Facts("zvon.offer.made") == 0);
  bench.Start(2);
  CHECK(bench.Facts("zvon.offer.made") == 1);
  bench.Start(3);  // Nothing was written since: told again, under the same id.
  std::set<std::string> ids;
  for (const BusEvent& event : bench.bus.Events()) {
    if (event.type == "zvon.offer.made") ids.insert(event.id);
  }
  CHECK(ids.size() == 1);
}

TEST_CASE("timers of the core run without inputs") {
  Bench bench;
  bench.SignIn("a1");
  bench.Enqueue("c1");
  bench.Take();
  bench.loop.Advance(absl::Seconds(21));  // The offer's time, and the router's slack.
  const Seen seen = bench.Take();
  REQUIRE_FALSE(seen.empty());
  CHECK(seen.front() == "revoked c1");
}

}  // namespace
}  // namespace zvon::routing
