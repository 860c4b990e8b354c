#pragma once
// The gRPC edge: streams in, items to the loop.

#include "services/common/rpc/stream_server.h"
#include "services/routing/server/routing_loop.h"
#include "zvon/routingservice/v1/routing_service.grpc.pb.h"

namespace zvon::routing {

class RoutingService final : public zvon::routingservice::v1::RoutingService::CallbackService {
 public:
  explicit RoutingService(TaskRunner& runner);

  // Where sessions' items go; set on the runner before the server starts.
  void SetLoop(RoutingLoop* loop) { loop_ = loop; }
  RoutingLoop::Wire MakeWire();

  grpc::ServerBidiReactor<zvon::routingservice::v1::AttachOwnerRequest,
                          zvon::routingservice::v1::AttachOwnerResponse>*
  AttachOwner(grpc::CallbackServerContext* context) override {
    return owners_.Accept(context);
  }
  grpc::ServerBidiReactor<zvon::routingservice::v1::AttachGatewayRequest,
                          zvon::routingservice::v1::AttachGatewayResponse>*
  AttachGateway(grpc::CallbackServerContext* context) override {
    return gateways_.Accept(context);
  }

 private:
  RoutingLoop* loop_ = nullptr;
  StreamServer<zvon::routingservice::v1::AttachOwnerRequest,
               zvon::routingservice::v1::AttachOwnerResponse>
      owners_;
  StreamServer<zvon::routingservice::v1::AttachGatewayRequest,
               zvon::routingservice::v1::AttachGatewayResponse>
      gateways_;
};

}  // namespace zvon::routing
