// The control stream end to end: gRPC client, server, workers, real sockets.

#include "services/media/server/media_server.h"

#include <catch2/catch.hpp>

#include "services/common/executor/loop.h"
#include "services/common/rpc/rpc_server.h"
#include "services/media/adapters/spandsp_detector.h"
#include "services/media/server/test_client.h"
#include "services/media/server/test_phone.h"

namespace zvon::media {
namespace {

namespace pb = zvon::mediaservice::v1;

class NoPrompts final : public PromptSource {
 public:
  absl::StatusOr<PromptPtr> Find(const std::string& name) const override {
    return absl::NotFoundError("no prompt '" + name + "'");
  }
};

// A whole media process but for its main.
class Process {
 public:
  Process() : loop_({"control"}, clock_), server_(loop_, {}) {
    for (int i = 0; i < 2; ++i) {
      workers_.push_back(std::make_unique<MediaWorker>(
          MediaWorkerOptions{i, 2, *ParseSocketAddress("127.0.0.1", 0), 44000, 45999, {}}, clock_,
          SystemRandom(), prompts_, MakeSpandspDetector,
          MediaWorker::Handlers{[this](std::vector<Event> e) { server_.OnEvents(std::move(e)); },
                                [](std::vector<RecordingOp>) {}}));
      REQUIRE(workers_.back()->Start().ok());
    }
    loop_.Start();
    loop_.PostAndWait([this] { server_.Start({workers_[0].get(), workers_[1].get()}); });
    auto rpc = RpcServer::Start("127.0.0.1:0", {}, {&server_});
    REQUIRE(rpc.ok());
    rpc_ = *std::move(rpc);
  }
  ~Process() {
    rpc_->Stop(absl::ZeroDuration());
    loop_.PostAndWait([this] { server_.Stop(); });
    for (auto& worker : workers_) worker->Stop();
    loop_.Stop();
  }
  int port() const { return rpc_->port(); }

 private:
  SteadyClock clock_;
  NoPrompts prompts_;
  Loop loop_;
  MediaServer server_;
  std::vector<std::unique_ptr<MediaWorker>> workers_;
  std::unique_ptr<RpcServer> rpc_;
};

}  // namespace

TEST_CASE("a call is made, bridged, heard and ended over the control stream", "[server]") {
  Process process;
  TestClient client(process.port());
  TestPhone alice(G711Law::kALaw);
  TestPhone bob(G711Law::kALaw);
  client.Send(Create("c1", "a", alice));
  client.Send(Create("c1", "b", bob));
  client.Wait(pb::MediaEvent::kEndpointReady, 2);
  pb::MediaCommand bridge = For("c1");
  bridge.mutable_bridge()->set_endpoint_id("a");
  bridge.mutable_bridge()->set_other_endpoint_id("b");
  client.Send(bridge);
  for (const auto& event : client.All(pb::MediaEvent::kEndpointReady)) {
    CHECK(event.call_id() == "c1");
    CHECK(event.endpoint_ready().local_address() == "127.0.0.1");
    const bool is_alice = event.endpoint_ready().endpoint_id() == "a";
    (is_alice ? alice : bob).Talk(event.endpoint_ready().local_port(), is_alice ? 440 : 1000);
  }
  REQUIRE(WaitFor([&] { return alice.heard().size() >= 50 && bob.heard().size() >= 50; }));
  CHECK(ToneShare(alice.pcm(), 1000, 8000) > 0.9);
  CHECK(ToneShare(bob.pcm(), 440, 8000) > 0.9);
  pb::MediaCommand end = For("c1");
  end.mutable_delete_call();
  client.Send(end);
  client.Wait(pb::MediaEvent::kEndpointClosed, 2);
  CHECK(client.Wait(pb::MediaEvent::kLoad).load().endpoints_max() == 5000);
}

TEST_CASE("failures come back by name", "[server]") {
  Process process;
  TestClient client(process.port());
  TestPhone phone(G711Law::kALaw);
  client.Send(Create("c1", "a", phone));
  client.Wait(pb::MediaEvent::kEndpointReady);
  pb::MediaCommand play = For("c1");
  play.mutable_play()->set_endpoint_id("a");
  play.mutable_play()->set_play_id("p");
  play.mutable_play()->add_items()->set_prompt("ru/none");
  client.Send(play);
  const auto finished = client.Wait(pb::MediaEvent::kPlayFinished).play_finished();
  CHECK(finished.reason() == pb::PlayFinished::REASON_FAILED);
  CHECK_THAT(finished.message(), Catch::Contains("ru/none"));
  play.mutable_play()->add_items();
  client.Send(play);
  const auto failed = client.Wait(pb::MediaEvent::kCommandFailed).command_failed();
  CHECK(failed.command() == "play");
  CHECK(failed.endpoint_id() == "a");
  CHECK(failed.code() == grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_CASE("calls outlive their stream and are taken up by the next", "[server]") {
  Process process;
  TestPhone phone(G711Law::kALaw);
  {
    TestClient client(process.port());
    for (int i = 0; i < 10; ++i) client.Send(Create("c" + std::to_string(i), "a", phone));
    client.Wait(pb::MediaEvent::kEndpointReady, 10);
  }
  TestClient next(process.port());
  pb::MediaCommand census = For("");
  census.mutable_take_census();
  next.Send(census);
  CHECK(next.Wait(pb::MediaEvent::kCensus).census().call_ids_size() == 10);
  // The same command again, from a signaling that does not know how far it got.
  next.Send(Create("c3", "a", phone));
  CHECK(next.Wait(pb::MediaEvent::kEndpointReady).call_id() == "c3");
  pb::MediaCommand end = For("c3");
  end.mutable_delete_call();
  next.Send(end);
  CHECK(next.Wait(pb::MediaEvent::kEndpointClosed).call_id() == "c3");
}

}  // namespace zvon::media
