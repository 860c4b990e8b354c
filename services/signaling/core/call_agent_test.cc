// What agents and their phones do in a talk; direct calls; calls they start.

#include <catch2/catch.hpp>

#include "services/signaling/core/call_test_kit.h"

namespace zvon::signaling {
namespace {
using Command = AgentCommand::Kind;
AgentCommand TransferTo(std::string number, std::string queue, std::string agent) {
  AgentCommand in;
  in.kind = Command::kBlindTransfer;
  in.agent_id = "agent1";
  in.request_id = "r";
  in.number = std::move(number);
  in.queue_id = std::move(queue);
  in.target_agent_id = std::move(agent);
  return in;
}
}  // namespace

TEST_CASE("hold from the desktop puts the customer on music, resume brings both together") {
  CallTester t;
  t.ToTalk();
  CHECK(t.Command(Command::kHold, "agent1") ==
        Lines{"media unbridge caller", "media play caller moh/one loop", "done r 0"});
  CHECK(t.facts.back() == "HoldStarted leg1");
  CHECK(t.Command(Command::kHold, "agent1") == Lines{"done r 0"});
  CHECK(t.Command(Command::kResume, "agent1") == Lines{"media bridge caller leg1", "done r 0"});
  CHECK(t.facts.back() == "HoldEnded leg1");
  CHECK(t.Command(Command::kHold, "agent2") == Lines{"done r 5"});
}

TEST_CASE("hold by the phone's re-INVITE is the same state") {
  CallTester t;
  t.ToTalk();
  CHECK(t.Do(BranchOffer{t.Branch("leg1"),
                         CallTester::Remote("10.0.0.2", 5000, Direction::kRecvOnly), ""}) ==
        Lines{"media update leg1 10.0.0.2:5000", "sip offer 200 leg1/0 sdp=recvonly",
              "media unbridge caller", "media play caller moh/one loop"});
  CHECK(t.state().FindLeg(t.Leg("leg1"))->held());
  CHECK(t.Do(BranchOffer{t.Branch("leg1"), CallTester::Remote("10.0.0.2", 5000), ""}) ==
        Lines{"media update leg1 10.0.0.2:5000", "sip offer 200 leg1/0 sdp",
              "media bridge caller leg1"});
}

TEST_CASE("a call held when it ends has its hold ended too") {
  CallTester t;
  t.ToTalk();
  t.Command(Command::kHold, "agent1");
  t.Do(BranchBye{"caller-id/0"});
  int started = 0, ended = 0;
  for (const std::string& fact : t.facts) {
    started += fact.rfind("HoldStarted", 0) == 0;
    ended += fact.rfind("HoldEnded", 0) == 0;
  }
  CHECK(started == 1);
  CHECK(ended == 1);
}

TEST_CASE("blind transfer") {
  CallTester t;
  t.ToTalk();
  const absl::Time first = t.state().queue.enqueue_time;
  t.env.now += absl::Seconds(60);
  SECTION("to a queue keeps the first enqueue time and plays music") {
    CHECK(t.Do(TransferTo("", "support", "")) ==
          Lines{"done r 0", "media stop recording", "router assignment ended agent1 transferred",
                "sip BYE leg1/0", "media delete leg1", "media play caller moh/one loop",
                "router enqueue"});
    CHECK(t.state().queue.enqueue_time == first);
    CHECK(t.state().queue.queue_id == "support");
    CHECK(t.Do(QueuePositionTold{1}) == Lines{});  // The run does not know.
    t.Offer("o2", "agent2", 2);
    t.Ready("leg2");
    t.Answered("leg2");
    CHECK(t.Do(AgentAssigned{"o2", "agent2"}) ==
          Lines{"media bridge caller leg2", "media record caller leg2"});
    CHECK(t.Do(BranchBye{t.Branch("leg2")}).back() == "run queue talk ended");
  }
  SECTION("to an agent rings that phone") {
    CHECK(t.Do(TransferTo("", "", "agent2")).back() == "media create leg2");
    t.Ready("leg2");
    CHECK(t.Answered("leg2", 1) == Lines{"sip CANCEL leg2/0", "media update leg2 10.0.0.2:5000",
                                         "media bridge caller leg2", "media record caller leg2"});
    CHECK(t.facts.back() == "CallTransferred yes");
  }
  SECTION("to a number outside goes by trunks, one after another") {
    t.Do(TransferTo("74951234567", "", ""));
    CHECK(t.Ready("leg2") == Lines{"sip INVITE leg2/0 to sip:out@gw1 from 79161112233 sdp"});
    CHECK(t.Do(BranchFailed{t.Branch("leg2"), 503, ""}) ==
          Lines{"sip INVITE leg2/1 to sip:out@gw2 from 79161112233 sdp"});
    CHECK(t.Do(BranchFailed{t.Branch("leg2", 1), 486, ""}) ==
          Lines{"media delete leg2", "media play caller ru/sorry"});
    CHECK(t.facts.end()[-1] == "CallTransferred no");
    CHECK(t.Do(PlayFinished{"caller-id", t.state().playing.play_id, false, false, false}).front() ==
          "sip BYE caller/0");
  }
  SECTION("to a number that nobody has changes nothing") {
    CHECK(t.Do(TransferTo("999", "", "")) == Lines{"done r 5"});
    CHECK(t.Do(TransferTo("103", "", "")) == Lines{"done r 14"});
    CHECK(t.Do(TransferTo("1000", "", "")) == Lines{"done r 9"});
    CHECK(t.Do(TransferTo("", "", "agent1")) == Lines{"done r 3"});
    CHECK(t.state().FindLeg(t.Leg("leg1"))->answered());
  }
  SECTION("by the phone's REFER") {
    CHECK(t.Do(BranchRefer{t.Branch("leg1"), "102"}) ==
          Lines{"sip refer 202 leg1/0", "sip NOTIFY refer 200 leg1/0", "media stop recording",
                "router assignment ended agent1 transferred", "sip BYE leg1/0", "media delete leg1",
                "media play caller ringback loop", "media create leg2"});
  }
  SECTION("a customer may not send the call elsewhere") {
    CHECK(t.Do(BranchRefer{"caller-id/0", "102"}) == Lines{"sip refer 603 caller/0"});
  }
}

TEST_CASE("the customer who hangs up during a transfer ends the ringing") {
  CallTester t;
  t.ToTalk();
  t.Do(TransferTo("", "", "agent2"));
  t.Ready("leg2");
  CHECK(t.Do(BranchBye{"caller-id/0"}) ==
        Lines{"sip CANCEL leg2/0", "sip CANCEL leg2/1", "run call ended", "media delete call"});
}

TEST_CASE("a colleague is rung directly") {
  CallTester t;
  CHECK(t.Invite(FakeEnvironment::User("agent2"), LegKind::kOther, "agent1") ==
        Lines{"sip 100 caller/0", "media create caller", "media create leg1"});
  t.Ready("caller");
  CHECK(t.Ready("leg1").size() == 2);
  CHECK(t.Do(BranchProgress{t.Branch("leg1"), 180, {}, ""}) == Lines{"sip 180 caller/0"});
  SECTION("and answers") {
    CHECK(t.Answered("leg1") == Lines{"sip CANCEL leg1/1", "media update leg1 10.0.0.2:5000",
                                      "sip 200 caller/0 sdp", "media bridge caller leg1",
                                      "media record caller leg1"});
    CHECK(t.Do(BranchBye{t.Branch("leg1")}).back() == "media delete call");
  }
  SECTION("and is busy on one phone, declines on the other") {
    CHECK(t.Do(BranchFailed{t.Branch("leg1", 0), 486, ""}) == Lines{});
    CHECK(t.Do(BranchFailed{t.Branch("leg1", 1), 603, ""}) ==
          Lines{"sip 603 caller/0", "media delete call"});
  }
  SECTION("and does not answer for a minute") {
    CHECK(t.Advance(absl::Seconds(60)) ==
          Lines{"sip CANCEL leg1/0", "sip CANCEL leg1/1", "sip 408 caller/0", "media delete call"});
  }
}

TEST_CASE("a call from trunk to trunk past the media") {
  CallTester t;
  CHECK(
      t.Invite(FakeEnvironment::Trunks({"gw1", "gw2"}, true)) ==
      Lines{"sip 100 caller/0", "sip INVITE leg1/0 to sip:out@gw1 from 79161112233 sdp=verbatim"});
  CHECK(t.Do(BranchProgress{t.Branch("leg1"), 183, CallTester::Remote(), "v=0 early"}) ==
        Lines{"sip 183 caller/0 sdp=verbatim"});
  SECTION("answered, re-offered, ended") {
    CHECK(t.Answered("leg1") == Lines{"sip 200 caller/0 sdp=verbatim"});
    CHECK(t.Do(BranchOffer{"caller-id/0", CallTester::Remote(), "v=0 new"}) ==
          Lines{"sip re-INVITE leg1/0 sdp=verbatim"});
    CHECK(t.Do(ReinviteDone{t.Branch("leg1"), 200, {}, "v=0 newer"}) ==
          Lines{"sip offer 200 caller/0 sdp=verbatim"});
    CHECK(t.Do(BranchBye{t.Branch("leg1")}) == Lines{"sip BYE caller/0", "finished"});
  }
  SECTION("the first trunk is out of order") {
    CHECK(t.Do(BranchFailed{t.Branch("leg1"), 503, ""}) ==
          Lines{"sip INVITE leg1/1 to sip:out@gw2 from 79161112233 sdp=verbatim"});
    CHECK(t.Do(BranchFailed{t.Branch("leg1", 1), 404, ""}) ==
          Lines{"sip 404 caller/0", "finished"});
  }
  SECTION("the caller gives up") {
    CHECK(t.Do(BranchCancelled{"caller-id/0"}) ==
          Lines{"sip 487 caller/0", "sip CANCEL leg1/0", "finished"});
  }
}

TEST_CASE("an agent starts a call: own phone first, then the number") {
  CallTester t;
  CHECK(t.Do(StartCallOrdered{"r", "agent1", "74951234567"}) == Lines{"media create leg0"});
  CHECK(t.Ready("leg0") == Lines{"sip INVITE leg0/0 to sip:101@phone1 from 74951234567 sdp"});
  CHECK(t.Answered("leg0") ==
        Lines{"media update leg0 10.0.0.2:5000", "done r 0", "media create leg1"});
  t.Ready("leg1");
  CHECK(t.Do(BranchProgress{t.Branch("leg1"), 180, {}, ""}) ==
        Lines{"media play leg0 ringback loop"});
  CHECK(t.Answered("leg1") == Lines{"media update leg1 10.0.0.2:5000", "media bridge leg1 leg0",
                                    "media record leg1 leg0"});
  CHECK(t.Do(BranchBye{t.Branch("leg0")}).back() == "media delete call");
}

TEST_CASE("digits by INFO and from the desktop go to the other side") {
  CallTester t;
  t.ToTalk();
  CHECK(t.Do(BranchDigit{t.Branch("leg1"), "5"}) == Lines{"media digits caller 5"});
  AgentCommand in;
  in.kind = Command::kSendDigits;
  in.agent_id = "agent1";
  in.request_id = "r";
  in.digits = "12#";
  CHECK(t.Do(in) == Lines{"media digits caller 12#", "done r 0"});
  in.digits = "x";
  CHECK(t.Do(in) == Lines{"done r 3"});
}

}  // namespace zvon::signaling
