#pragma once
// What the router wants done. The shell writes `changes` and `facts` to the
// store first, in one atomic step, and then lets the others see the rest.

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "services/routing/core/inputs.h"
#include "services/routing/core/queue_counters.h"

namespace zvon::routing {

// To the owner of an interaction.
struct Position {
  int position = 0;  // 1 = next.
  absl::Time enqueue_time;
};
struct Refused {
  std::string message;
};
struct OfferStarted {
  Offer offer;
  std::string queue_id;
  absl::Time enqueue_time;
  SummaryPtr summary;
};
struct OfferRevoked {
  std::string offer_id;
  FencingToken token;
  std::string reason;
};
struct Assigned {
  std::string offer_id;
  FencingToken token;
  std::string agent_id;
};
struct WaitExpired {};
struct OwnerMessage {
  std::string owner_id;
  std::string interaction_id;
  std::variant<Position, Refused, OfferStarted, OfferRevoked, Assigned, WaitExpired> body;
};

// To gateways.
struct Reply {
  RequestRef request;
  std::string agent_id;
  absl::Status status;
};
struct AgentView {
  Agent agent;
  std::optional<Offer> offer;  // Of Offered.
};
struct QueueView {
  std::string queue_id;
  int waiting = 0;
  absl::Time longest_enqueue_time = absl::InfiniteFuture();  // Infinite = nobody waits.
  int agents_ready = 0;
  int agents_engaged = 0;  // Offered, Engaged or in WrapUp.
  int agents_not_ready = 0;
  int agents_signed_in = 0;
  int unservable = 0;
  QueueCounters today;
};

// To the bus: facts, in the past tense.
struct QueueEntered {
  std::string queue_id;
  SkillSet skills;
  int priority = 0;
};
struct QueueLeft {
  std::string queue_id;
  EntryOutcome outcome = EntryOutcome::kAnswered;
  absl::Duration waited;
  bool within_threshold = false;
  bool short_abandon = false;
};
struct OfferMade {
  std::string queue_id;
  Offer offer;
};
struct OfferEnded {
  std::string queue_id;
  std::string offer_id;
  OfferOutcome outcome = OfferOutcome::kAccepted;
  std::string message;
};
struct InteractionAssigned {
  std::string queue_id;
  std::string offer_id;
  absl::Duration waited;
};
struct WrapUpStarted {
  absl::Time deadline;
};
struct WrapUpEnded {
  bool by_timeout = false;
};
struct DispositionChosen {
  std::string disposition_id;
  std::string comment;
};
struct QueueUnservable {
  std::string queue_id;
  SkillSet skills;
};
struct AgentSignedIn {
  std::string gateway_id;
};
struct AgentSignedOut {
  std::string cause;
};
struct AgentStateChanged {
  AgentState from = AgentState::kOffline;
  AgentState to = AgentState::kOffline;
  std::string reason_id;
};
struct Fact {
  absl::Time time;
  int64_t sequence = 0;  // Rises within the tenant, over take-overs too.
  std::string interaction_id;
  std::string call_id;
  std::string agent_id;
  std::variant<QueueEntered, QueueLeft, OfferMade, OfferEnded, InteractionAssigned, WrapUpStarted,
               WrapUpEnded, DispositionChosen, QueueUnservable, AgentSignedIn, AgentSignedOut,
               AgentStateChanged>
      body;
};

// To the store: whole records, so that writing one twice is harmless.
struct EntryGone {
  std::string interaction_id;
};
struct AgentGone {
  std::string agent_id;
};
using StoreChange = std::variant<Agent, Entry, QueueCounters, EntryGone, AgentGone>;

struct Effects {
  std::vector<StoreChange> changes;
  std::vector<OwnerMessage> owner_messages;
  std::vector<Reply> replies;
  std::vector<AgentView> agents;
  std::vector<QueueView> queues;
  std::vector<Fact> facts;
  bool empty() const {
    return changes.empty() && owner_messages.empty() && replies.empty() && agents.empty() &&
           queues.empty() && facts.empty();
  }
};

// Everything that must outlive the process.
struct TenantState {
  std::vector<Agent> agents;
  std::vector<Entry> entries;
  std::vector<QueueCounters> counters;
};

}  // namespace zvon::routing
