// What the owners of interactions say: the router's left hand.

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/check/check.h"
#include "services/routing/core/router.h"

namespace zvon::routing {

// The owner tells now all it holds; nothing of it is offered before it is
// told, and what is not told in time is gone.
void Router::On(const OwnerAttached& input) {
  Owner& owner = owners_[input.owner_id];
  const bool new_process = owner.incarnation != 0 && owner.incarnation != input.incarnation;
  owner.attached = true;
  owner.incarnation = input.incarnation;
  timers_.Cancel({Timer::kOwnerGrace, input.owner_id});
  timers_.Cancel({Timer::kOwnerForget, input.owner_id});
  timers_.Set({Timer::kOwnerConfirm, input.owner_id}, now_ + options_.owner_confirm);
  for (const std::string& id : std::set<std::string>(entries_.OwnedBy(input.owner_id))) {
    Entry& entry = *entries_.Find(id);
    entry.confirmed = false;
    entries_.Reindex(entry);
    // The process that rang the agent is no more, and its ringing with it.
    if (new_process && entry.state == EntryState::kOffered) {
      EndOffer(entry, OfferOutcome::kRevoked, "owner restarted", true);
    }
  }
}

void Router::On(const OwnerLost& input) {
  const auto it = owners_.find(input.owner_id);
  if (it == owners_.end() || !it->second.attached) return;
  it->second.attached = false;
  timers_.Cancel({Timer::kOwnerConfirm, input.owner_id});
  timers_.Set({Timer::kOwnerGrace, input.owner_id}, now_ + options_.owner_grace);
  timers_.Set({Timer::kOwnerForget, input.owner_id}, now_ + options_.owner_forget);
  for (const std::string& id : entries_.OwnedBy(input.owner_id)) {
    Entry& entry = *entries_.Find(id);
    entry.confirmed = false;
    entries_.Reindex(entry);
  }
}

// Agents do not wait for an owner that is away: their offers end here.
void Router::OnOwnerGrace(const std::string& owner_id) {
  for (const std::string& id : std::set<std::string>(entries_.OwnedBy(owner_id))) {
    Entry& entry = *entries_.Find(id);
    if (entry.state == EntryState::kOffered) {
      EndOffer(entry, OfferOutcome::kRevoked, "owner lost", true);
    }
  }
}

void Router::DropUnconfirmed(const std::string& owner_id, const std::string& why) {
  for (const std::string& id : std::set<std::string>(entries_.OwnedBy(owner_id))) {
    Entry& entry = *entries_.Find(id);
    if (entry.confirmed) continue;
    const auto doubtful = doubtful_.extract(id);
    const bool waits = !doubtful.empty() && entry.state == EntryState::kAssigned;
    Leave(entry, EntryOutcome::kAbandoned, why);
    const QueueSettings* queue = waits ? FindQueue(doubtful.mapped().queue_id) : nullptr;
    if (queue != nullptr) EnqueueNew(doubtful.mapped(), *queue);
  }
  const auto it = owners_.find(owner_id);
  if (it != owners_.end() && !it->second.attached) owners_.erase(it);
}

void Router::On(const EnqueueInput& input) {
  if (!input.assigned_agent_id.empty()) return AdoptAssignment(input);
  const QueueSettings* queue = FindQueue(input.queue_id);
  if (queue == nullptr) {
    return RefuseEntry(input, nullptr, absl::StrCat("no queue \"", input.queue_id, "\""));
  }
  if (Entry* known = entries_.Find(input.interaction_id)) {
    const bool same_stay =
        known->state != EntryState::kAssigned && known->queue_id == input.queue_id;
    if (input.republished || same_stay) return Confirm(*known, input);
    Leave(*known, EntryOutcome::kFlowedOut, "enqueued again");
  }
  const int waiting = static_cast<int>(entries_.LineOf(input.queue_id).size());
  if (!input.republished && queue->length_max > 0 && waiting >= queue->length_max) {
    return RefuseEntry(
        input, queue,
        absl::StrCat("queue \"", input.queue_id, "\" is full: ", waiting, " waiting"));
  }
  EnqueueNew(input, *queue);
}

void Router::EnqueueNew(const EnqueueInput& input, const QueueSettings& queue) {
  Entry entry;
  entry.interaction_id = input.interaction_id;
  entry.queue_id = input.queue_id;
  entry.skills = input.skills;
  entry.priority = input.priority;
  entry.enqueue_time = std::min(input.enqueue_time.value_or(now_), now_);
  entry.enter_time = input.republished ? entry.enqueue_time : now_;
  entry.summary = input.summary;
  entry.owner_id = input.owner_id;
  entry.confirmed = true;
  absl::Duration wait_max = input.wait_max > absl::ZeroDuration() ? input.wait_max : queue.wait_max;
  if (queue.wait_max > absl::ZeroDuration()) wait_max = std::min(wait_max, queue.wait_max);
  if (wait_max > absl::ZeroDuration()) {
    entry.wait_deadline = entry.enter_time + wait_max;
    timers_.Set({Timer::kWaitMax, entry.interaction_id}, entry.wait_deadline);
  }
  const Entry& put = entries_.Put(std::move(entry), queue.priority);
  TouchEntry(put);
  // Counted once for each time it comes to be known: what was told before to a
  // leader that could not store it was never counted.
  ++CountersOf(put.queue_id).offered;
  Tell(put, QueueEntered{put.queue_id, put.skills, queue.priority + put.priority});
  // A demand that is unservable already makes no change that would tell it.
  const Demand& demand = *entries_.DemandOf(put.interaction_id);
  TellServable(put, demand);
}

// It waits, says its owner, and we had given it to an agent. Into another
// queue: the agent passed it on, unheard. Into the same: either likewise, or
// the agent's answer was heard and ours was not; then the owner says ANSWERED
// again within the time it has for telling all.
void Router::Doubt(Entry& entry, const EnqueueInput& input) {
  if (entry.queue_id != input.queue_id) {
    EndAssignment(entry);
    return EnqueueNew(input, *FindQueue(input.queue_id));
  }
  entries_.ChangeOwner(entry, input.owner_id);
  entry.confirmed = false;
  TouchEntry(entry);
  doubtful_[entry.interaction_id] = input;
  const TimerKey confirm{Timer::kOwnerConfirm, input.owner_id};
  if (!timers_.IsSet(confirm)) timers_.Set(confirm, now_ + options_.owner_confirm);
}

// Told again. The place is kept; the owner may be another process, or have
// missed what it was told.
void Router::Confirm(Entry& entry, const EnqueueInput& input) {
  if (entry.state == EntryState::kAssigned) return Doubt(entry, input);
  entries_.ChangeOwner(entry, input.owner_id);
  entry.confirmed = true;
  if (input.summary != nullptr) entry.summary = input.summary;
  positions_[entry.queue_id].erase(entry.interaction_id);
  TouchEntry(entry);
  if (!entry.ended_offer_id.empty()) {
    TellOwner(entry, OfferRevoked{entry.ended_offer_id, entry.ended_token, "it ended meanwhile"});
  }
  if (entry.state == EntryState::kOffered) {
    return TellOwner(entry,
                     OfferStarted{entry.offer, entry.queue_id, entry.enqueue_time, entry.summary});
  }
  if (entry.wait_deadline <= now_) OnWaitMax(entry);
}

// The owner knows who talks to whom; the router follows.
void Router::AdoptAssignment(const EnqueueInput& input) {
  Entry* known = entries_.Find(input.interaction_id);
  if (known != nullptr && known->state == EntryState::kAssigned &&
      known->offer.agent_id == input.assigned_agent_id) {
    entries_.ChangeOwner(*known, input.owner_id);
    known->confirmed = true;
    doubtful_.erase(known->interaction_id);
    return TouchEntry(*known);
  }
  if (known != nullptr && known->state == EntryState::kOffered &&
      known->offer.agent_id == input.assigned_agent_id) {
    entries_.ChangeOwner(*known, input.owner_id);
    known->confirmed = true;
    return Accept(*known);
  }
  if (known != nullptr) Leave(*known, EntryOutcome::kAnswered, "with an agent already");
  Agent& agent = agents_.Make(input.assigned_agent_id);
  if (Entry* other = entries_.Find(agent.interaction_id)) {
    if (other->state == EntryState::kOffered) {
      EndOffer(*other, OfferOutcome::kRevoked, "agent is engaged", true);
    } else if (other->interaction_id != input.interaction_id) {
      EndAssignment(*other);
    }
  }
  Entry entry;
  entry.interaction_id = input.interaction_id;
  entry.queue_id = input.queue_id;
  entry.skills = input.skills;
  entry.priority = input.priority;
  entry.enqueue_time = entry.enter_time = input.enqueue_time.value_or(now_);
  entry.summary = input.summary;
  entry.owner_id = input.owner_id;
  entry.confirmed = true;
  entry.state = EntryState::kAssigned;
  entry.offer.agent_id = input.assigned_agent_id;
  const Entry& put = entries_.Put(std::move(entry), 0);
  TouchEntry(put);
  AgentInput assigned{AgentInput::Kind::kAssigned};
  assigned.interaction_id = put.interaction_id;
  assigned.queue_id = put.queue_id;
  assigned.enqueue_time = put.enqueue_time;
  assigned.summary = put.summary;
  timers_.Cancel({Timer::kWrapUpLimit, agent.agent_id});
  Move(agent, assigned);
}

void Router::RefuseEntry(const EnqueueInput& input, const QueueSettings* queue,
                         std::string message) {
  Entry entry;
  entry.interaction_id = input.interaction_id;
  entry.queue_id = input.queue_id;
  entry.owner_id = input.owner_id;
  entry.summary = input.summary;
  TellOwner(entry, Refused{std::move(message)});
  if (queue != nullptr) Tell(entry, QueueLeft{entry.queue_id, EntryOutcome::kRefused});
}

void Router::On(const WithdrawInput& input) {
  Entry* entry = entries_.Find(input.interaction_id);
  if (entry == nullptr) return;  // It has left already: the messages crossed.
  Leave(*entry, input.outcome, "withdrawn");
}

void Router::On(const AssignmentEndedInput& input) {
  Entry* entry = entries_.Find(input.interaction_id);
  if (entry == nullptr || entry->state != EntryState::kAssigned) return;
  if (!input.agent_id.empty() && entry->offer.agent_id != input.agent_id) return;
  EndAssignment(*entry);
}

}  // namespace zvon::routing
