// Match, offer, and the ways an offer ends. Acceptance is decided here, in
// one place: one agent, one interaction, the first valid token wins.

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/check/check.h"
#include "services/routing/core/matcher.h"
#include "services/routing/core/router.h"

namespace zvon::routing {

void Router::MatchAll() {
  if (!store_available_) return;  // Who is fresh stays so until it is back.
  while (std::optional<Match> match = NextMatch(agents_, entries_, now_)) {
    StartOffer(*entries_.Find(match->interaction_id), *agents_.Find(match->agent_id),
               std::move(match->reason));
  }
}

void Router::StartOffer(Entry& entry, Agent& agent, std::string reason) {
  ZVON_CHECK(entry.state == EntryState::kWaiting && agent.offerable());
  const QueueSettings& queue = *FindQueue(entry.queue_id);
  Offer offer;
  offer.token = {epoch_, ++token_counter_};
  offer.offer_id = absl::StrCat("offer-", offer.token.epoch, "-", offer.token.counter);
  offer.agent_id = agent.agent_id;
  offer.offer_time = now_;
  offer.deadline = now_ + queue.offer_timeout;
  offer.reason = std::move(reason);
  entry.state = EntryState::kOffered;
  entry.offer = offer;
  timers_.Set({Timer::kOfferDeadline, entry.interaction_id},
              offer.deadline + options_.deadline_slack);
  TouchEntry(entry);
  AgentInput step{AgentInput::Kind::kOffer};
  step.interaction_id = entry.interaction_id;
  step.queue_id = entry.queue_id;
  step.enqueue_time = entry.enqueue_time;
  step.summary = entry.summary;
  Move(agent, step);
  Tell(entry, OfferMade{entry.queue_id, offer}, agent.agent_id);
  TellOwner(entry,
            OfferStarted{std::move(offer), entry.queue_id, entry.enqueue_time, entry.summary});
}

// An offer is known by id and token together. Whoever comes with another one
// is late and is told so; a repeat of the winner is answered as before.
void Router::On(const OfferProgressInput& input) {
  Entry* entry = entries_.Find(input.interaction_id);
  const bool present = entry != nullptr && entry->state == EntryState::kOffered &&
                       entry->offer.offer_id == input.offer_id && entry->offer.token == input.token;
  switch (input.progress) {
    case Progress::kRinging:
      return;
    case Progress::kAnswered:
      return OnAnswered(input);
    case Progress::kDeclined:
      if (present) EndOffer(*entry, OfferOutcome::kDeclined, input.message, false);
      return;
    case Progress::kFailed:
      if (present) EndOffer(*entry, OfferOutcome::kFailed, input.message, false);
      return;
    case Progress::kExpired:
      if (present) EndOffer(*entry, OfferOutcome::kExpired, input.message, false);
      return;
  }
}

void Router::OnAnswered(const OfferProgressInput& input) {
  Entry* entry = entries_.Find(input.interaction_id);
  const bool same = entry != nullptr && entry->offer.offer_id == input.offer_id &&
                    entry->offer.token == input.token;
  if (same && entry->state == EntryState::kOffered) {
    // Heard from its owner: the rest of the republication need not come first.
    entries_.ChangeOwner(*entry, input.owner_id);
    entry->confirmed = true;
    return Accept(*entry);
  }
  if (same && entry->state == EntryState::kAssigned) {
    entries_.ChangeOwner(*entry, input.owner_id);
    entry->confirmed = true;
    doubtful_.erase(entry->interaction_id);
    TouchEntry(*entry);
    return TellOwner(*entry, Assigned{input.offer_id, input.token, entry->offer.agent_id});
  }
  effects_.owner_messages.push_back({input.owner_id, input.interaction_id,
                                     OfferRevoked{input.offer_id, input.token, "already over"}});
}

void Router::Accept(Entry& entry) {
  ZVON_CHECK(entry.state == EntryState::kOffered);
  const QueueSettings* queue = FindQueue(entry.queue_id);
  const absl::Duration waited = now_ - entry.enter_time;
  const bool in_time = queue != nullptr && waited <= queue->service_level_threshold;
  timers_.Cancel({Timer::kOfferDeadline, entry.interaction_id});
  timers_.Cancel({Timer::kWaitMax, entry.interaction_id});
  timers_.Cancel({Timer::kAvoidOver, entry.interaction_id});
  QueueCounters& counters = CountersOf(entry.queue_id);
  ++counters.answered;
  counters.answered_within_threshold += in_time ? 1 : 0;
  counters.answered_wait += waited;

  Agent& agent = *agents_.Find(entry.offer.agent_id);
  const int64_t day = DayNumber(now_, settings_.time_zone);
  agent.handled_today = agent.handled_day == day ? agent.handled_today + 1 : 1;
  agent.handled_day = day;
  Tell(entry, OfferEnded{entry.queue_id, entry.offer.offer_id, OfferOutcome::kAccepted},
       agent.agent_id);
  Tell(entry, QueueLeft{entry.queue_id, EntryOutcome::kAnswered, waited, in_time}, agent.agent_id);
  Tell(entry, InteractionAssigned{entry.queue_id, entry.offer.offer_id, waited}, agent.agent_id);
  Move(agent, AgentInput{AgentInput::Kind::kAccepted});
  entry.state = EntryState::kAssigned;
  entry.avoid.clear();
  unservable_.erase(entry.interaction_id);
  TouchEntry(entry);
  TellOwner(entry, Assigned{entry.offer.offer_id, entry.offer.token, agent.agent_id});
}

void Router::EndOffer(Entry& entry, OfferOutcome outcome, const std::string& message,
                      bool tell_owner) {
  ZVON_CHECK(entry.state == EntryState::kOffered && outcome != OfferOutcome::kAccepted);
  timers_.Cancel({Timer::kOfferDeadline, entry.interaction_id});
  const Offer offer = std::exchange(entry.offer, Offer());
  entry.ended_offer_id = offer.offer_id;
  entry.ended_token = offer.token;
  entry.state = EntryState::kWaiting;
  Tell(entry, OfferEnded{entry.queue_id, offer.offer_id, outcome, message}, offer.agent_id);
  if (tell_owner) TellOwner(entry, OfferRevoked{offer.offer_id, offer.token, message});

  Agent& agent = *agents_.Find(offer.agent_id);
  if (outcome == OfferOutcome::kRevoked) {
    Move(agent, AgentInput{AgentInput::Kind::kOfferTakenBack});
  } else {
    MarkAvoided(entry, offer.agent_id);
    AgentInput missed{AgentInput::Kind::kOfferMissed};
    const QueueSettings* queue = FindQueue(entry.queue_id);
    const std::string reason_id = queue == nullptr ? "" : queue->missed_offer_reason_id;
    // A phone that cannot be rung misses the next offer as surely as this one.
    if (!reason_id.empty() || outcome == OfferOutcome::kFailed) {
      missed.wish = NextState{AgentState::kNotReady, reason_id};
    }
    Move(agent, missed);
  }
  TouchEntry(entry);
  if (entry.wait_deadline <= now_) OnWaitMax(entry);
}

void Router::MarkAvoided(Entry& entry, const std::string& agent_id) {
  entry.avoid[agent_id] = now_ + options_.avoid;
  SpareNoMore(entry);
}

// Forgets whom the entry need not avoid any more, and wakes for the next.
void Router::SpareNoMore(Entry& entry) {
  absl::Time next = absl::InfiniteFuture();
  for (auto it = entry.avoid.begin(); it != entry.avoid.end();) {
    if (it->second > now_) next = std::min(next, it->second);
    it = it->second > now_ ? std::next(it) : entry.avoid.erase(it);
  }
  if (next != absl::InfiniteFuture()) timers_.Set({Timer::kAvoidOver, entry.interaction_id}, next);
  entries_.Refresh(entry.interaction_id);
}

void Router::EndAssignment(Entry& entry) {
  ZVON_CHECK(entry.state == EntryState::kAssigned);
  const std::string interaction_id = entry.interaction_id;
  Agent* agent = agents_.Find(entry.offer.agent_id);
  const QueueSettings* queue = FindQueue(entry.queue_id);
  entries_.Erase(interaction_id);
  touched_entries_.insert(interaction_id);
  if (agent == nullptr || agent->state != AgentState::kEngaged ||
      agent->interaction_id != interaction_id) {
    return;
  }
  AgentInput ended{AgentInput::Kind::kAssignmentEnded};
  ended.wrap_up_limit = queue == nullptr ? absl::ZeroDuration() : queue->wrap_up_limit;
  Move(*agent, ended);
  if (agent->state != AgentState::kWrapUp) return;
  timers_.Set({Timer::kWrapUpLimit, agent->agent_id}, agent->wrap_up_deadline);
  Tell(*agent, WrapUpStarted{agent->wrap_up_deadline});
}

void Router::Leave(Entry& entry, EntryOutcome outcome, const std::string& why) {
  if (entry.state == EntryState::kAssigned) return EndAssignment(entry);
  // Past its limit or not, it leaves by this door only.
  entry.wait_deadline = absl::InfiniteFuture();
  if (entry.state == EntryState::kOffered) EndOffer(entry, OfferOutcome::kRevoked, why, true);
  const std::string interaction_id = entry.interaction_id;
  const QueueSettings* queue = FindQueue(entry.queue_id);
  const absl::Duration waited = now_ - entry.enter_time;
  QueueLeft left{entry.queue_id, outcome, waited};
  left.within_threshold = queue != nullptr && waited <= queue->service_level_threshold;
  left.short_abandon = outcome == EntryOutcome::kAbandoned && queue != nullptr &&
                       waited <= queue->short_abandon_threshold;
  if (outcome == EntryOutcome::kAbandoned) ++CountersOf(entry.queue_id).abandoned;
  TouchEntry(entry);
  Tell(entry, std::move(left));
  for (const Timer timer : {Timer::kWaitMax, Timer::kAvoidOver})
    timers_.Cancel({timer, interaction_id});
  positions_[entry.queue_id].erase(interaction_id);
  unservable_.erase(interaction_id);
  entries_.Erase(interaction_id);
}

// While an agent's phone rings the limit waits for the answer, and while the
// owner is away for its return: it would not hear of it.
void Router::OnWaitMax(Entry& entry) {
  if (entry.state != EntryState::kWaiting || !entry.confirmed) return;
  TellOwner(entry, WaitExpired{});
  Leave(entry, EntryOutcome::kFlowedOut, "waited too long");
}

}  // namespace zvon::routing
