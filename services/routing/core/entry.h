#pragma once
// An interaction's stay in one queue, and after it with an agent.

#include <map>
#include <string>
#include <tuple>

#include "absl/time/time.h"
#include "services/routing/core/routing_types.h"

namespace zvon::routing {

// Waiting ⇄ Offered → Assigned. Whatever has left is no entry any more.
enum class EntryState { kWaiting, kOffered, kAssigned };

// Invariant: `offer.agent_id` names an agent whose interaction_id is this one
// in Offered and Assigned; in Waiting there is no such agent.
struct Entry {
  std::string interaction_id;
  std::string queue_id;
  SkillSet skills;   // The entry's own, without the queue's.
  int priority = 0;  // The entry's own, likewise.
  // First entry into any queue: the place, kept through everything.
  absl::Time enqueue_time;
  // Entry into this queue: waits are measured from here.
  absl::Time enter_time;
  absl::Time wait_deadline = absl::InfiniteFuture();
  SummaryPtr summary;
  EntryState state = EntryState::kWaiting;
  Offer offer;  // The present one; of Assigned: the accepted one.
  // The offer that ended last: an owner that was away while it ended is told
  // so when it is back.
  std::string ended_offer_id;
  FencingToken ended_token;
  // The process that delivers the interaction.
  std::string owner_id;
  // The owner has told of it since it attached; else nothing is offered.
  bool confirmed = false;
  // Agents who missed this entry lately are not offered it before the time.
  std::map<std::string, absl::Time> avoid;
};

// The order of service: priority descending, then time, then id.
struct PlaceKey {
  int priority = 0;  // Queue's + entry's.
  absl::Time enqueue_time;
  std::string interaction_id;
  friend bool operator<(const PlaceKey& a, const PlaceKey& b) {
    return std::tie(b.priority, a.enqueue_time, a.interaction_id) <
           std::tie(a.priority, b.enqueue_time, b.interaction_id);
  }
  friend bool operator==(const PlaceKey&, const PlaceKey&) = default;
};

// The order of agents: longest idle first, to the millisecond; ties by
// sign-in, then id.
struct IdleKey {
  int64_t release_ms = 0;
  int64_t login_ms = 0;
  std::string agent_id;
  friend auto operator<=>(const IdleKey&, const IdleKey&) = default;
};

}  // namespace zvon::routing
