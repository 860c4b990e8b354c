#pragma once
// The client's end of a long-lived bidirectional stream whose frames are
// `repeated Item items = 1`: reconnects with back-off, gathers all items of
// one loop turn into one frame, keeps order, bounds its queue.
//
//   using Control = StreamClient<ControlRequest, ControlResponse>;
//   Control control(loop, [stub](grpc::ClientContext* c, Control::Reactor* r) {
//                     stub->async()->Control(c, r); },
//                   {.on_up = …, .on_down = …, .on_item = …}, {.name = "media-0"});
//   control.Start();
//   control.Send(std::move(command));   // false while down or over the bound

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/support/client_callback.h"
#include "services/common/executor/task_runner.h"
#include "services/common/rpc/stream_client_impl.h"

namespace zvon {

struct StreamClientOptions {
  std::string name;
  absl::Duration backoff_min = absl::Milliseconds(50);
  absl::Duration backoff_max = absl::Seconds(1);
  // Most items waiting to be written; above it Send says false.
  size_t queue_max = 100'000;
};

// Owned by one TaskRunner: every call to it and every handler runs there.
template <class Request, class Response>
class StreamClient {
 public:
  using RequestItem = typename internal::FrameItem<Request>::type;
  using ResponseItem = typename internal::FrameItem<Response>::type;
  using Reactor = grpc::ClientBidiReactor<Request, Response>;
  using Opener = std::function<void(grpc::ClientContext*, Reactor*)>;
  struct Handlers {
    // The stream is open (the server sent its headers): say hello here.
    std::function<void()> on_up;
    // It broke; a new attempt follows by itself. What was not yet written is lost.
    std::function<void(const absl::Status&)> on_down;
    std::function<void(const ResponseItem&)> on_item;
    // An attempt ended before the stream was open; another follows.
    std::function<void(const absl::Status&)> on_failed;
  };

  StreamClient(TaskRunner& runner, Opener opener, Handlers handlers, StreamClientOptions options)
      : core_(std::make_shared<internal::StreamClientCore<Request, Response>>(
            runner, std::move(opener), std::move(handlers.on_up), std::move(handlers.on_down),
            std::move(handlers.on_item), std::move(handlers.on_failed), options.name,
            options.backoff_min, options.backoff_max, options.queue_max)) {}
  // No handler runs after it.
  ~StreamClient() { core_->Stop(); }

  void Start() { core_->Start(); }
  void Stop() { core_->Stop(); }
  bool up() const { return core_->up(); }
  [[nodiscard]] bool Send(RequestItem item) { return core_->Send(std::move(item)); }

 private:
  std::shared_ptr<internal::StreamClientCore<Request, Response>> core_;
};

}  // namespace zvon
