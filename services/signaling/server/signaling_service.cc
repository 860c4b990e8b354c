#include "services/signaling/server/signaling_service.h"

namespace zvon::signaling {
namespace svc = zvon::signalingservice::v1;

SignalingService::SignalingService(Loop& loop, SignalingLoop& signaling)
    : loop_(loop),
      signaling_(signaling),
      streams_(loop,
               {.on_open = [](StreamSessionId, const std::string&) {},
                .on_close = [this](StreamSessionId id) { signaling_.OnAgentStreamClosed(id); },
                .on_item =
                    [this](StreamSessionId id, const svc::AgentCommand& command) {
                      signaling_.OnAgentCommand(id, command);
                    }}) {
  signaling_.SetAgentSender([this](uint64_t session, svc::AgentCallEvent event) {
    (void)streams_.Send(session, std::move(event));
  });
}

grpc::ServerBidiReactor<SignalingService::Request, SignalingService::Response>*
SignalingService::ControlCalls(grpc::CallbackServerContext* context) {
  return streams_.Accept(context);
}

grpc::ServerUnaryReactor* SignalingService::GetTelephonyStatus(
    grpc::CallbackServerContext* context, const svc::GetTelephonyStatusRequest* request,
    svc::GetTelephonyStatusResponse* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  if (request->tenant_id().empty()) {
    reactor->Finish({grpc::StatusCode::INVALID_ARGUMENT, "tenant_id is missing"});
    return reactor;
  }
  const bool posted = loop_.Post([this, request, response, reactor] {
    signaling_.FillStatus(*request, response);
    reactor->Finish(grpc::Status::OK);
  });
  if (!posted)
    reactor->Finish({grpc::StatusCode::UNAVAILABLE, "the service is overloaded or stopping"});
  return reactor;
}

}  // namespace zvon::signaling
