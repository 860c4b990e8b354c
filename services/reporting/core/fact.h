#pragma once
// What the fold works on: events of one interaction, as plain values.

#include <string>
#include <vector>

#include "absl/time/time.h"

namespace zvon::reporting {

enum class FactKind {
  kCallStarted,
  kCallAnswered,
  kCallEnded,
  kAgentLegEnded,
  kHoldStarted,
  kHoldEnded,
  kTransferred,
  kBridged,
  kQueueEntered,
  kQueueLeft,
  kOfferMade,
  kOfferEnded,
  kAssigned,
  kWrapUpStarted,
  kWrapUpEnded,
  kDispositionChosen,
  kRecordingStarted,
  kRecordingStored,
  kOther,
};

enum class LeftOutcome { kUnknown, kAnswered, kAbandoned, kFlowedOut, kRefused };

// Fields beyond `kind`, `time` and `id` are set where the kind has them.
struct Fact {
  FactKind kind = FactKind::kOther;
  absl::Time time;
  std::string id;        // Event id: breaks ties between equal times.
  std::string agent_id;
  std::string queue_id;
  std::string call_id;
  // kCallStarted.
  std::string direction, caller_number, caller_name, called_number;
  // kCallEnded: lower-case cause. kDispositionChosen: disposition and comment.
  std::string cause, disposition_id, comment;
  std::string recording_id;
  std::string offer_id;
  std::string offer_outcome;  // "accepted", "declined", …
  LeftOutcome left = LeftOutcome::kUnknown;
  bool within_threshold = false;
  bool short_abandon = false;
};

}  // namespace zvon::reporting
