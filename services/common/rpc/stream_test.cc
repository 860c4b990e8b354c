// A StreamClient and a StreamServer over a real gRPC connection.

#include <atomic>
#include <catch2/catch.hpp>
#include <condition_variable>
#include <mutex>

#include "services/common/executor/loop.h"
#include "services/common/rpc/rpc_server.h"
#include "services/common/rpc/stream_client.h"
#include "services/common/rpc/stream_server.h"
#include "zvon/signalingservice/v1/signaling_service.grpc.pb.h"

namespace zvon {
namespace {

using signalingservice::v1::AgentCallEvent;
using signalingservice::v1::AgentCommand;
using signalingservice::v1::ControlCallsRequest;
using signalingservice::v1::ControlCallsResponse;
using signalingservice::v1::SignalingService;
using Client = StreamClient<ControlCallsRequest, ControlCallsResponse>;
using Server = StreamServer<ControlCallsRequest, ControlCallsResponse>;

// Waits for a condition that another thread makes true.
bool WaitFor(const std::function<bool()>& condition, absl::Duration limit = absl::Seconds(10)) {
  auto end = std::chrono::steady_clock::now() + absl::ToChronoMilliseconds(limit);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

AgentCommand Command(int i) {
  AgentCommand command;
  command.set_request_id(std::to_string(i));
  return command;
}

// A server process in small: its loop, its sessions, its port.
class Peer final : public SignalingService::CallbackService {
 public:
  explicit Peer(int port = 0, size_t queue_max = 100'000)
      : sessions_(loop_,
                  {.on_open =
                       [this](StreamSessionId id, const std::string&) {
                         last_ = id;
                         ++opened;
                       },
                   .on_close = [this](StreamSessionId) { ++closed; },
                   .on_item = [this](StreamSessionId id,
                                     const AgentCommand& command) { OnItem(id, command); }},
                  queue_max) {
    loop_.Start();
    auto server = RpcServer::Start("127.0.0.1:" + std::to_string(port), {}, {this});
    REQUIRE(server.ok());
    server_ = std::move(*server);
  }
  ~Peer() override { Stop(); }
  void Stop() {
    server_->Stop(absl::ZeroDuration());
    loop_.Stop();
  }
  int port() const { return server_->port(); }
  void Close() {
    loop_.PostAndWait([this] { sessions_.Close(last_); });
  }
  void SendMany(int count) {
    loop_.PostAndWait([this, count] {
      for (int i = 0; i < count; ++i) {
        AgentCallEvent event;
        event.mutable_result()->set_request_id(std::to_string(i));
        sent_ok = sessions_.Send(last_, event);
      }
    });
  }

  std::atomic<int> opened{0};
  std::atomic<int> closed{0};
  std::atomic<int> received{0};
  std::atomic<bool> in_order{true};
  std::atomic<bool> sent_ok{true};
  bool echo = true;

 private:
  grpc::ServerBidiReactor<ControlCallsRequest, ControlCallsResponse>* ControlCalls(
      grpc::CallbackServerContext* context) override {
    return sessions_.Accept(context);
  }
  void OnItem(StreamSessionId id, const AgentCommand& command) {
    if (command.request_id() != std::to_string(received)) in_order = false;
    ++received;
    if (!echo) return;
    AgentCallEvent event;
    event.mutable_result()->set_request_id(command.request_id());
    sessions_.Send(id, std::move(event));
  }

  SteadyClock clock_;
  Loop loop_{{.name = "peer"}, clock_};
  Server sessions_;
  StreamSessionId last_ = 0;
  std::unique_ptr<RpcServer> server_;
};

// A client process in small.
struct Caller {
  explicit Caller(int port)
      : stub(SignalingService::NewStub(MakeChannel("127.0.0.1:" + std::to_string(port), {}))) {
    loop.Start();
    loop.PostAndWait([this] {
      client = std::make_unique<Client>(
          loop,
          [this](grpc::ClientContext* c, Client::Reactor* r) { stub->async()->ControlCalls(c, r); },
          Client::Handlers{.on_up = [this] { ++up; },
                           .on_down = [this](const absl::Status&) { ++down; },
                           .on_item =
                               [this](const AgentCallEvent& event) {
                                 if (event.result().request_id() != std::to_string(answers)) {
                                   in_order = false;
                                 }
                                 ++answers;
                               },
                           .on_failed = [this](const absl::Status&) { ++failed; }},
          StreamClientOptions{.name = "peer", .queue_max = 5000});
      client->Start();
    });
  }
  ~Caller() {
    loop.PostAndWait([this] { client.reset(); });
    loop.Stop();
  }
  int Send(int count) {
    int taken = 0;
    loop.PostAndWait([&] {
      for (int i = 0; i < count; ++i) taken += client->Send(Command(i)) ? 1 : 0;
    });
    return taken;
  }

  std::atomic<int> up{0};
  std::atomic<int> down{0};
  std::atomic<int> failed{0};
  std::atomic<int> answers{0};
  std::atomic<bool> in_order{true};
  SteadyClock clock;
  Loop loop{{.name = "caller"}, clock};
  std::unique_ptr<SignalingService::Stub> stub;
  std::unique_ptr<Client> client;
};

}  // namespace

TEST_CASE("items arrive in order in both directions, over several frames") {
  Peer peer;
  Caller caller(peer.port());
  REQUIRE(WaitFor([&] { return caller.up == 1; }));
  CHECK(caller.Send(3500) == 3500);
  REQUIRE(WaitFor([&] { return caller.answers == 3500; }));
  CHECK(peer.in_order);
  CHECK(caller.in_order);
  CHECK(peer.opened == 1);
}

TEST_CASE("sending is refused while the stream is down and over the bound") {
  Peer peer;
  Caller caller(peer.port());
  REQUIRE(WaitFor([&] { return caller.up == 1; }));
  CHECK(caller.Send(6000) == 5000);
  REQUIRE(WaitFor([&] { return caller.answers == 5000; }));
  peer.Stop();
  REQUIRE(WaitFor([&] { return caller.down == 1; }));
  CHECK(caller.Send(1) == 0);
}

TEST_CASE("the client comes back when its server does, and tells failed attempts") {
  auto peer = std::make_unique<Peer>();
  int port = peer->port();
  Caller caller(port);
  REQUIRE(WaitFor([&] { return caller.up == 1; }));
  peer.reset();
  REQUIRE(WaitFor([&] { return caller.down == 1 && caller.failed > 0; }));
  Peer again(port);
  REQUIRE(WaitFor([&] { return caller.up == 2; }));
  CHECK(caller.Send(10) == 10);
  REQUIRE(WaitFor([&] { return again.received == 10; }));
}

TEST_CASE("the server hears of a client that has gone, and the client of a closed session") {
  Peer peer;
  {
    Caller caller(peer.port());
    REQUIRE(WaitFor([&] { return caller.up == 1 && peer.opened == 1; }));
  }
  REQUIRE(WaitFor([&] { return peer.closed == 1; }));
  Caller other(peer.port());
  REQUIRE(WaitFor([&] { return other.up == 1 && peer.opened == 2; }));
  peer.SendMany(3);
  peer.Close();
  REQUIRE(WaitFor([&] { return other.down == 1; }));
  CHECK(other.answers == 3);  // What was sent before the end arrives before it.
}

TEST_CASE("a session over its bound is ended") {
  Peer peer(0, 10);
  Caller caller(peer.port());
  REQUIRE(WaitFor([&] { return caller.up == 1 && peer.opened == 1; }));
  peer.SendMany(11);
  CHECK_FALSE(peer.sent_ok);
  REQUIRE(WaitFor([&] { return caller.down == 1; }));
}

// The last channel of a process may be let go by gRPC's own thread, which
// must not take its completion queue down under itself.
TEST_CASE("streams to nowhere come and go without a server in the process") {
  for (int i = 0; i < 300; ++i) {
    SteadyClock clock;
    Loop loop({.name = "alone"}, clock);
    auto stub = SignalingService::NewStub(MakeChannel("127.0.0.1:1", {}));
    loop.Start();
    std::unique_ptr<Client> client;
    loop.PostAndWait([&] {
      client = std::make_unique<Client>(
          loop,
          [&](grpc::ClientContext* c, Client::Reactor* r) { stub->async()->ControlCalls(c, r); },
          Client::Handlers{}, StreamClientOptions{.name = "nowhere"});
      client->Start();
    });
    loop.PostAndWait([&] { client.reset(); });
    loop.Stop();
  }
}

TEST_CASE("clients stopped at any moment leave nothing behind") {
  Peer peer;
  for (int i = 0; i < 50; ++i) {
    Caller caller(peer.port());
    if (i % 2 == 0) REQUIRE(WaitFor([&] { return caller.up == 1; }));
    if (i % 4 == 0) caller.Send(100);
  }
  REQUIRE(WaitFor([&] { return peer.opened == peer.closed; }));
}

}  // namespace zvon
