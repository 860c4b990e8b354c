#pragma once
// One agent's live state and the machine that moves it.
//
// The machine is written as a standard writes one: a function per state,
// every input listed in each, ignored inputs visible.
//
//              sign in                 offer              accepted
//   Offline ───────────► NotReady ◄─► Ready ──────► Offered ───────► Engaged
//      ▲                    ▲           ▲              │                │ ended
//      │ sign out           │ missed    │ revoked      │                ▼
//      └── any free state   └───────────┴──────────────┘             WrapUp
//                           └───────────┴────── next state, else Ready ─┘

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "services/routing/core/routing_types.h"

namespace zvon::routing {

// The state asked for while an interaction is under way: taken at its end.
struct NextState {
  AgentState state = AgentState::kReady;  // kReady, kNotReady or kOffline.
  std::string reason_id;
};

// Invariant: `interaction_id` is set in Offered, Engaged and WrapUp, and in
// no other state; `next` is set in these only.
struct Agent {
  std::string agent_id;
  AgentState state = AgentState::kOffline;
  std::string reason_id;  // Of NotReady.
  absl::Time state_time;
  absl::Time login_time;
  // When the last interaction let go of the agent (or the sign-in, before the
  // first): idle time counts from here, in milliseconds.
  absl::Time release_time;
  // What the agent is offered, talks to or wraps up.
  std::string interaction_id;
  std::string queue_id;
  absl::Time enqueue_time;
  SummaryPtr summary;
  absl::Time wrap_up_deadline;  // Of WrapUp.
  std::optional<NextState> next;
  int64_t sequence = 0;  // Rises with each change told to others.
  // Interactions accepted on `handled_day` (days since 1970, tenant's zone).
  int32_t handled_today = 0;
  int64_t handled_day = 0;
  // The gateway that speaks for the agent, and whether it is heard.
  std::string gateway_id;
  bool connected = false;

  bool signed_in() const { return state != AgentState::kOffline; }
  // May be given an offer now.
  bool offerable() const { return state == AgentState::kReady && connected; }
};

struct AgentInput {
  enum class Kind {
    kSignIn,            // `wish`: the state asked for, if any.
    kSignOut,           //
    kSetState,          // `wish`.
    kOffer,             // interaction_id, queue_id, enqueue_time, summary.
    kAccepted,          //
    kOfferTakenBack,    // No fault of the agent.
    kOfferMissed,       // `wish`: NotReady(reason), or nothing = stays Ready.
    kAssigned,          // The owner says so (republication); as kOffer.
    kAssignmentEnded,   // wrap_up_limit; zero = none.
    kWrapUpOver,        // Finished by the agent or by its limit.
    kConnectionExpired  // Not heard for the whole grace period.
  };
  Kind kind;
  std::optional<NextState> wish;
  std::string interaction_id;
  std::string queue_id;
  absl::Time enqueue_time;
  SummaryPtr summary;
  absl::Duration wrap_up_limit;
};

// What a state made of an input.
enum class Reaction {
  kMoved,    // The state or its reason changed.
  kNoted,    // Kept for later (next state), or the same state confirmed.
  kIgnored,  // Has no meaning here; nothing changed.
  kRefused   // Asked for by somebody who must be told no.
};
Reaction Step(Agent& agent, const AgentInput& input, absl::Time now);

}  // namespace zvon::routing
