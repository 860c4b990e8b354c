#include "services/signaling/transaction/server_transaction.h"

#include "services/signaling/transaction/transaction_testing.h"

namespace zvon::sip {
namespace {

TEST_CASE("An INVITE's retransmissions get the last provisional response") {
  LayerDriver d;
  const ServerId id = d.Arrive(RequestText().Read());
  d.Receive(RequestText().Read());
  CHECK(d.Take<RequestArrived>().empty());
  CHECK(d.TakeSent().empty());
  d.Respond(id, {.code = 100});
  d.Respond(id, {.code = 180});
  CHECK(d.TakeSent() == Sent{"100", "180"});
  d.Receive(RequestText().Read());
  CHECK(d.TakeSent() == Sent{"180"});
}

TEST_CASE("100 goes by itself after 200 ms and only then") {
  LayerDriver d;
  d.Arrive(RequestText().Read());
  d.Advance(absl::Milliseconds(199));
  CHECK(d.TakeSent().empty());
  d.Advance(absl::Milliseconds(2));
  CHECK(d.TakeSent() == Sent{"100"});
}

TEST_CASE("A refused INVITE repeats its response on UDP until ACK") {
  LayerDriver d;
  const ServerId id = d.Arrive(RequestText().Read());
  d.Respond(id, {.code = 486});
  d.Advance(absl::Milliseconds(500 + 1000 + 2000));
  CHECK(d.TakeSent() == Sent{"486", "486", "486", "486"});
  d.Receive(RequestText{.method = "ACK", .to_tag = "x"}.Read());
  CHECK(d.Take<AckArrived>().empty());
  d.Advance(absl::Seconds(4));
  CHECK(d.TakeSent().empty());
  CHECK(d.layer.server_count() == 1);
  d.Advance(absl::Seconds(1));
  CHECK(d.layer.server_count() == 0);
  CHECK(d.Take<ServerEnded>().size() == 1);
}

TEST_CASE("A refused INVITE without ACK ends after 64*T1") {
  LayerDriver d;
  d.Respond(d.Arrive(RequestText().Read()), {.code = 486});
  d.Advance(absl::Seconds(33));
  CHECK(d.TakeSent().size() == 11);
  CHECK(d.layer.server_count() == 0);
}

TEST_CASE("Over a stream a refusal is sent once") {
  LayerDriver d;
  d.Respond(d.Arrive(RequestText().Read(), kTcpPeer), {.code = 486});
  d.Advance(absl::Seconds(10));
  CHECK(d.TakeSent() == Sent{"486"});
}

TEST_CASE("A 2xx is repeated over any transport until its ACK, which is reported once") {
  for (const Flow& flow : {kUdpPeer, kTcpPeer}) {
    LayerDriver d;
    const ServerId id = d.Arrive(RequestText().Read(), flow);
    d.Respond(id, {.code = 200, .to_tag = "t"});
    d.Receive(RequestText().Read(), flow);
    d.Advance(absl::Milliseconds(1600));
    CHECK(d.TakeSent() == Sent{"200", "200", "200"});
    const Message ack =
        RequestText{.method = "ACK", .branch = "z9hG4bKother", .to_tag = "t"}.Read();
    d.Receive(ack, flow);
    d.Receive(ack, flow);
    const auto acks = d.Take<AckArrived>();
    REQUIRE(acks.size() == 1);
    CHECK(acks[0].invite == id);
    d.Advance(absl::Seconds(40));
    CHECK(d.TakeSent().empty());
    CHECK(d.Take<AckMissing>().empty());
    CHECK(d.layer.server_count() == 0);
  }
}

TEST_CASE("A 2xx that is never acknowledged is reported") {
  LayerDriver d;
  const ServerId id = d.Arrive(RequestText().Read());
  d.Respond(id, {.code = 200});
  d.Advance(absl::Seconds(32));
  const auto missing = d.Take<AckMissing>();
  REQUIRE(missing.size() == 1);
  CHECK(missing[0].invite == id);
}

TEST_CASE("An ACK that belongs to nothing here is passed on with no id") {
  LayerDriver d;
  d.Receive(RequestText{.method = "ACK", .to_tag = "t"}.Read());
  const auto acks = d.Take<AckArrived>();
  REQUIRE(acks.size() == 1);
  CHECK(acks[0].invite == 0);
  CHECK(d.TakeSent().empty());
}

TEST_CASE("CANCEL gets 200 and reaches the user while the INVITE is open") {
  LayerDriver d;
  const ServerId id = d.Arrive(RequestText().Read());
  d.Respond(id, {.code = 180});
  d.TakeSent();
  d.Receive(RequestText{.method = "CANCEL"}.Read());
  CHECK(d.TakeSent() == Sent{"200"});
  const auto cancels = d.Take<CancelArrived>();
  REQUIRE(cancels.size() == 1);
  CHECK(cancels[0].invite == id);
  d.Receive(RequestText{.method = "CANCEL"}.Read());
  CHECK(d.TakeSent() == Sent{"200"});
  CHECK(d.Take<CancelArrived>().empty());
  d.Respond(id, {.code = 487});
  CHECK(d.TakeSent() == Sent{"487"});
}

TEST_CASE("CANCEL after the final response changes nothing; without INVITE it is 481") {
  LayerDriver d;
  d.Respond(d.Arrive(RequestText().Read()), {.code = 200});
  d.TakeSent();
  d.Receive(RequestText{.method = "CANCEL"}.Read());
  CHECK(d.TakeSent() == Sent{"200"});
  CHECK(d.Take<CancelArrived>().empty());
  d.Receive(RequestText{.method = "CANCEL", .branch = "z9hG4bKnone"}.Read());
  CHECK(d.TakeSent() == Sent{"481"});
}

TEST_CASE("A non-INVITE answers its retransmissions for Timer J") {
  LayerDriver d;
  const Message options = RequestText{.method = "OPTIONS"}.Read();
  const ServerId id = d.Arrive(options);
  d.Respond(id, {.code = 180});  // RFC 4320: not for a non-INVITE.
  CHECK(d.TakeSent().empty());
  d.Respond(id, {.code = 200});
  d.Respond(id, {.code = 500});
  d.Advance(absl::Seconds(31));
  d.Receive(options);
  CHECK(d.TakeSent() == Sent{"200", "200"});
  d.Advance(absl::Seconds(2));
  CHECK(d.layer.server_count() == 0);
}

TEST_CASE("A non-INVITE that nobody answers is forgotten without a 408") {
  LayerDriver d;
  d.Arrive(RequestText{.method = "OPTIONS"}.Read());
  d.Advance(absl::Seconds(33));
  CHECK(d.TakeSent().empty());
  CHECK(d.Take<ServerEnded>().size() == 1);
}

TEST_CASE("All responses of a transaction carry one To tag; 100 none") {
  LayerDriver d;
  const ServerId id = d.Arrive(RequestText().Read());
  d.Respond(id, {.code = 100});
  d.Respond(id, {.code = 180});
  d.Respond(id, {.code = 200});
  const auto sent = d.Take<SendBytes>();
  REQUIRE(sent.size() == 3);
  CHECK(ReadMessage(sent[0].bytes).to().tag.empty());
  const Message ringing = ReadMessage(sent[1].bytes);
  CHECK_FALSE(ringing.to().tag.empty());
  CHECK(ReadMessage(sent[2].bytes).to().tag == ringing.to().tag);
}

TEST_CASE("Responses go to the source with rport, else to the port of Via") {
  LayerDriver d;
  d.Respond(d.Arrive(RequestText().Read()), {.code = 100});
  CHECK(d.Take<SendBytes>()[0].flow.peer.ToString() == "192.0.2.7:5062");
  Flow nat = kUdpPeer;
  nat.peer = nat.peer.WithPort(40000);
  d.Respond(d.Arrive(RequestText{.branch = "z9hG4bKb2", .cseq = 2}.Read(), nat), {.code = 100});
  CHECK(d.Take<SendBytes>()[0].flow.peer.port() == 40000);
  d.Respond(d.Arrive(RequestText{.branch = "z9hG4bKb3", .cseq = 3, .via_params = ""}.Read(), nat),
            {.code = 100});
  CHECK(d.Take<SendBytes>()[0].flow.peer.port() == 5062);
}

TEST_CASE("The same INVITE by two paths is a loop") {
  LayerDriver d;
  d.Arrive(RequestText().Read());
  d.Receive(RequestText{.branch = "z9hG4bKpath2"}.Read());
  CHECK(d.Take<RequestArrived>().empty());
  CHECK(d.TakeSent() == Sent{"482"});
}

TEST_CASE("A full table refuses politely") {
  TransactionLayer::Options options;
  options.server_max = 1;
  LayerDriver d(options);
  d.Arrive(RequestText().Read());
  d.Receive(RequestText{.method = "OPTIONS", .branch = "z9hG4bKo"}.Read());
  const auto sent = d.Take<SendBytes>();
  REQUIRE(sent.size() == 1);
  const Message busy = ReadMessage(sent[0].bytes);
  CHECK(busy.status() == 503);
  CHECK(busy.retry_after() == 5u);
}

TEST_CASE("A stranger is refused once per request, always with the same tag") {
  LayerDriver d;
  std::vector<std::string> tags;
  for (int i = 0; i < 2; ++i) {
    const ServerId id = d.Arrive(RequestText().Read());
    d.layer.RespondOnce(id, {.code = 401}, d.now, d.effects);
    const auto sent = d.Take<SendBytes>();
    REQUIRE(sent.size() == 1);
    tags.push_back(std::string(ReadMessage(sent[0].bytes).to().tag));
    CHECK(d.layer.server_count() == 0);
  }
  CHECK(tags[0] == tags[1]);
  CHECK_FALSE(tags[0].empty());
  d.Advance(absl::Seconds(40));
  CHECK(d.TakeSent().empty());
}

TEST_CASE("RFC 2543 requests without a branch are matched by their fields") {
  LayerDriver d;
  const std::string head =
      " sip:1000@zvon SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1\r\nFrom: <sip:a@b>;tag=f\r\n";
  const Message invite =
      ReadMessage("INVITE" + head + "To: <sip:1000@zvon>\r\nCall-ID: o\r\nCSeq: 1 INVITE\r\n\r\n");
  const ServerId id = d.Arrive(invite);
  d.Receive(invite);
  CHECK(d.Take<RequestArrived>().empty());
  d.Respond(id, {.code = 404});
  d.Receive(
      ReadMessage("ACK" + head + "To: <sip:1000@zvon>;tag=z\r\nCall-ID: o\r\nCSeq: 1 ACK\r\n\r\n"));
  d.TakeSent();
  d.Advance(absl::Seconds(6));
  CHECK(d.TakeSent().empty());
  CHECK(d.layer.server_count() == 0);
}

}  // namespace
}  // namespace zvon::sip
