#pragma once
// Core values ⇄ protobuf, for the store and for the wire. No decisions here.

#include <optional>

#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "services/routing/core/agent.h"
#include "services/routing/core/effects.h"
#include "zvon/routing/v1/routing.pb.h"

namespace zvon::routing {

// Infinite times and times before 1970 are left out (absent).
void SetTime(absl::Time from, google::protobuf::Timestamp* to);
absl::Time GetTime(const google::protobuf::Timestamp& from);
void SetDuration(absl::Duration from, google::protobuf::Duration* to);
absl::Duration GetDuration(const google::protobuf::Duration& from);

zvon::routing::v1::AgentState ToProto(AgentState state);
// UNSPECIFIED = nothing.
std::optional<AgentState> FromProto(zvon::routing::v1::AgentState state);
zvon::routing::v1::QueueEntryOutcome ToProto(EntryOutcome outcome);
zvon::routing::v1::OfferOutcome ToProto(OfferOutcome outcome);

void ToProto(const FencingToken& from, zvon::routing::v1::FencingToken* to);
FencingToken FromProto(const zvon::routing::v1::FencingToken& from);

// The summary with the places that are kept beside it in the core.
void ToProto(const std::string& interaction_id, const std::string& queue_id,
             absl::Time enqueue_time, const SummaryPtr& from,
             zvon::routing::v1::InteractionSummary* to);
SummaryPtr FromProto(const zvon::routing::v1::InteractionSummary& from);

void ToProto(const Offer& from, zvon::routing::v1::Offer* to);
Offer FromProto(const zvon::routing::v1::Offer& from);

}  // namespace zvon::routing
