#pragma once
// The server's end of such streams: any number of sessions, each with an id;
// items of one turn go out as one frame.
//
//   class Service final : public RoutingService::CallbackService {
//     grpc::ServerBidiReactor<Req, Rsp>* AttachOwner(grpc::CallbackServerContext* c) override {
//       return owners_.Accept(c);
//     }
//   };

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "grpcpp/grpcpp.h"
#include "grpcpp/support/server_callback.h"
#include "services/common/executor/task_runner.h"
#include "services/common/rpc/stream_server_impl.h"

namespace zvon {

using StreamSessionId = uint64_t;  // Never 0, never reused within a process.

// Accept is called by gRPC's threads; everything else, the handlers too, on
// the runner. Outlives the gRPC server.
template <class Request, class Response>
class StreamServer {
 public:
  using RequestItem = typename internal::FrameItem<Request>::type;
  using ResponseItem = typename internal::FrameItem<Response>::type;
  struct Handlers {
    std::function<void(StreamSessionId, const std::string& peer)> on_open;
    std::function<void(StreamSessionId)> on_close;
    std::function<void(StreamSessionId, const RequestItem&)> on_item;
  };
  StreamServer(TaskRunner& runner, Handlers handlers, size_t queue_max = 100'000)
      : core_(std::make_shared<internal::StreamServerCore<Request, Response>>(
            runner, std::move(handlers.on_open), std::move(handlers.on_close),
            std::move(handlers.on_item), queue_max)) {}
  ~StreamServer() { core_->Shutdown(); }

  grpc::ServerBidiReactor<Request, Response>* Accept(grpc::CallbackServerContext* context) {
    return internal::StreamServerCore<Request, Response>::Accept(core_, context);
  }
  // False when the session has gone; a session over its bound is closed.
  bool Send(StreamSessionId id, ResponseItem item) { return core_->Send(id, std::move(item)); }
  void SendToAll(const ResponseItem& item) { core_->SendToAll(item); }
  void Close(StreamSessionId id) { core_->Close(id); }

 private:
  std::shared_ptr<internal::StreamServerCore<Request, Response>> core_;
};

}  // namespace zvon
