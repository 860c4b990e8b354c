// SipEndpoint over real sockets on loopback.

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>

#include "services/signaling/transaction/endpoint_testing.h"
#include "services/signaling/transport/socket.h"

namespace zvon::sip {
namespace {

void AnswerOptions(Peer& peer) {
  peer.handler.on_request = [&peer](ServerId id, const Message& request, const Flow&) {
    peer.endpoint->Respond(id, {.code = request.method() == Method::kOptions ? 200 : 404});
  };
}

// A plain client socket; `type` SOCK_DGRAM or SOCK_STREAM.
struct PlainClient {
  PlainClient(int type, const SocketAddress& to) : fd(socket(AF_INET, type | SOCK_CLOEXEC, 0)) {
    sockaddr_storage storage;
    const socklen_t size = ToSockaddr(to, false, storage);
    REQUIRE(connect(fd.get(), reinterpret_cast<sockaddr*>(&storage), size) == 0);
    const timeval limit{5, 0};
    setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }
  void Send(std::string_view bytes) {
    REQUIRE(send(fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(bytes.size()));
  }
  // Empty: nothing came in time, or the peer closed.
  std::string Read() {
    std::array<char, 65536> buffer;
    const ssize_t n = recv(fd.get(), buffer.data(), buffer.size(), 0);
    return n > 0 ? std::string(buffer.data(), static_cast<size_t>(n)) : std::string();
  }
  FileDescriptor fd;
};

std::string OptionsText(const std::string& branch, const std::string& transport,
                        const std::string& more = "") {
  return "OPTIONS sip:zvon SIP/2.0\r\nVia: SIP/2.0/" + transport +
         " 127.0.0.1:1;rport;branch=z9hG4bK" + branch +
         "\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:zvon>\r\nCall-ID: " + branch +
         "\r\nCSeq: 1 OPTIONS\r\n" + more + "Content-Length: 0\r\n\r\n";
}

TEST_CASE("OPTIONS over UDP and TCP gets 200") {
  Peer server;
  AnswerOptions(server);
  PlainClient udp(SOCK_DGRAM, server.Address(0));
  udp.Send(OptionsText("u", "UDP"));
  CHECK(udp.Read().substr(0, 14) == "SIP/2.0 200 OK");
  PlainClient tcp(SOCK_STREAM, server.Address(1));
  tcp.Send(OptionsText("t1", "TCP") + OptionsText("t2", "TCP"));
  std::string got;
  while (got.find("Call-ID: t2") == std::string::npos) {
    const std::string more = tcp.Read();
    REQUIRE_FALSE(more.empty());
    got += more;
  }
  CHECK(got.find("Call-ID: t1") != std::string::npos);
  tcp.Send("\r\n\r\n");
  CHECK(tcp.Read() == "\r\n");
}

TEST_CASE("sipsak's OPTIONS gets 200") {
  if (std::system("command -v sipsak >/dev/null 2>&1") != 0) {
    WARN("sipsak is not installed: not checked");
    return;
  }
  Peer server;
  AnswerOptions(server);
  CHECK(std::system(("sipsak -s " + server.Uri() + " >/dev/null 2>&1").c_str()) == 0);
}

TEST_CASE("Malformed requests get 400, unknown methods 501, the process lives") {
  Peer server;
  AnswerOptions(server);
  PlainClient udp(SOCK_DGRAM, server.Address(0));
  udp.Send(OptionsText("m", "UDP", "CSeq: 2 OPTIONS\r\n"));
  CHECK(udp.Read().substr(0, 32) == "SIP/2.0 400 Several CSeq headers");
  udp.Send(
      "FLY sip:a SIP/2.0\r\nVia: SIP/2.0/UDP h;rport;branch=z9hG4bKf\r\nFrom: "
      "<sip:a@b>;tag=1\r\nTo: <sip:z>\r\n"
      "Call-ID: f\r\nCSeq: 1 FLY\r\n\r\n");
  CHECK(udp.Read().substr(0, 11) == "SIP/2.0 501");
  udp.Send(std::string(3000, '\xff'));
  udp.Send("\r\n\r\n");
  udp.Send(OptionsText("after", "UDP"));
  CHECK(udp.Read().substr(0, 11) == "SIP/2.0 200");
  CHECK(server.Stats().malformed == 2);
}

TEST_CASE("A stream whose framing is lost gets 400 and is closed") {
  Peer server;
  PlainClient tcp(SOCK_STREAM, server.Address(1));
  tcp.Send(
      "OPTIONS sip:zvon SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n"
      "To: <sip:zvon>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\n\r\n");
  CHECK(tcp.Read().substr(0, 34) == "SIP/2.0 400 Missing Content-Length");
  CHECK(tcp.Read().empty());
  CHECK(server.handler.Saw("closed"));
}

TEST_CASE("Half-sent messages are reaped; too many connections are refused") {
  SipEndpoint::Options options = Peer::OptionsFor({Protocol::kTcp});
  options.half_message_max = absl::Milliseconds(300);
  options.connections_per_source_max = 3;
  Peer server(options);
  PlainClient half(SOCK_STREAM, server.Address());
  half.Send("OPTIONS sip:zvon SIP/2.0\r\nVia: ");
  CHECK(half.Read().empty());  // Closed by the reaper, well before the 5 s of the socket.
  CHECK(server.handler.Saw("closed"));
  PlainClient a(SOCK_STREAM, server.Address()), b(SOCK_STREAM, server.Address()),
      c(SOCK_STREAM, server.Address()), d(SOCK_STREAM, server.Address());
  CHECK(d.Read().empty());
  CHECK(server.Stats().connections == 3);
}

TEST_CASE("A source over its rate is not even parsed") {
  SipEndpoint::Options options = Peer::OptionsFor({Protocol::kUdp});
  options.admission.source_rate = 0.001;
  options.admission.source_burst = 2;
  Peer server(options);
  AnswerOptions(server);
  PlainClient udp(SOCK_DGRAM, server.Address());
  for (int i = 0; i < 5; ++i) udp.Send(OptionsText("a" + std::to_string(i), "UDP"));
  CHECK(udp.Read().substr(0, 11) == "SIP/2.0 200");
  CHECK(udp.Read().substr(0, 11) == "SIP/2.0 200");
  CHECK(server.Stats().received == 2);
}

// One whole call between two endpoints.
void MakeCall(Peer& caller, Peer& callee, const std::string& uri) {
  callee.handler.on_request = [&](ServerId id, const Message& request, const Flow& flow) {
    if (request.method() == Method::kInvite) {
      CHECK(request.contacts().size() == 1);
      callee.endpoint->Respond(id, {.code = 180, .to_tag = "callee"});
    }
    callee.endpoint->Respond(
        id,
        {.code = 200, .to_tag = "callee", .contact = callee.endpoint->ContactFor(flow, "callee")});
  };
  caller.loop.PostAndWait([&] {
    auto id = std::make_shared<ClientId>();
    const OutRequest invite = TestRequest("INVITE", uri, "call-" + uri);
    *id = caller.endpoint->Request(invite, {}, [&, id, invite](const Outcome& outcome) {
      caller.handler.Note(std::to_string(outcome.code));
      if (outcome.code != 200) return;
      OutRequest ack = invite;
      ack.method = "ACK";
      ack.to = outcome.response.to().raw;
      caller.endpoint->Ack(*id, ack, {.flow = outcome.flow});
      OutRequest bye = ack;
      bye.method = "BYE";
      bye.cseq = 2;
      caller.endpoint->Request(bye, {.flow = outcome.flow}, [&](const Outcome& end) {
        caller.handler.Note("BYE " + std::to_string(end.code));
      });
    });
  });
  CHECK(caller.handler.Saw("180"));
  CHECK(caller.handler.Saw("200"));
  CHECK(callee.handler.Saw("ACK"));
  CHECK(caller.handler.Saw("BYE 200"));
}

TEST_CASE("A call is made over UDP") {
  Peer caller, callee;
  MakeCall(caller, callee, callee.Uri());
}

TEST_CASE("A call is made over TCP on one connection") {
  Peer caller, callee;
  MakeCall(caller, callee, callee.Uri(1, ";transport=tcp"));
  CHECK(caller.Stats().connections == 1);
  CHECK(callee.Stats().connections == 1);
}

TEST_CASE("CANCEL ends a ringing call with 487") {
  Peer caller, callee;
  callee.handler.on_request = [&](ServerId id, const Message&, const Flow&) {
    callee.endpoint->Respond(id, {.code = 180, .to_tag = "t"});
  };
  callee.handler.on_cancel = [&](ServerId invite) {
    callee.endpoint->Respond(invite, {.code = 487});
  };
  caller.loop.PostAndWait([&] {
    auto id = std::make_shared<ClientId>();
    *id = caller.endpoint->Request(TestRequest("INVITE", callee.Uri(), "cancelled"), {},
                                   [&, id](const Outcome& o) {
                                     if (o.code == 180) caller.endpoint->Cancel(*id);
                                     caller.handler.Note(std::to_string(o.code));
                                   });
  });
  CHECK(callee.handler.Saw("CANCEL"));
  CHECK(caller.handler.Saw("487"));
}

// Several targets for a name, in order.
struct ListResolver final : Resolver {
  void Resolve(const UriView&, Handler handler) override { handler(targets); }
  absl::StatusOr<Targets> targets = absl::UnavailableError("no such host: nowhere");
};

TEST_CASE("The next target is tried when the first one cannot be reached or is busy") {
  Peer busy, good;
  busy.handler.on_request = [&](ServerId id, const Message&, const Flow&) {
    busy.endpoint->Respond(id, {.code = 503});
  };
  AnswerOptions(good);
  SocketAddress closed;
  {
    auto fd = BindSocket(SOCK_STREAM, *SocketAddress::Parse("127.0.0.1:0"));
    closed = BoundAddress(fd->get());
  }
  ListResolver resolver;
  resolver.targets = Targets{
      {Protocol::kTcp, closed}, {Protocol::kUdp, busy.Address()}, {Protocol::kUdp, good.Address()}};
  Peer caller;
  SipEndpoint::Options options = Peer::OptionsFor({Protocol::kUdp, Protocol::kTcp});
  std::unique_ptr<SipEndpoint> endpoint;
  ScriptedHandler handler;
  caller.loop.PostAndWait([&] {
    endpoint =
        std::make_unique<SipEndpoint>(options, caller.loop, SystemRandom(), handler, resolver);
    REQUIRE(endpoint->Start().ok());
    endpoint->Request(TestRequest("OPTIONS", "sip:x@name.example", "fail-over"), {},
                      [&](const Outcome& o) { handler.Note(std::to_string(o.code)); });
  });
  CHECK(handler.Saw("200"));
  CHECK(busy.handler.Saw("OPTIONS"));
  caller.loop.PostAndWait([&] {
    resolver.targets = absl::UnavailableError("no such host: nowhere");
    endpoint->Request(TestRequest("OPTIONS", "sip:x@nowhere", "none"), {}, [&](const Outcome& o) {
      handler.Note(std::to_string(o.code) + " " + o.reason);
    });
  });
  CHECK(handler.Saw("503 no such host: nowhere"));
  caller.loop.PostAndWait([&] { endpoint.reset(); });
}

TEST_CASE("A request whose connection is gone goes to the address instead") {
  Peer caller, callee;
  AnswerOptions(callee);
  const Flow gone{Protocol::kTcp, *SocketAddress::Parse("127.0.0.1:1"), 1, 4711};
  caller.loop.PostAndWait([&] {
    const auto note = [&](const char* name) {
      return
          [&caller, name](const Outcome& o) { caller.handler.Note(name + std::to_string(o.code)); };
    };
    caller.endpoint->Request(TestRequest("OPTIONS", callee.Uri(), "gone1"), {gone, callee.Uri()},
                             note("with "));
    caller.endpoint->Request(TestRequest("OPTIONS", callee.Uri(), "gone2"), {gone, ""},
                             note("without "));
  });
  CHECK(caller.handler.Saw("with 200"));
  CHECK(caller.handler.Saw("without 503"));
}

TEST_CASE("A draining endpoint refuses new requests politely") {
  Peer server;
  AnswerOptions(server);
  server.loop.PostAndWait([&] { server.endpoint->Drain(); });
  PlainClient udp(SOCK_DGRAM, server.Address(0));
  udp.Send(OptionsText("d", "UDP"));
  const std::string answer = udp.Read();
  CHECK(answer.substr(0, 11) == "SIP/2.0 503");
  CHECK(answer.find("Retry-After: 5\r\n") != std::string::npos);
}

TEST_CASE("Another endpoint continues a ringing INVITE from its snapshot") {
  Peer first, second, caller;
  std::string snapshot;
  first.handler.on_request = [&](ServerId id, const Message&, const Flow&) {
    first.endpoint->Respond(id, {.code = 180, .to_tag = "same"});
    first.handler.waiter.Update([&] { snapshot = first.endpoint->Snapshot(id); });
  };
  caller.loop.PostAndWait([&] {
    caller.endpoint->Request(
        TestRequest("INVITE", first.Uri(), "moved"), {}, [&](const Outcome& o) {
          caller.handler.Note(std::to_string(o.code) +
                              (o.response.is_set() ? " " + std::string(o.response.to().tag) : ""));
        });
  });
  CHECK(caller.handler.Saw("180 same"));
  REQUIRE(first.handler.waiter.Until([&] { return !snapshot.empty(); }));
  second.loop.PostAndWait([&] {
    const auto id = second.endpoint->Restore(snapshot);
    REQUIRE(id.ok());
    second.endpoint->Respond(*id, {.code = 486});
  });
  CHECK(caller.handler.Saw("486 same"));
}

TEST_CASE("An address in use is an error that names it") {
  Peer server;
  SipEndpoint::Options options = Peer::OptionsFor({});
  options.listen.push_back({Protocol::kUdp, server.Address(), "", 0});
  server.loop.PostAndWait([&] {
    ScriptedHandler handler;
    SipEndpoint second(options, server.loop, SystemRandom(), handler, server.numeric);
    const absl::Status status = second.Start();
    CHECK(status.message().find(absl::string_view(server.Address().ToString())) !=
          absl::string_view::npos);
  });
}

}  // namespace
}  // namespace zvon::sip
