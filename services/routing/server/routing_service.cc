#include "services/routing/server/routing_service.h"

#include <utility>

#include "services/common/telemetry/log.h"

namespace zvon::routing {

namespace svc = zvon::routingservice::v1;

RoutingService::RoutingService(TaskRunner& runner)
    : owners_(runner, {[](StreamSessionId, const std::string& peer) {
                         LogInfo("owner attached", {{"peer", peer}});
                       },
                       [this](StreamSessionId id) {
                         if (loop_ != nullptr) loop_->OnOwnerClosed(id);
                       },
                       [this](StreamSessionId id, const svc::OwnerItem& item) {
                         if (loop_ != nullptr) loop_->OnOwnerItem(id, item);
                       }}),
      gateways_(runner, {[](StreamSessionId, const std::string& peer) {
                           LogInfo("gateway attached", {{"peer", peer}});
                         },
                         [this](StreamSessionId id) {
                           if (loop_ != nullptr) loop_->OnGatewayClosed(id);
                         },
                         [this](StreamSessionId id, const svc::AgentItem& item) {
                           if (loop_ != nullptr) loop_->OnGatewayItem(id, item);
                         }}) {}

RoutingLoop::Wire RoutingService::MakeWire() {
  return {[this](SessionId id, svc::DeliveryItem item) { owners_.Send(id, std::move(item)); },
          [this](SessionId id, svc::GatewayItem item) { gateways_.Send(id, std::move(item)); }};
}

}  // namespace zvon::routing
