#pragma once
// Frames of zvon.routingservice.v1 ⇄ inputs and effects. No decisions here.

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "services/routing/core/effects.h"
#include "services/routing/core/inputs.h"
#include "zvon/routingservice/v1/routing_service.pb.h"

namespace zvon::routing {

// INVALID_ARGUMENT naming what is missing. Hello and watch items are not
// inputs of the core and are refused here.
absl::StatusOr<Input> ToInput(const zvon::routingservice::v1::OwnerItem& item,
                              const std::string& owner_id);
absl::StatusOr<Input> ToInput(const zvon::routingservice::v1::AgentItem& item,
                              const std::string& gateway_id, uint64_t session);

zvon::routingservice::v1::DeliveryItem ToWire(const std::string& tenant_id,
                                              const OwnerMessage& message);
zvon::routingservice::v1::GatewayItem ToWire(const std::string& tenant_id, const Reply& reply);
zvon::routingservice::v1::GatewayItem ToWire(const std::string& tenant_id, const AgentView& view);
zvon::routingservice::v1::GatewayItem ToWire(const std::string& tenant_id, const QueueView& view);

}  // namespace zvon::routing
