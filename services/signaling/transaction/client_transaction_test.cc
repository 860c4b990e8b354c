#include "services/signaling/transaction/client_transaction.h"

#include "services/signaling/transaction/transaction_testing.h"

namespace zvon::sip {
namespace {

OutRequest Out(std::string_view method) {
  OutRequest r;
  r.method = method;
  r.uri = "sip:101@192.0.2.7";
  r.from = "<sip:1000@zvon>;tag=f";
  r.to = "<sip:101@zvon>";
  r.call_id = "c9";
  r.cseq = 5;
  return r;
}

// Sends a request and keeps what the peer saw.
struct Client : LayerDriver {
  ClientId Send(std::string_view method, const Flow& flow = kUdpPeer) {
    const ClientId id = layer.Request(Out(method), flow, "192.0.2.1:5060", now, effects);
    const auto sent = Take<SendBytes>();
    REQUIRE(sent.size() == 1);
    seen = ReadMessage(sent[0].bytes);
    return id;
  }
  void Answer(int code, std::string tag = "t") {
    Receive(ReadMessage(Serialize(OutResponse{.code = code, .to_tag = std::move(tag)}, seen, {})));
  }
  Message seen;
};

TEST_CASE("An INVITE repeats with Timer A and fails with Timer B") {
  Client c;
  const ClientId id = c.Send("INVITE");
  c.Advance(absl::Seconds(31.9));
  CHECK(c.TakeSent().size() == 6);  // 0.5, 1.5, 3.5, 7.5, 15.5, 31.5 s
  CHECK(c.Take<ClientFailed>().empty());
  c.Advance(absl::Seconds(0.2));
  const auto failed = c.Take<ClientFailed>();
  REQUIRE(failed.size() == 1);
  CHECK(failed[0].id == id);
  CHECK(failed[0].timeout);
  CHECK(c.layer.client_count() == 0);
}

TEST_CASE("A provisional response stops the repetition of an INVITE") {
  Client c;
  c.Send("INVITE");
  c.Answer(100);
  c.Advance(absl::Seconds(60));
  CHECK(c.TakeSent().empty());
  CHECK(c.Take<ResponseArrived>().size() == 1);
  c.Advance(absl::Minutes(5));
  CHECK(c.Take<ClientFailed>().size() == 1);
}

TEST_CASE("A refusal is acknowledged each time it comes and told once") {
  Client c;
  c.Send("INVITE");
  c.Answer(486);
  c.Answer(486);
  const auto sent = c.Take<SendBytes>();
  REQUIRE(sent.size() == 2);
  const Message ack = ReadMessage(sent[0].bytes);
  CHECK(ack.method() == Method::kAck);
  CHECK(ack.top_via().branch == c.seen.top_via().branch);
  CHECK(ack.to().tag == "t");
  CHECK(ack.cseq().number == 5);
  CHECK(c.Take<ResponseArrived>().size() == 1);
  c.Advance(absl::Seconds(33));
  CHECK(c.layer.client_count() == 0);
}

TEST_CASE("A repeated 2xx is acknowledged again without the user") {
  Client c;
  const ClientId id = c.Send("INVITE");
  c.Answer(200);
  CHECK(c.Take<ResponseArrived>().size() == 1);
  CHECK(c.TakeSent().empty());
  c.Answer(200);  // The user has not acknowledged yet.
  CHECK(c.TakeSent().empty());
  OutRequest ack = Out("ACK");
  ack.to = "<sip:101@zvon>;tag=t";
  c.layer.Ack(id, ack, kUdpPeer, "192.0.2.1:5060", c.now, c.effects);
  c.Answer(200);
  c.Answer(200);
  const auto acks = c.Take<SendBytes>();
  REQUIRE(acks.size() == 3);
  CHECK(acks[0].bytes == acks[2].bytes);
  CHECK(ReadMessage(acks[0].bytes).top_via().branch != c.seen.top_via().branch);
  CHECK(c.Take<ResponseArrived>().empty());
  c.Answer(200, "fork");
  CHECK(c.Take<ResponseArrived>().size() == 1);
}

TEST_CASE("CANCEL waits for a provisional response") {
  Client c;
  const ClientId id = c.Send("INVITE");
  c.layer.Cancel(id, c.now, c.effects);
  CHECK(c.TakeSent().empty());
  c.Answer(180);
  const auto sent = c.Take<SendBytes>();
  REQUIRE(sent.size() == 1);
  const Message cancel = ReadMessage(sent[0].bytes);
  CHECK(cancel.method() == Method::kCancel);
  CHECK(cancel.top_via().branch == c.seen.top_via().branch);
  CHECK(cancel.cseq().number == 5);
  c.layer.Cancel(id, c.now, c.effects);
  CHECK(c.TakeSent().empty());
  c.Receive(ReadMessage(Serialize(OutResponse{.code = 200, .to_tag = "t"}, cancel, {})));
  c.Take<ResponseArrived>();
  c.Answer(487);
  const auto told = c.Take<ResponseArrived>();
  REQUIRE(told.size() == 1);
  CHECK(told[0].response.status() == 487);
}

TEST_CASE("A cancelled INVITE whose peer is silent fails after 64*T1") {
  Client c;
  const ClientId id = c.Send("INVITE");
  c.Answer(180);
  c.layer.Cancel(id, c.now, c.effects);
  c.Advance(absl::Seconds(33));
  CHECK(c.Take<ClientFailed>().size() == 1);
  CHECK(c.layer.client_count() == 0);
}

TEST_CASE("A non-INVITE repeats with Timer E up to T2 and fails with Timer F") {
  Client c;
  c.Send("OPTIONS");
  c.Advance(absl::Seconds(31.9));
  CHECK(c.TakeSent().size() == 10);  // 0.5, 1.5, 3.5, then every 4 s
  c.Advance(absl::Seconds(1));
  CHECK(c.Take<ClientFailed>().size() == 1);
}

TEST_CASE("A non-INVITE goes on repeating at T2 after a provisional response") {
  Client c;
  c.Send("OPTIONS");
  c.Answer(100);
  c.Advance(absl::Seconds(9));
  CHECK(c.TakeSent().size() == 2);
  c.Answer(200);
  c.Answer(200);
  CHECK(c.Take<ResponseArrived>().size() == 2);
  c.Advance(absl::Seconds(6));
  CHECK(c.layer.client_count() == 0);
}

TEST_CASE("Over a stream nothing is repeated and nothing lingers") {
  Client c;
  c.Send("OPTIONS", kTcpPeer);
  c.Advance(absl::Seconds(5));
  CHECK(c.TakeSent().empty());
  c.Answer(200);
  c.Advance(absl::Milliseconds(1));
  CHECK(c.layer.client_count() == 0);
}

TEST_CASE("A failing transport fails the request at once") {
  Client c;
  const ClientId id = c.Send("INVITE");
  c.layer.SendFailed(0, id, c.now, c.effects);
  const auto failed = c.Take<ClientFailed>();
  REQUIRE(failed.size() == 1);
  CHECK_FALSE(failed[0].timeout);
}

TEST_CASE("Responses that match nothing, or have a Via too many, are dropped") {
  Client c;
  c.Send("INVITE");
  const Message other = RequestText{.branch = "z9hG4bKstray"}.Read();
  c.Receive(ReadMessage(Serialize(OutResponse{.code = 200, .to_tag = "x"}, other, {})));
  std::string two = Serialize(OutResponse{.code = 200, .to_tag = "x"}, c.seen, {});
  two.insert(two.find("From:"), "Via: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK1\r\n");
  c.Receive(ReadMessage(two));
  CHECK(c.Take<ResponseArrived>().empty());
  CHECK(c.TakeSent().empty());
}

}  // namespace
}  // namespace zvon::sip
