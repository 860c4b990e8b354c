// An inbound call meets a scenario, a queue and an agent.

#include <catch2/catch.hpp>

#include "services/signaling/core/call_test_kit.h"

namespace zvon::signaling {
namespace {
using Kind = RunCommandReceived::Kind;
}

TEST_CASE("a call to a scenario: endpoint, run, early media, answer") {
  CallTester t;
  CHECK(t.Invite(FakeEnvironment::Scenario("welcome")) ==
        Lines{"sip 100 caller/0", "media create caller", "run start at scenario-0"});
  SECTION("answered after the endpoint is ready") {
    CHECK(t.Ready("caller") == Lines{});
    CHECK(t.Run(Kind::kAnswer) == Lines{"sip 200 caller/0 sdp", "run answered"});
    CHECK(t.Run(Kind::kPlay) == Lines{"media play caller ru/hello loop"});
  }
  SECTION("an answer that comes too early waits for the endpoint") {
    CHECK(t.Run(Kind::kAnswer) == Lines{});
    CHECK(t.Ready("caller") == Lines{"sip 200 caller/0 sdp", "run answered"});
  }
  SECTION("what plays before the answer is early media") {
    t.Ready("caller");
    CHECK(t.Run(Kind::kPlay) == Lines{"sip 183 caller/0 sdp", "media play caller ru/hello loop"});
    CHECK(t.Run(Kind::kPlay) == Lines{"media play caller ru/hello loop"});
  }
  SECTION("digits and finished prompts reach the run") {
    t.Ready("caller");
    t.Run(Kind::kAnswer);
    t.Run(Kind::kPlay);
    CHECK(t.Do(DigitHeard{"caller-id", "1"}) == Lines{"run digit 1"});
    CHECK(t.Do(PlayFinished{"caller-id", "p1", true, false, false}) == Lines{"run finished p1"});
    CHECK(t.Do(PlayFinished{"caller-id", "p1", true, false, false}) == Lines{});
  }
  SECTION("the run hangs up before the answer") {
    t.Ready("caller");
    CHECK(t.Run(Kind::kHangUp) == Lines{"sip 480 caller/0", "run call ended", "media delete call"});
  }
  CHECK(t.facts[0] == "CallStarted");
}

TEST_CASE("a queued call is offered, answered, connected, recorded and ended") {
  CallTester t;
  t.ToQueue();
  CHECK(t.Do(QueuePositionTold{3}) == Lines{"run position 3"});
  CHECK(t.Offer("o1", "agent1", 1) == Lines{"media create leg1"});
  CHECK(t.Ready("leg1") == Lines{"sip INVITE leg1/0 to sip:101@phone1 from 79161112233 sdp"});
  CHECK(t.Do(BranchProgress{t.Branch("leg1"), 180, {}, ""}) == Lines{"router o1 ringing"});
  CHECK(t.Answered("leg1") == Lines{"media update leg1 10.0.0.2:5000", "router o1 answered"});
  CHECK(t.Do(AgentAssigned{"o1", "agent1"}) ==
        Lines{"media bridge caller leg1", "media record caller leg1", "run queue connected"});

  SECTION("the customer hangs up") {
    CHECK(t.Do(BranchBye{"caller-id/0"}) == Lines{"router assignment ended agent1 customer_hangup",
                                                  "sip BYE leg1/0", "run call ended",
                                                  "media delete call"});
    CHECK(t.state().cause == EndCause::kCustomerHangup);
    CHECK(t.Do(EndpointClosed{"caller-id", {}}) == Lines{});
    CHECK(t.Do(EndpointClosed{t.Leg("leg1"), {}}) == Lines{"finished"});
    CHECK(t.facts == Lines{"CallStarted", "LegStarted caller", "CallAnswered", "LegAnswered caller",
                           "LegStarted leg1", "LegAnswered leg1", "LegsBridged caller",
                           "RecordingStarted leg1", "RecordingEnded", "LegEnded caller",
                           "LegEnded leg1", "CallEnded"});
  }
  SECTION("the agent hangs up, the run says goodbye") {
    CHECK(t.Do(BranchBye{t.Branch("leg1")}) == Lines{"media delete leg1", "media stop recording",
                                                     "router assignment ended agent1 agent_hangup",
                                                     "run queue talk ended"});
    CHECK(t.Run(Kind::kHangUp) == Lines{"sip BYE caller/0", "run call ended", "media delete call"});
  }
  SECTION("media tells nothing of the end: the call finishes all the same") {
    t.Do(BranchBye{"caller-id/0"});
    CHECK(t.Advance(absl::Seconds(3)) == Lines{"finished"});
    CHECK(t.Do(BranchBye{"caller-id/0"}) == Lines{});
  }
}

TEST_CASE("a caller who leaves the queue is withdrawn as abandoned") {
  CallTester t;
  t.ToQueue();
  SECTION("while waiting") {
    CHECK(t.Do(BranchBye{"caller-id/0"}) ==
          Lines{"router withdraw abandoned", "run call ended", "media delete call"});
  }
  SECTION("while the agent's phone rings") {
    t.Offer("o1", "agent1", 1);
    t.Ready("leg1");
    const Lines lines = t.Do(BranchBye{"caller-id/0"});
    CHECK(lines == Lines{"sip CANCEL leg1/0", "router withdraw abandoned", "run call ended",
                         "media delete call"});
  }
}

TEST_CASE("a caller who cancels before the answer is answered 487") {
  CallTester t;
  t.Invite(FakeEnvironment::Scenario("welcome"));
  CHECK(t.Do(BranchCancelled{"caller-id/0"}) ==
        Lines{"sip 487 caller/0", "run call ended", "media delete call"});
}

TEST_CASE("what becomes of an offer when the phone does not take it") {
  struct Row {
    int code;
    const char* told;
  };
  const Row rows[] = {{486, "declined"}, {603, "declined"}, {600, "declined"}, {408, "expired"},
                      {480, "expired"},  {404, "failed"},   {500, "failed"},   {503, "failed"}};
  for (const Row& row : rows) {
    CallTester t;
    t.ToQueue();
    t.Offer("o1", "agent1", 1);
    t.Ready("leg1");
    const Lines lines = t.Do(BranchFailed{t.Branch("leg1"), row.code, ""});
    INFO(row.code);
    CHECK(lines == Lines{"media delete leg1", std::string("router o1 ") + row.told});
    CHECK(t.state().queue.state == QueueState::kWaiting);
    // The next agent.
    CHECK(t.Offer("o2", "agent2", 2) == Lines{"media create leg2"});
  }
}

TEST_CASE("an offer that is not answered by its deadline expires") {
  CallTester t;
  t.ToQueue();
  t.Offer("o1", "agent1", 1, absl::Seconds(20));
  t.Ready("leg1");
  CHECK(t.Advance(absl::Seconds(19)) == Lines{});
  CHECK(t.Advance(absl::Seconds(1)) ==
        Lines{"sip CANCEL leg1/0", "media delete leg1", "router o1 expired"});
}

TEST_CASE("an agent without a registered phone fails the offer at once") {
  CallTester t;
  t.ToQueue();
  CHECK(t.Offer("o1", "agent3", 1) == Lines{"router o1 failed"});
  CHECK(t.state().queue.state == QueueState::kWaiting);
}

TEST_CASE("a revoked offer is cancelled, or hung up where it was answered") {
  CallTester t;
  t.ToQueue();
  t.Offer("o1", "agent1", 1);
  t.Ready("leg1");
  SECTION("ringing") {
    CHECK(t.Do(OfferRevoked{"o1"}) == Lines{"sip CANCEL leg1/0", "media delete leg1"});
    CHECK(t.Answered("leg1") == Lines{"sip BYE leg1/0"});
  }
  SECTION("answered") {
    t.Answered("leg1");
    CHECK(t.Do(OfferRevoked{"o1"}) == Lines{"sip BYE leg1/0", "media delete leg1"});
  }
  SECTION("another offer's revocation changes nothing") {
    CHECK(t.Do(OfferRevoked{"o9"}) == Lines{});
  }
  CHECK((t.state().queue.state == QueueState::kWaiting || t.state().queue.offer_id == "o1"));
}

TEST_CASE("an older token never displaces a newer offer") {
  CallTester t;
  t.ToQueue();
  t.Offer("o2", "agent1", 5);
  CHECK(t.Offer("o1", "agent2", 4) == Lines{});
  CHECK(t.Offer("o3", "agent2", 6) == Lines{"media delete leg1", "media create leg2"});
}

TEST_CASE("all contacts ring, the first answer wins, the others are cancelled") {
  CallTester t;
  t.ToQueue();
  t.Offer("o1", "agent2", 1);
  CHECK(t.Ready("leg1") == Lines{"sip INVITE leg1/0 to sip:102@phone2a from 79161112233 sdp",
                                 "sip INVITE leg1/1 to sip:102@phone2b from 79161112233 sdp"});
  CHECK(t.Do(BranchFailed{t.Branch("leg1", 0), 408, ""}) == Lines{});
  CHECK(t.Answered("leg1", 1) == Lines{"media update leg1 10.0.0.2:5000", "router o1 answered"});
  CHECK(t.Answered("leg1", 0) == Lines{"sip BYE leg1/0"});
}

TEST_CASE("an answered agent without the router's word is let go after ten seconds") {
  CallTester t;
  t.ToQueue();
  t.Offer("o1", "agent1", 1);
  t.Ready("leg1");
  t.Answered("leg1");
  CHECK(t.Advance(absl::Seconds(10)) ==
        Lines{"router o1 failed", "sip BYE leg1/0", "media delete leg1"});
}

TEST_CASE("a call that nobody can serve is refused politely") {
  CallTester t;
  SECTION("unknown number") {
    CHECK(t.Invite(DialTarget{}) == Lines{"sip 100 caller/0", "sip 404 caller/0", "finished"});
  }
  SECTION("no media node") {
    t.env.media.clear();
    CHECK(t.Invite(FakeEnvironment::Scenario("s")) ==
          Lines{"sip 100 caller/0", "sip 503 caller/0", "finished"});
  }
  SECTION("no scenario replica for twenty seconds") {
    t.env.scenario.clear();
    CHECK(t.Invite(FakeEnvironment::Scenario("s")) ==
          Lines{"sip 100 caller/0", "media create caller"});
    CHECK(t.Advance(absl::Seconds(20)) == Lines{"sip 503 caller/0", "media delete call"});
  }
  SECTION("a scenario replica appears in time") {
    t.env.scenario.clear();
    t.Invite(FakeEnvironment::Scenario("s"));
    t.env.scenario = "scenario-1";
    CHECK(t.Do(RunReplicaUp{}) == Lines{"run start at scenario-1"});
  }
}

TEST_CASE("an INVITE without SDP gets our offer, the answer comes in the ACK") {
  CallTester t;
  InviteReceived in;
  in.branch_id = "caller-id/0";
  in.leg_id = "caller-id";
  in.target = FakeEnvironment::Scenario("welcome");
  t.Do(in);
  t.Do(EndpointReady{"caller-id", "127.0.0.1", 20000});
  t.Run(Kind::kAnswer);
  CHECK(t.Do(BranchAcked{"caller-id/0", CallTester::Remote(), ""}).size() == 1);
  CHECK(t.state().legs[0].remote.known());
}

}  // namespace zvon::signaling
