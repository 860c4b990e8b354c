#pragma once
// Between the core's values and the messages of protos/. The only place where
// both are known.

#include <optional>

#include "absl/time/time.h"
#include "services/signaling/core/call_effects.h"
#include "services/signaling/core/call_inputs.h"
#include "services/signaling/core/call_state.h"
#include "zvon/events/v1/events.pb.h"
#include "zvon/mediaservice/v1/media_service.pb.h"
#include "zvon/routingservice/v1/routing_service.pb.h"
#include "zvon/scenarioservice/v1/scenario_service.pb.h"
#include "zvon/signalingservice/v1/signaling_service.pb.h"

namespace zvon::signaling {

google::protobuf::Timestamp ToProto(absl::Time time);
google::protobuf::Duration ToProto(absl::Duration duration);
absl::Time FromProto(const google::protobuf::Timestamp& time);
absl::Duration FromProto(const google::protobuf::Duration& duration);

zvon::mediaservice::v1::MediaCommand ToProto(const CallState& call, const MediaOrder& order);
// Nothing for events that no call takes (Load, Census).
std::optional<CallInput> FromProto(const zvon::mediaservice::v1::MediaEvent& event);

zvon::call::v1::CallInfo InfoOf(const CallState& call);
zvon::scenarioservice::v1::RunEvent ToProto(const CallState& call, const RunOrder& order);
std::optional<CallInput> FromProto(const zvon::scenarioservice::v1::RunCommand& command);

zvon::routingservice::v1::OwnerItem ToProto(const CallState& call, const RoutingOrder& order);
// Nothing for RouterHello.
std::optional<CallInput> FromProto(const zvon::routingservice::v1::DeliveryItem& item);

zvon::signalingservice::v1::AgentCall ToProto(const CallState& call, const Leg& leg);
// Nothing for WatchAgentCalls and StartCall.
std::optional<AgentCommand> FromProto(const zvon::signalingservice::v1::AgentCommand& command);

// Without event_id and producer.
zvon::events::v1::Event ToProto(const CallState& call, const Fact& fact);
// "zvon.call.started"
const char* TypeOf(Fact::Kind kind);

}  // namespace zvon::signaling
