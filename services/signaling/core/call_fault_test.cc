// Replicas of others die, media moves, this process restarts.

#include <catch2/catch.hpp>

#include "services/signaling/core/call_test_kit.h"

namespace zvon::signaling {
namespace {
using Kind = RunCommandReceived::Kind;
}

TEST_CASE("a run whose replica dies is resumed elsewhere") {
  CallTester t;
  t.Invite(FakeEnvironment::Scenario("welcome"));
  t.Ready("caller");
  SECTION("before its first command it is started anew") {
    t.env.scenario = "scenario-1";
    CHECK(t.Do(RunReplicaLost{"scenario-0"}) == Lines{"run start at scenario-1"});
  }
  t.Run(Kind::kAnswer);
  SECTION("at once where another replica is up") {
    t.env.scenario = "scenario-1";
    CHECK(t.Do(RunReplicaLost{"scenario-0"}) == Lines{"run resume at scenario-1 answered"});
    CHECK(t.Do(RunReplicaLost{"scenario-0"}) == Lines{});
  }
  SECTION("with music until one comes") {
    t.env.scenario.clear();
    CHECK(t.Do(RunReplicaLost{"scenario-0"}) == Lines{});
    CHECK(t.Advance(absl::Milliseconds(300)) == Lines{"media play caller moh/one loop"});
    t.env.scenario = "scenario-1";
    CHECK(t.Do(RunReplicaUp{}) == Lines{"run resume at scenario-1 answered"});
    CHECK(t.Run(Kind::kPlay) == Lines{"media play caller ru/hello loop"});
  }
  SECTION("an apology after twenty seconds without any") {
    t.env.scenario.clear();
    t.Do(RunReplicaLost{"scenario-0"});
    t.Advance(absl::Milliseconds(300));
    CHECK(t.Advance(absl::Seconds(20)) == Lines{"media play caller ru/sorry"});
    CHECK(t.Advance(absl::Seconds(15)) == Lines{"sip BYE caller/0", "media delete call"});
  }
}

TEST_CASE("the queue and its offers do not need the run") {
  CallTester t;
  t.ToQueue();
  t.env.scenario.clear();
  CHECK(t.Do(RunReplicaLost{"scenario-0"}) == Lines{});  // The loop it plays goes on.
  CHECK(t.Advance(absl::Seconds(25)) == Lines{});
  t.Offer("o1", "agent1", 1);
  t.Ready("leg1");
  t.Answered("leg1");
  CHECK(t.Do(AgentAssigned{"o1", "agent1"}) ==
        Lines{"media bridge caller leg1", "media record caller leg1"});
  t.env.scenario = "scenario-1";
  CHECK(t.Do(RunReplicaUp{}) == Lines{"run resume at scenario-1 answered connected"});
}

TEST_CASE("a run that has ended leaves a talk alone, and the talk's end is the call's") {
  CallTester t;
  t.ToTalk();
  CHECK(t.Run(Kind::kEnd) == Lines{});
  CHECK(t.Do(BranchBye{t.Branch("leg1")}).back() == "media delete call");
  CHECK(t.state().phase == CallPhase::kClosing);
}

TEST_CASE("a new leading router is told everything, with the first enqueue time") {
  CallTester t;
  SECTION("nothing to tell before the queue") {
    t.Invite(FakeEnvironment::Scenario("welcome"));
    CHECK(t.Do(RouterUp{}) == Lines{});
  }
  SECTION("waiting") {
    t.ToQueue();
    CHECK(t.Do(RouterUp{}) == Lines{"router enqueue again"});
  }
  SECTION("answered, the word was lost") {
    t.ToQueue();
    t.Offer("o1", "agent1", 1);
    t.Ready("leg1");
    t.Answered("leg1");
    CHECK(t.Do(RouterUp{}) == Lines{"router enqueue again", "router o1 answered"});
    CHECK(t.Do(AgentAssigned{"o1", "agent1"}).front() == "media bridge caller leg1");
  }
  SECTION("talking") {
    t.ToTalk();
    CHECK(t.Do(RouterUp{}) == Lines{"router enqueue again assigned agent1"});
  }
}

TEST_CASE("a lost media node: the same ports where it comes back, re-INVITE where not") {
  CallTester t;
  t.ToTalk();
  SECTION("it knows the call: nothing to do") {
    CHECK(t.Do(MediaNodeLost{false}) == Lines{});
    CHECK(t.Do(MediaNodeKept{}) == Lines{"media update caller 10.0.0.1:4000"});
    CHECK(t.Advance(absl::Seconds(5)) == Lines{});
  }
  SECTION("it came back empty") {
    t.Do(MediaNodeLost{false});
    CHECK(t.Do(MediaNodeLost{true}) ==
          Lines{"media create caller port 20000", "media create leg1 port 20002",
                "media bridge caller leg1", "media record caller leg1"});
    CHECK(t.Ready("caller", 20000) == Lines{});
    CHECK(t.Ready("leg1", 20002) == Lines{});
    CHECK(t.facts.back() == "MediaMoved");
  }
  SECTION("another node takes over after 1.5 s") {
    t.env.media = {"media-0", "media-1"};
    t.Do(MediaNodeLost{false});
    CHECK(t.Advance(absl::Milliseconds(1500)) == Lines{"media create caller", "media create leg1",
                                                       "media bridge caller leg1",
                                                       "media record caller leg1"});
    CHECK(t.state().media_node == "media-1");
    CHECK(t.Ready("caller", 30000) == Lines{"sip re-INVITE caller/0 sdp"});
    CHECK(t.Do(ReinviteDone{"caller-id/0", 200, CallTester::Remote("10.0.0.9", 4444), ""}) ==
          Lines{"media update caller 10.0.0.9:4444"});
  }
}

TEST_CASE("a leg that falls silent or loses its dialog is ended") {
  CallTester t;
  t.ToTalk();
  SECTION("media time-out of the customer ends the call") {
    CHECK(t.Do(MediaTimedOut{"caller-id"}).front() == "sip BYE caller/0");
    CHECK(t.state().cause == EndCause::kMediaTimeout);
  }
  SECTION("a held phone may be silent") {
    t.Command(AgentCommand::Kind::kHold, "agent1");
    CHECK(t.Do(MediaTimedOut{t.Leg("leg1")}) == Lines{});
  }
  SECTION("the phone does not know the dialog any more") {
    const Lines lines = t.Do(BranchLost{t.Branch("leg1"), EndCause::kFailure, 481});
    CHECK(lines.front() == "media delete leg1");
    CHECK(lines.back() == "run queue talk ended");
  }
  SECTION("nobody talks for ever") {
    CHECK(t.Advance(absl::Hours(4)).back() == "media delete call");
  }
}

TEST_CASE("a restart in the middle of any state goes on from the snapshot") {
  CallTester t;
  t.ToQueue();
  t.Restart();
  t.Offer("o1", "agent1", 1);
  t.Restart();
  t.Ready("leg1");
  t.Restart();
  t.Answered("leg1");
  t.Restart();
  CHECK(t.Do(AgentAssigned{"o1", "agent1"}) ==
        Lines{"media bridge caller leg1", "media record caller leg1", "run queue connected"});
  t.Restart();
  CHECK(t.Do(BranchBye{"caller-id/0"}).back() == "media delete call");
  t.Restart();
  CHECK(t.Advance(absl::Seconds(2)) == Lines{"finished"});
}

TEST_CASE("bytes that are no snapshot are refused") {
  CHECK_FALSE(ParseCall("").ok());
  CHECK_FALSE(ParseCall("\x0a\x7f").ok());
  std::string good = SerializeCall(CallTester::Begin());
  for (size_t i = 0; i < good.size(); ++i) (void)ParseCall(good.substr(0, i));
  CHECK(ParseCall(good).ok());
}

TEST_CASE("any order of any inputs keeps the promises") {
  // 2 000 random calls; the invariants of call.h after every input.
  for (uint64_t seed = 1; seed <= 2000; ++seed) {
    auto random = SeededRandom(seed);
    CallTester t;
    t.Invite(FakeEnvironment::Scenario("welcome"));
    int finished = 0;
    std::map<std::string, int> facts;
    int64_t counter = 1;
    for (int step = 0; step < 60; ++step) {
      if (random() % 9 == 0) t.Restart();
      const std::string leg =
          t.state().legs.empty() ? "x" : t.state().legs[random() % t.state().legs.size()].id;
      const std::string branch = leg + "/" + std::to_string(random() % 2);
      switch (random() % 20) {
        case 0:
          t.Do(EndpointReady{leg, "127.0.0.1", 20000});
          break;
        case 1:
          t.Do(BranchProgress{branch, 180, {}, ""});
          break;
        case 2:
          t.Do(BranchAnswered{branch, CallTester::Remote(), ""});
          break;
        case 3:
          t.Do(BranchFailed{branch, random() % 2 ? 486 : 503, ""});
          break;
        case 4:
          if (random() % 6 == 0) t.Do(BranchBye{branch});
          break;
        case 5:
          t.Do(BranchCancelled{branch});
          break;
        case 6:
          t.Do(EndpointClosed{leg, {}});
          break;
        case 7:
          t.Do(BranchOffer{
              branch,
              CallTester::Remote("1.1.1.1", 2,
                                 random() % 2 ? Direction::kRecvOnly : Direction::kSendRecv),
              ""});
          break;
        case 8:
          t.Run(Kind::kAnswer);
          break;
        case 9:
          t.Run(Kind::kEnqueue);
          break;
        case 10:
          t.Run(Kind::kPlay);
          break;
        case 11:
          t.Offer("o" + std::to_string(counter), random() % 2 ? "agent1" : "agent2", counter);
          ++counter;
          break;
        case 12:
          t.Do(AgentAssigned{t.state().queue.offer_id, "agent1"});
          break;
        case 13:
          t.Do(OfferRevoked{t.state().queue.offer_id});
          break;
        case 14:
          t.Do(BranchRefer{branch, "102"});
          break;
        case 15:
          t.env.scenario = random() % 2 ? "" : "scenario-0";
          t.Do(RunReplicaLost{"scenario-0"});
          break;
        case 16:
          t.Do(RouterUp{});
          t.Do(RunReplicaUp{});
          break;
        case 17:
          t.Command(static_cast<AgentCommand::Kind>(random() % 4),
                    random() % 2 ? "agent1" : "agent2");
          break;
        case 18:
          t.Do(MediaNodeLost{random() % 2 == 0});
          break;
        default:
          t.Advance(absl::Milliseconds(random() % 4000));
          break;
      }
      int live = 0;
      for (const Leg& l : t.state().legs) live += l.live();
      REQUIRE(live <= 2);
      if (!t.state().bridge_left.empty()) {
        REQUIRE(t.state().FindLeg(t.state().bridge_left) != nullptr);
        REQUIRE(t.state().FindLeg(t.state().bridge_left)->live());
        REQUIRE(t.state().FindLeg(t.state().bridge_right)->answered());
      }
      if (!t.state().recording.id.empty()) REQUIRE_FALSE(t.state().bridge_left.empty());
      for (const CallEffect& effect : t.effects)
        finished += std::holds_alternative<CallFinished>(effect);
    }
    if (!t.call().finished()) {
      t.Do(BranchBye{"caller-id/0"});
      t.Do(BranchCancelled{"caller-id/0"});
      t.Advance(absl::Hours(5));
      t.Advance(absl::Seconds(5));
      t.Advance(absl::Seconds(20));
      t.Advance(absl::Seconds(5));
    }
    INFO("seed " << seed);
    REQUIRE(t.call().finished());
    for (const std::string& fact : t.facts) {
      const std::string name = fact.substr(0, fact.find(' '));
      ++facts[name];
    }
    REQUIRE(facts["CallStarted"] == 1);
    REQUIRE(facts["CallEnded"] == 1);
    REQUIRE(facts["LegStarted"] == facts["LegEnded"]);
    REQUIRE(facts["RecordingStarted"] == facts["RecordingEnded"]);
    REQUIRE(facts["HoldStarted"] == facts["HoldEnded"]);
  }
}

}  // namespace zvon::signaling
