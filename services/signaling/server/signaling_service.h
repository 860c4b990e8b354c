#pragma once
// The thin gRPC edge: converts nothing, decides nothing, posts to the loop.

#include <memory>

#include "services/common/executor/loop.h"
#include "services/common/rpc/stream_server.h"
#include "services/signaling/server/signaling_loop.h"
#include "zvon/signalingservice/v1/signaling_service.grpc.pb.h"

namespace zvon::signaling {

class SignalingService final
    : public zvon::signalingservice::v1::SignalingService::CallbackService {
 public:
  using Request = zvon::signalingservice::v1::ControlCallsRequest;
  using Response = zvon::signalingservice::v1::ControlCallsResponse;
  // Both outlive the gRPC server that serves it.
  SignalingService(Loop& loop, SignalingLoop& signaling);
  grpc::ServerBidiReactor<Request, Response>* ControlCalls(
      grpc::CallbackServerContext* context) override;
  grpc::ServerUnaryReactor* GetTelephonyStatus(
      grpc::CallbackServerContext* context,
      const zvon::signalingservice::v1::GetTelephonyStatusRequest* request,
      zvon::signalingservice::v1::GetTelephonyStatusResponse* response) override;

 private:
  Loop& loop_;
  SignalingLoop& signaling_;
  StreamServer<Request, Response> streams_;
};

}  // namespace zvon::signaling
