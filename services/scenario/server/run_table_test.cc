// The table of runs in virtual time, over the stores in memory.

#include "services/scenario/server/run_table.h"

#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "services/common/bus/memory_bus.h"
#include "services/common/executor/simulated_loop.h"
#include "services/common/store/memory_snapshot_store.h"
#include "services/scenario/adapters/definition_bytes.h"
#include "services/scenario/core/run_fixture.h"

namespace zvon::scenario {
namespace {

constexpr char kDefinition[] = R"({"language":"ru","start_step":"answer","steps":[
    {"id":"answer","next":"menu","answer":{}},
    {"id":"menu","menu":{"items":[{"prompt":"ru/vm-press"}],"choices":{"1":"queue"}}},
    {"id":"queue","queue":{"queue_id":"sales"}}]})";

v1::ScenarioVersion Version(int number, const std::string& json = kDefinition) {
  v1::ScenarioVersion out;
  out.set_tenant_id("demo");
  out.set_scenario_id("welcome");
  out.set_version(number);
  *out.mutable_definition() = *DefinitionFromJson(json);
  return out;
}

class Output final : public RunOutput {
 public:
  void Send(SessionId session, const std::string& run_id, const RunCommand& command) override {
    lines.push_back(absl::StrCat(session, " ", run_id, " ", command.command_id, " ",
                                 std::visit(testing::CommandText{}, command.kind)));
  }
  void Refuse(SessionId session, const std::string& run_id, const std::string& message) override {
    lines.push_back(absl::StrCat(session, " ", run_id, " refused: ", message));
  }
  std::string Take() {
    std::string out = absl::StrJoin(lines, "\n");
    lines.clear();
    return out;
  }
  std::vector<std::string> lines;
};

// What the replicas of one test share.
struct World {
  SimulatedClock clock;
  SimulatedLoop loop{clock};
  MemorySnapshots snapshots{&clock};
  MemoryBus bus;
};

struct Replica {
  explicit Replica(World& world, const std::string& name)
      : metrics(name), publisher(world.bus.MakePublisher()) {
    REQUIRE(definitions.Put(Version(1), true).ok());
    RunTableOptions options;
    options.instance = name;
    table = std::make_unique<RunTable>(
        world.loop, definitions, std::make_shared<const PromptCatalog>(PromptCatalog::Packaged()),
        [&world, name](const std::string&) { return world.snapshots.MakeStore(name); }, *publisher,
        SeededRandom(1), output, probe, options);
  }
  Metrics metrics;
  ScenarioProbe probe{metrics};
  std::unique_ptr<Publisher> publisher;
  DefinitionTable definitions;
  Output output;
  std::unique_ptr<RunTable> table;
};

CallFacts Call() {
  CallFacts call;
  call.call_id = "c1";
  call.tenant_id = "demo";
  call.interaction_id = "i1";
  return call;
}

constexpr char kMusic[] =
    "play [moh/macroform-cold_day moh/macroform-robot_dity moh/macroform-the_simplicity "
    "moh/manolo_camp-morning_coffee moh/reno_project-system] loop";

TEST_CASE("a run speaks to the stream it was started on and is forgotten at its end") {
  World world;
  Replica a(world, "a");
  a.table->Start(1, "c1", Call(), "welcome");
  CHECK(a.output.Take() == "1 c1 1/1 answer");
  a.table->OnEvent(1, "c1", Answered{});
  CHECK(a.output.Take() == "1 c1 2/10 play [ru/vm-press] until digit");
  CHECK(world.snapshots.size() == 1);
  a.table->OnEvent(2, "c1", DigitPressed{"1"});  // Another stream's: not heard.
  CHECK(a.output.Take() == "");
  a.table->OnEvent(1, "c1", CallOver{});
  CHECK(a.table->size() == 0);
  CHECK(world.snapshots.size() == 0);
  const std::vector<BusEvent> events = world.bus.Events();
  REQUIRE(events.size() == 4);
  CHECK(events[0].type == "zvon.scenario.run_started");
  CHECK(events[1].type == "zvon.scenario.step_entered");
  CHECK(events[3].type == "zvon.scenario.run_ended");
  CHECK(events[3].key == "i1");
}

TEST_CASE("an unknown scenario is refused with its name") {
  World world;
  Replica a(world, "a");
  a.table->Start(1, "c1", Call(), "nope");
  CHECK(a.output.Take() == "1 c1 refused: tenant demo has no published scenario \"nope\"");
}

TEST_CASE("another replica goes on from the snapshot, the first falls silent") {
  World world;
  Replica a(world, "a"), b(world, "b");
  a.table->Start(1, "c1", Call(), "welcome");
  a.table->OnEvent(1, "c1", Answered{});
  a.table->OnEvent(1, "c1", DigitPressed{"1"});
  a.output.Take();
  b.table->Resume(7, "c1", Call(), "welcome", {true, true, false});
  CHECK(b.output.Take() == absl::StrCat("7 c1 3/1010 ", kMusic));
  b.table->OnEvent(7, "c1", QueueLeft{QueueOutcome::kConnected, "agent1", ""});
  // The zombie still believes it owns the run; its write tells it otherwise.
  a.table->OnEvent(1, "c1", QueueLeft{QueueOutcome::kTimedOut, "", ""});
  CHECK(a.output.Take() == "");
  CHECK(a.table->size() == 0);
  CHECK(b.table->size() == 1);
}

TEST_CASE("a run keeps the version it began with") {
  World world;
  Replica a(world, "a"), b(world, "b");
  a.table->Start(1, "c1", Call(), "welcome");
  a.table->OnEvent(1, "c1", Answered{});
  const char* changed =
      R"({"language":"ru","start_step":"x","steps":[{"id":"x","play":{"items":[{"prompt":"ru/hello"}]}}]})";
  REQUIRE(b.definitions.Put(Version(2, changed), true).ok());
  b.table->Resume(7, "c1", Call(), "welcome", {true});
  CHECK(b.output.Take() == "7 c1 2/1010 play [ru/vm-press] until digit");
  b.table->Start(7, "c2", Call(), "welcome");
  CHECK(b.output.Take() == "7 c2 1/10 play [ru/hello]");
}

TEST_CASE("without a snapshot the call is met anew, or accompanied where it stands in a queue") {
  World world;
  Replica b(world, "b");
  b.table->Resume(7, "c1", Call(), "welcome", {});
  CHECK(b.output.Take() == "7 c1 1/1 answer");
  b.table->Resume(7, "c2", Call(), "welcome", {true, true, false});
  CHECK(b.output.Take() == absl::StrCat("7 c2 1/1010 ", kMusic));
}

TEST_CASE("a stream that broke may come back within a minute") {
  World world;
  Replica a(world, "a");
  a.table->Start(1, "c1", Call(), "welcome");
  a.table->OnEvent(1, "c1", Answered{});
  a.output.Take();
  a.table->OnSessionClosed(1);
  CHECK(a.table->detached() == 1);
  world.loop.Advance(absl::Seconds(30));
  a.table->Resume(2, "c1", Call(), "welcome", {true});
  CHECK(a.output.Take() == "2 c1 2/1010 play [ru/vm-press] until digit");
  CHECK(a.table->detached() == 0);
  world.loop.Advance(absl::Seconds(40));
  CHECK(a.table->size() == 1);
  a.table->OnSessionClosed(2);
  world.loop.Advance(absl::Seconds(61));
  CHECK(a.table->size() == 0);
  CHECK(a.output.Take() == "");
  CHECK(world.snapshots.size() == 1);
}

TEST_CASE("the snapshot comes first, but nobody waits long for it") {
  World world;
  Replica a(world, "a");
  world.snapshots.Hold(true);
  a.table->Start(1, "c1", Call(), "welcome");
  CHECK(a.output.Take() == "");
  world.snapshots.Deliver();
  CHECK(a.output.Take() == "1 c1 1/1 answer");
  a.table->OnEvent(1, "c1", Answered{});
  CHECK(a.output.Take() == "");
  world.loop.Advance(absl::Milliseconds(200));
  CHECK(a.output.Take() == "1 c1 2/10 play [ru/vm-press] until digit");
  world.snapshots.Deliver();
  CHECK(a.output.Take() == "");
}

TEST_CASE("with Redis away calls are met all the same, and written when it is back") {
  World world;
  Replica a(world, "a");
  world.snapshots.SetDown(true);
  a.table->Start(1, "c1", Call(), "welcome");
  a.table->OnEvent(1, "c1", Answered{});
  CHECK(a.output.Take() == "1 c1 1/1 answer\n1 c1 2/10 play [ru/vm-press] until digit");
  world.snapshots.SetDown(false);
  a.table->WriteAllSnapshots();
  CHECK(world.snapshots.size() == 1);
}

TEST_CASE("a resumption with Redis away is tried again, and events meanwhile are kept") {
  World world;
  Replica a(world, "a"), b(world, "b");
  a.table->Start(1, "c1", Call(), "welcome");
  a.table->OnEvent(1, "c1", Answered{});
  world.snapshots.SetDown(true);
  b.table->Resume(7, "c1", Call(), "welcome", {true});
  b.table->OnEvent(7, "c1", DigitPressed{"1"});
  CHECK(b.output.Take() == "");
  world.snapshots.SetDown(false);
  world.loop.Advance(absl::Milliseconds(300));
  CHECK(b.output.Take() ==
        absl::StrCat("7 c1 2/1010 play [ru/vm-press] until digit\n"
                     "7 c1 3/1 enqueue sales skills= priority=0 data=digits=1\n7 c1 3/1010 ",
                     kMusic));
}

TEST_CASE("timers of a run run") {
  World world;
  Replica a(world, "a");
  a.table->Start(1, "c1", Call(), "welcome");
  a.table->OnEvent(1, "c1", Answered{});
  a.table->OnEvent(1, "c1", PlayFinished{"2/10"});
  a.output.Take();
  world.loop.Advance(absl::Seconds(5));
  CHECK(a.output.Take() == "1 c1 2/11 play [ru/vm-press] until digit");
}

TEST_CASE("a start told twice is a resumption") {
  World world;
  Replica a(world, "a");
  a.table->Start(1, "c1", Call(), "welcome");
  a.table->Start(2, "c1", Call(), "welcome");
  CHECK(a.output.Take() == "1 c1 1/1 answer\n2 c1 1/1 answer");
  CHECK(a.table->size() == 1);
}

TEST_CASE("a start whose first replica died with its answer goes on at the second") {
  World world;
  Replica a(world, "a"), b(world, "b");
  a.table->Start(1, "c1", Call(), "welcome");
  b.table->Start(7, "c1", Call(), "welcome");
  CHECK(b.output.Take() == "7 c1 1/1 answer");
  CHECK(b.table->size() == 1);
  b.table->OnEvent(7, "c1", Answered{});
  CHECK(b.output.Take() == "7 c1 2/1010 play [ru/vm-press] until digit");
}

TEST_CASE("definitions go to a file and back; what the store gave is newer") {
  DefinitionTable table;
  REQUIRE(table.Put(Version(1), true).ok());
  REQUIRE(table.Put(Version(2), true).ok());
  DefinitionTable fresh;
  REQUIRE(fresh.Load(table.Serialize()).ok());
  REQUIRE(fresh.Published({"demo", "welcome"}) != nullptr);
  CHECK(fresh.Published({"demo", "welcome"})->version == 2);
  bool found = false;
  fresh.Get({"demo", "welcome"}, 1,
            [&](absl::StatusOr<DefinitionTable::DefinitionPtr> d) { found = d.ok(); });
  CHECK(found);
  DefinitionTable newer;
  REQUIRE(newer.Put(Version(3), true).ok());
  REQUIRE(newer.Load(table.Serialize()).ok());
  CHECK(newer.Published({"demo", "welcome"})->version == 3);
  CHECK_FALSE(newer.Load("nonsense").ok());
}

TEST_CASE("only so many versions are kept, the published one among them") {
  DefinitionTable table;
  REQUIRE(table.Put(Version(1), true).ok());
  for (int v = 2; v <= 40; ++v) REQUIRE(table.Put(Version(v), false).ok());
  CHECK(table.Published({"demo", "welcome"})->version == 1);
  bool missing = false;
  table.Get({"demo", "welcome"}, 5,
            [&](absl::StatusOr<DefinitionTable::DefinitionPtr> d) { missing = !d.ok(); });
  CHECK(missing);
}

}  // namespace
}  // namespace zvon::scenario
