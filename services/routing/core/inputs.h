#pragma once
// Everything that can happen to the router of one tenant.

#include <optional>
#include <string>
#include <variant>

#include "services/routing/core/agent.h"
#include "services/routing/core/entry.h"
#include "services/routing/core/tenant_settings.h"

namespace zvon::routing {

// Where an answer goes; opaque to the core. Empty request_id = wants none.
struct RequestRef {
  uint64_t session = 0;
  std::string request_id;
};

// From owners of interactions.
struct OwnerAttached {
  std::string owner_id;
  int64_t incarnation = 0;  // Rises with every start of the process.
};
struct OwnerLost {
  std::string owner_id;
};
struct EnqueueInput {
  std::string owner_id;
  std::string interaction_id;
  std::string queue_id;
  SkillSet skills;
  int priority = 0;
  std::optional<absl::Time> enqueue_time;  // Absent = now.
  absl::Duration wait_max;                 // Zero = the queue's only.
  SummaryPtr summary;
  bool republished = false;
  std::string assigned_agent_id;
};
struct WithdrawInput {
  std::string interaction_id;
  EntryOutcome outcome = EntryOutcome::kAbandoned;
};
enum class Progress { kRinging, kAnswered, kDeclined, kFailed, kExpired };
struct OfferProgressInput {
  std::string owner_id;
  std::string interaction_id;
  std::string offer_id;
  FencingToken token;
  Progress progress = Progress::kRinging;
  std::string message;
};
struct AssignmentEndedInput {
  std::string interaction_id;
  std::string agent_id;
  std::string cause;
};

// From agents, by their gateways.
struct SignInInput {
  std::string agent_id;
  RequestRef request;
  std::string gateway_id;
  std::optional<NextState> wish;
};
struct SignOutInput {
  std::string agent_id;
  RequestRef request;
};
struct SetStateInput {
  std::string agent_id;
  RequestRef request;
  NextState wish;
};
struct DeclineOfferInput {
  std::string agent_id;
  RequestRef request;
  std::string offer_id;
  FencingToken token;
};
// Disposition chosen while talking or in wrap-up; `finish` ends the wrap-up.
struct DispositionInput {
  std::string agent_id;
  RequestRef request;
  std::string interaction_id;
  std::string disposition_id;
  std::string comment;
  bool finish = false;
};
struct HeartbeatInput {
  std::string agent_id;
  RequestRef request;
  std::string gateway_id;
};
struct GatewayLost {
  std::string gateway_id;
};

// From the shell itself.
struct SettingsChanged {
  TenantSettings settings;
};
// No new offers while the store cannot take them.
struct StoreHealth {
  bool available = true;
};
// A timer is due (NextWakeup).
struct Tick {};

using Input =
    std::variant<OwnerAttached, OwnerLost, EnqueueInput, WithdrawInput, OfferProgressInput,
                 AssignmentEndedInput, SignInInput, SignOutInput, SetStateInput, DeclineOfferInput,
                 DispositionInput, HeartbeatInput, GatewayLost, SettingsChanged, StoreHealth, Tick>;

}  // namespace zvon::routing
