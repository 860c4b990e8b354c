// The table of calls over fake ports: order of snapshot and 100, timers,
// Redis down, take-over.

#include <catch2/catch.hpp>

#include "services/common/executor/simulated_loop.h"
#include "services/common/store/memory_snapshot_store.h"
#include "services/signaling/core/call_test_kit.h"
#include "services/signaling/server/call_table.h"
#include "services/signaling/server/signaling_probe.h"

namespace zvon::signaling {
namespace {

// Every port at once; what came is kept as lines.
struct FakePorts final : SipPort, MediaPort, ScenarioPort, RoutingPort, AgentPort, FactPort {
  Lines lines;
  bool media_up = true;
  void Add(const CallEffect& effect) { lines.push_back(EffectText(effect)); }
  void Respond(const CallState&, const SendResponse& e) override { Add(e); }
  void Invite(const CallState&, const SendInvite& e) override { Add(e); }
  void Cancel(const CancelInvite& e) override { Add(e); }
  void Bye(const SendBye& e) override { Add(e); }
  void Reinvite(const SendReinvite& e) override { Add(e); }
  void Answer(const AnswerOffer& e) override { Add(e); }
  void Talk(const NotifyTalk& e) override { Add(e); }
  void Refer(const AnswerRefer& e) override { Add(e); }
  void Notify(const NotifyRefer& e) override { Add(e); }
  std::string Snapshot(const CallState&) override { return "sip half"; }
  void Forget(const CallState& call) override { lines.push_back("forget " + call.call_id); }
  void Restore(const CallState& call, const std::string& bytes) override {
    lines.push_back("restore " + call.call_id + " " + bytes);
  }
  bool Send(const CallState&, const MediaOrder& e) override {
    if (media_up) Add(e);
    return media_up;
  }
  std::string Pick(const std::string&) const override { return "media-0"; }
  void Send(const CallState&, const RunOrder& e) override { Add(e); }
  std::string Pick() const override { return "scenario-0"; }
  void Send(const CallState&, const RoutingOrder& e) override { Add(e); }
  void Tell(const CallState&, const Leg&) override {}
  void Done(const CallState&, const CommandDone& e) override { Add(e); }
  void Publish(const CallState&, const Fact&) override {}
  Lines Take() { return std::exchange(lines, {}); }
};

struct Table {
  Table() { Make(); }
  void Make() {
    table = std::make_unique<CallTable>(
        loop, CallPorts{ports, ports, ports, ports, ports, ports}, environment,
        [this](const std::string&) -> SnapshotStore& { return *store; }, probe);
  }
  void Begin() {
    InviteReceived in;
    in.branch_id = "leg/0";
    in.leg_id = "leg";
    in.target = FakeEnvironment::Scenario("welcome");
    in.remote = CallTester::Remote();
    table->Begin(CallTester::Begin(), in);
  }
  SimulatedClock clock;
  SimulatedLoop loop{clock};
  MemorySnapshots memory;
  std::unique_ptr<SnapshotStore> store = memory.MakeStore("signaling-0");
  FakePorts ports;
  FakeEnvironment environment;
  Metrics metrics{"signaling"};
  SignalingProbe probe{metrics};
  std::unique_ptr<CallTable> table;
};

}  // namespace

TEST_CASE("100 is sent when the snapshot is stored, the rest does not wait for it") {
  Table t;
  t.memory.Hold(true);
  REQUIRE(t.loop.Post([&] { t.Begin(); }));
  t.loop.RunPosted();
  CHECK(t.ports.Take() == Lines{"media create leg", "run start at scenario-0"});
  t.memory.Deliver();
  t.loop.RunPosted();
  CHECK(t.ports.Take() == Lines{"sip 100 leg/0"});
}

TEST_CASE("without Redis 100 is sent at once") {
  Table t;
  t.memory.SetDown(true);
  REQUIRE(t.loop.Post([&] { t.Begin(); }));
  t.loop.RunPosted();
  CHECK(t.ports.Take() == Lines{"media create leg", "run start at scenario-0", "sip 100 leg/0"});
}

TEST_CASE("an answer that overtakes the snapshot makes the 100 unnecessary") {
  Table t;
  t.memory.Hold(true);
  REQUIRE(t.loop.Post([&] { t.Begin(); }));
  REQUIRE(t.loop.Post([&] { t.table->Feed("call", BranchCancelled{"leg/0"}); }));
  t.loop.RunPosted();
  t.ports.Take();
  t.memory.Deliver();
  t.loop.RunPosted();
  CHECK(t.ports.Take() == Lines{});
}

TEST_CASE("a finished call leaves nothing behind") {
  Table t;
  REQUIRE(t.loop.Post([&] { t.Begin(); }));
  t.loop.RunPosted();
  CHECK(t.memory.size() == 1);
  CHECK(t.table->CallsOfTrunk("demo", "trunk") == 1);
  REQUIRE(t.loop.Post([&] { t.table->Feed("call", BranchCancelled{"leg/0"}); }));
  t.loop.RunPosted();
  CHECK(t.table->size() == 1);  // Waits for the quality of its endpoint.
  t.loop.Advance(absl::Seconds(1));
  t.environment.now += absl::Seconds(3);
  t.loop.Advance(absl::Hours(5));
  CHECK(t.table->size() == 0);
  CHECK(t.memory.size() == 0);
  CHECK(t.table->CallsOfTrunk("demo", "trunk") == 0);
}

TEST_CASE("another life takes the calls up where they were") {
  Table t;
  REQUIRE(t.loop.Post([&] { t.Begin(); }));
  t.loop.RunPosted();
  std::string bytes;
  t.store->TakeOver("call", [&](absl::StatusOr<Snapshot> snapshot) { bytes = snapshot->bytes; });
  REQUIRE_FALSE(bytes.empty());
  t.Make();
  t.ports.Take();
  REQUIRE(t.table->Adopt(bytes).ok());
  CHECK(t.ports.Take() == Lines{"restore call sip half"});
  CHECK(t.table->Find("call")->legs.size() == 1);
  CHECK(t.table->FindInteraction("interaction") != nullptr);
  CHECK_FALSE(t.table->Adopt(bytes).ok());
  CHECK_FALSE(t.table->Adopt("nonsense").ok());
}

TEST_CASE("a zombie is fenced: once another replica has the call, this one drops it silently") {
  Table t;
  REQUIRE(t.loop.Post([&] { t.Begin(); }));
  t.loop.RunPosted();
  t.ports.Take();
  auto other = t.memory.MakeStore("signaling-1");
  other->TakeOver("call", [](const absl::StatusOr<Snapshot>& snapshot) { REQUIRE(snapshot.ok()); });
  REQUIRE(t.loop.Post([&] { t.table->Feed("call", DigitHeard{"leg", "1"}); }));
  t.loop.RunPosted();
  CHECK(t.ports.Take() == Lines{"run digit 1", "forget call"});
  CHECK(t.table->size() == 0);
  CHECK(t.memory.size() == 1);
}

TEST_CASE("a call is taken from another replica only where the dialog is really its") {
  Table t;
  auto other = t.memory.MakeStore("signaling-1");
  t.store.swap(other);
  REQUIRE(t.loop.Post([&] { t.Begin(); }));
  t.loop.RunPosted();
  t.store.swap(other);
  t.Make();
  bool adopted = true;
  t.table->AdoptFromStore(
      "demo", "call", [](const std::string&) { return false; }, [&](bool ok) { adopted = ok; });
  CHECK_FALSE(adopted);
  t.table->AdoptFromStore(
      "demo", "nothing", [](const std::string&) { return true; }, [&](bool ok) { adopted = ok; });
  CHECK_FALSE(adopted);
  t.table->AdoptFromStore(
      "demo", "call", [](const std::string& sip) { return sip == "sip half"; },
      [&](bool ok) { adopted = ok; });
  CHECK(adopted);
  CHECK(t.table->size() == 1);
}

TEST_CASE("a media node that lost orders is ordered anew though it knows the call") {
  Table t;
  REQUIRE(t.loop.Post([&] { t.Begin(); }));
  t.loop.RunPosted();
  t.table->Feed("call", EndpointReady{"leg", "127.0.0.1", 20000});
  t.ports.Take();
  t.ports.media_up = false;
  t.table->Feed("call", MediaNodeLost{});
  RunCommandReceived play;
  play.kind = RunCommandReceived::Kind::kPlay;
  play.play_id = "p";
  play.items.resize(1);
  play.items[0].prompt = "ru/hello";
  t.table->Feed("call", play);
  CHECK(t.ports.Take() == Lines{"sip 183 leg/0 sdp"});
  t.ports.media_up = true;
  t.table->OnCensus("media-0", [](const std::string&) { return true; });
  CHECK(t.ports.Take() == Lines{"media create leg port 20000", "media play leg ru/hello"});
}

}  // namespace zvon::signaling
