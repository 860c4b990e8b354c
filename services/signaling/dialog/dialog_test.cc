#include "services/signaling/dialog/dialog.h"

#include "services/signaling/dialog/dialog_testing.h"

namespace zvon::sip {
namespace {

const Flow kFlow{Protocol::kUdp, *SocketAddress::Parse("192.0.2.7:5060")};
const std::string kContact = "Contact: <sip:anna@192.0.2.7:5062>\r\n";

Dialog Accepted(const std::string& more = kContact) {
  return Dialog::Accept(PeerRequest("INVITE", 10, more), "ours", "<sip:zvon@192.0.2.1>", kFlow);
}

OutRequest OurInvite() {
  OutRequest r;
  r.method = "INVITE";
  r.uri = "sip:101@192.0.2.9";
  r.from = "<sip:1000@zvon>;tag=ours";
  r.to = "<sip:101@zvon>";
  r.call_id = "c2";
  r.cseq = 5;
  return r;
}

TEST_CASE("A UAS dialog sends its requests back along the recorded route") {
  Dialog d = Accepted(kContact + "Record-Route: <sip:p1;lr>, <sip:p2;lr>\r\n");
  CHECK(d.id() == DialogId{"c1", "ours", "theirs"});
  CHECK(d.state() == Dialog::State::kEarly);
  d.Confirm();
  const OutRequest bye = d.NewRequest(Method::kBye);
  CHECK(bye.uri == "sip:anna@192.0.2.7:5062");
  CHECK(bye.routes == std::vector<std::string>{"<sip:p1;lr>", "<sip:p2;lr>"});
  CHECK(bye.from == "<sip:1000@zvon>;tag=ours");
  CHECK(bye.to == "\"Anna\" <sip:anna@example.com>;tag=theirs");
  CHECK(bye.cseq == 1);
  CHECK(bye.contact.empty());
  CHECK(d.NextHop() == "sip:p1;lr");
  CHECK(d.NewRequest(Method::kInvite).contact == "<sip:zvon@192.0.2.1>");
}

TEST_CASE("A UAC dialog reverses the route and keeps its CSeq for the ACK") {
  auto d = Dialog::Start(OurInvite(),
                         PeerResponse(200, "5 INVITE",
                                      "Contact: <sip:101@10.1.1.1>\r\nRecord-Route: <sip:p1;lr>\r\n"
                                      "Record-Route: <sip:p2;lr>\r\n"),
                         "<sip:zvon@192.0.2.1>", kFlow);
  REQUIRE(d.ok());
  CHECK(d->state() == Dialog::State::kConfirmed);
  const OutRequest ack = d->NewAck(5);
  CHECK(ack.method == "ACK");
  CHECK(ack.cseq == 5);
  CHECK(ack.routes == std::vector<std::string>{"<sip:p2;lr>", "<sip:p1;lr>"});
  CHECK(ack.to == "<sip:101@zvon>;tag=theirs");
  CHECK(d->NewRequest(Method::kBye).cseq == 6);
}

TEST_CASE("A strict router becomes the Request-URI") {
  Dialog d = Accepted(kContact + "Record-Route: <sip:strict@p1>, <sip:p2;lr>\r\n");
  const OutRequest bye = d.NewRequest(Method::kBye);
  CHECK(bye.uri == "sip:strict@p1");
  CHECK(bye.routes == std::vector<std::string>{"<sip:p2;lr>", "<sip:anna@192.0.2.7:5062>"});
}

TEST_CASE("No dialog starts without a tag, nor from a 2xx without Contact") {
  CHECK_FALSE(Dialog::Start(OurInvite(), PeerResponse(180, "5 INVITE", "", ""), "", kFlow).ok());
  CHECK_FALSE(Dialog::Start(OurInvite(), PeerResponse(200, "5 INVITE"), "", kFlow).ok());
  const auto early = Dialog::Start(OurInvite(), PeerResponse(183, "5 INVITE"), "", kFlow);
  REQUIRE(early.ok());
  CHECK(early->state() == Dialog::State::kEarly);
  CHECK(early->remote_target() == "sip:101@192.0.2.9");
}

TEST_CASE("An old CSeq is refused by 500 and changes nothing") {
  Dialog d = Accepted();
  CHECK(d.ReceiveRequest(PeerRequest("UPDATE", 12, "Contact: <sip:new@192.0.2.8>\r\n", "ours")) ==
        0);
  CHECK(d.remote_target() == "sip:new@192.0.2.8");
  CHECK(d.ReceiveRequest(PeerRequest("UPDATE", 12, "Contact: <sip:old@192.0.2.8>\r\n", "ours")) ==
        500);
  CHECK(d.ReceiveRequest(PeerRequest("BYE", 11, "", "ours")) == 500);
  CHECK(d.remote_target() == "sip:new@192.0.2.8");
  CHECK(d.state() == Dialog::State::kEarly);
  CHECK(d.ReceiveRequest(PeerRequest("ACK", 10, "", "ours")) == 0);
  CHECK(d.ReceiveRequest(PeerRequest("INFO", 20, "Contact: <sip:no@192.0.2.8>\r\n", "ours")) == 0);
  CHECK(d.remote_target() == "sip:new@192.0.2.8");
  CHECK(d.ReceiveRequest(PeerRequest("BYE", 21, "", "ours")) == 0);
  CHECK(d.state() == Dialog::State::kTerminated);
}

TEST_CASE("Responses refresh the target and may end the dialog") {
  Dialog d = Accepted();
  d.ReceiveResponse(PeerResponse(200, "1 UPDATE", "Contact: <sip:moved@192.0.2.8>\r\n"));
  CHECK(d.remote_target() == "sip:moved@192.0.2.8");
  d.ReceiveResponse(PeerResponse(491, "2 INVITE"));
  CHECK(d.state() != Dialog::State::kTerminated);
  d.ReceiveResponse(PeerResponse(481, "3 INFO"));
  CHECK(d.state() == Dialog::State::kTerminated);
}

TEST_CASE("A dialog continues elsewhere from its snapshot") {
  Dialog d = Accepted(kContact + "Record-Route: <sip:p1;lr>, \"p,2\" <sip:p2;lr>\r\n");
  d.Confirm();
  d.NewRequest(Method::kInvite);
  const std::string snapshot = d.Serialize();
  auto restored = Dialog::Restore(snapshot);
  REQUIRE(restored.ok());
  CHECK(*restored == d);
  CHECK(restored->NewRequest(Method::kBye).cseq == 2);
  for (size_t size = 0; size < snapshot.size(); ++size)
    CHECK_FALSE(Dialog::Restore(snapshot.substr(0, size)).ok());
}

TEST_CASE("Requests go over the stream, or back to a NAT, else to the contact") {
  CHECK_FALSE(Accepted().destination().flow.has_value());
  CHECK(Accepted("Contact: <sip:anna@10.0.0.5>\r\n").destination().flow == kFlow);
  CHECK_FALSE(Accepted("Contact: <sip:anna@10.0.0.5>\r\nRecord-Route: <sip:p;lr>\r\n")
                  .destination()
                  .flow.has_value());
  CHECK_FALSE(Accepted("Contact: <sip:anna@203.0.113.5>\r\n").destination().flow.has_value());
  const Flow tcp{Protocol::kTcp, *SocketAddress::Parse("192.0.2.7:40000"), 1, 9};
  const Dialog d = Dialog::Accept(PeerRequest("INVITE", 1, kContact), "ours", "", tcp);
  CHECK(d.destination().flow == tcp);
  CHECK(d.destination().uri == "sip:anna@192.0.2.7:5062");
}

}  // namespace
}  // namespace zvon::sip
