#pragma once
// For tests: a client of the control stream and the commands it sends most.

#include <atomic>
#include <catch2/catch.hpp>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "services/common/executor/loop.h"
#include "services/common/rpc/rpc_server.h"
#include "services/common/rpc/stream_client.h"
#include "services/media/server/test_phone.h"
#include "zvon/mediaservice/v1/media_service.grpc.pb.h"

namespace zvon::media {

// Signaling's end of the control stream.
class TestClient {
 public:
  using Control =
      StreamClient<zvon::mediaservice::v1::ControlRequest, zvon::mediaservice::v1::ControlResponse>;
  explicit TestClient(int port) : loop_({"client"}, clock_) {
    stub_ = zvon::mediaservice::v1::MediaService::NewStub(
        MakeChannel("127.0.0.1:" + std::to_string(port), {}));
    loop_.Start();
    loop_.PostAndWait([this] {
      control_ = std::make_unique<Control>(
          loop_,
          [this](grpc::ClientContext* c, Control::Reactor* r) { stub_->async()->Control(c, r); },
          Control::Handlers{[this] { up_ = true; }, [this](const absl::Status&) { up_ = false; },
                            [this](const zvon::mediaservice::v1::MediaEvent& event) {
                              std::lock_guard lock(mutex_);
                              events_.push_back(event);
                            }},
          StreamClientOptions{"media-0"});
      control_->Start();
    });
    REQUIRE(WaitFor([this] { return up_.load(); }));
  }
  ~TestClient() {
    loop_.PostAndWait([this] { control_.reset(); });
    loop_.Stop();
  }
  void Send(zvon::mediaservice::v1::MediaCommand command) {
    loop_.PostAndWait([&] { REQUIRE(control_->Send(std::move(command))); });
  }
  std::vector<zvon::mediaservice::v1::MediaEvent> All(
      zvon::mediaservice::v1::MediaEvent::EventCase which) {
    std::lock_guard lock(mutex_);
    std::vector<zvon::mediaservice::v1::MediaEvent> found;
    for (const auto& event : events_) {
      if (event.event_case() == which) found.push_back(event);
    }
    return found;
  }
  zvon::mediaservice::v1::MediaEvent Wait(zvon::mediaservice::v1::MediaEvent::EventCase which,
                                          size_t count = 1) {
    REQUIRE(WaitFor([&] { return All(which).size() >= count; }));
    return All(which)[count - 1];
  }

 private:
  SteadyClock clock_;
  Loop loop_;
  std::unique_ptr<zvon::mediaservice::v1::MediaService::Stub> stub_;
  std::unique_ptr<Control> control_;
  std::atomic<bool> up_{false};
  std::mutex mutex_;
  std::vector<zvon::mediaservice::v1::MediaEvent> events_;  // By mutex_.
};

inline zvon::mediaservice::v1::MediaCommand For(const std::string& call_id) {
  zvon::mediaservice::v1::MediaCommand command;
  command.set_call_id(call_id);
  return command;
}

inline zvon::mediaservice::v1::MediaCommand Create(const std::string& call_id,
                                                   const std::string& id, const TestPhone& phone) {
  zvon::mediaservice::v1::MediaCommand command = For(call_id);
  auto* create = command.mutable_create_endpoint();
  create->set_endpoint_id(id);
  create->mutable_remote()->set_address("127.0.0.1");
  create->mutable_remote()->set_port(phone.port());
  create->mutable_remote()->set_codec(phone.payload_type() == 8 ? zvon::media::v1::CODEC_PCMA
                                                                : zvon::media::v1::CODEC_PCMU);
  create->mutable_remote()->set_payload_type(phone.payload_type());
  return command;
}

}  // namespace zvon::media
