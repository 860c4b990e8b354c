#include "services/routing/core/router.h"

#include <algorithm>
#include <utility>

#include "services/common/check/check.h"

namespace zvon::routing {

Router::Router(std::string tenant_id, int64_t epoch, RouterOptions options)
    : tenant_id_(std::move(tenant_id)), epoch_(epoch), options_(options) {
  index_.Reset(settings_);
}

Effects Router::Restore(TenantState state, TenantSettings settings, absl::Time now) {
  now_ = now;
  settings_ = std::move(settings);
  index_.Reset(settings_);
  for (QueueCounters& counters : state.counters) {
    const std::string queue_id = counters.queue_id;
    counters_[queue_id] = std::move(counters);
  }
  for (Agent& agent : state.agents) {
    if (agent.state == AgentState::kWrapUp) {
      timers_.Set({Timer::kWrapUpLimit, agent.agent_id}, agent.wrap_up_deadline);
    }
    // Heard of by the leader before; its gateway has 15 s to speak up.
    agent.connected = agent.signed_in();
    if (agent.connected)
      timers_.Set({Timer::kHeartbeat, agent.agent_id}, now + options_.heartbeat_max);
    agents_.Put(std::move(agent));
  }
  for (Entry& entry : state.entries) {
    entry.confirmed = false;
    owners_[entry.owner_id];
    if (entry.state == EntryState::kOffered) {
      timers_.Set({Timer::kOfferDeadline, entry.interaction_id},
                  entry.offer.deadline + options_.deadline_slack);
    }
    if (!entry.avoid.empty()) timers_.Set({Timer::kAvoidOver, entry.interaction_id}, now);
    if (entry.wait_deadline != absl::InfiniteFuture()) {
      timers_.Set({Timer::kWaitMax, entry.interaction_id}, entry.wait_deadline);
    }
    const QueueSettings* queue = FindQueue(entry.queue_id);
    entries_.Put(std::move(entry), queue == nullptr ? 0 : queue->priority);
  }
  for (const auto& [owner_id, owner] : owners_) {
    timers_.Set({Timer::kOwnerGrace, owner_id}, now + options_.owner_grace);
    timers_.Set({Timer::kOwnerForget, owner_id}, now + options_.owner_forget);
  }
  Reconcile();
  RebuildIndexes();
  for (const auto& [queue_id, queue] : settings_.queues) TouchQueue(queue_id);
  return TakeEffects();
}

Effects Router::Handle(const Input& input, absl::Time now) {
  now_ = std::max(now_, now);
  RunTimers();
  std::visit([this](const auto& what) { On(what); }, input);
  TellServableChanges();
  MatchAll();
  RunTimers();  // What the input itself has made due: positions, statuses.
  return TakeEffects();
}

void Router::On(const SettingsChanged& input) {
  settings_ = input.settings;
  RebuildIndexes();
  for (const auto& [queue_id, queue] : settings_.queues) TouchQueue(queue_id);
}

void Router::On(const StoreHealth& input) { store_available_ = input.available; }

// A change of settings moves nobody without cause: everything keeps its place
// and state, only what can be served by whom is computed anew.
void Router::RebuildIndexes() {
  index_.Reset(settings_);
  agents_.RebuildIndex();
  for (const std::string& id : entries_.RebuildIndex(settings_)) {
    Entry* entry = entries_.Find(id);
    TellOwner(*entry, WaitExpired{});
    Leave(*entry, EntryOutcome::kFlowedOut, "queue removed");
  }
  // Who may not work any more leaves when the work at hand is done.
  std::vector<std::string> leaving;
  agents_.ForEach([&](const Agent& agent) {
    if (settings_.agents.count(agent.agent_id) == 0) leaving.push_back(agent.agent_id);
  });
  for (const std::string& id : leaving) {
    On(SignOutInput{id, {}});
    if (agents_.Find(id)->signed_in()) continue;
    agents_.Erase(id);
    touched_agents_.insert(id);
  }
}

// The store's script writes agent and entry together, so they agree; a record
// that does not is a fault of somebody else, and must not be ours as well.
void Router::Reconcile() {
  std::vector<std::string> wrong;
  entries_.ForEach([&](const Entry& entry) {
    if (entry.state == EntryState::kWaiting) return;
    const Agent* agent = agents_.Find(entry.offer.agent_id);
    if (agent == nullptr || agent->interaction_id != entry.interaction_id ||
        (entry.state == EntryState::kOffered) != (agent->state == AgentState::kOffered)) {
      wrong.push_back(entry.interaction_id);
    }
  });
  for (const std::string& id : wrong) {
    Entry& entry = *entries_.Find(id);
    timers_.Cancel({Timer::kOfferDeadline, id});
    entry.state = EntryState::kWaiting;
    entry.offer = Offer();
    TouchEntry(entry);
  }
  wrong.clear();
  agents_.ForEach([&](const Agent& agent) {
    if (agent.state != AgentState::kOffered && agent.state != AgentState::kEngaged) return;
    const Entry* entry = entries_.Find(agent.interaction_id);
    if (entry == nullptr || entry->offer.agent_id != agent.agent_id)
      wrong.push_back(agent.agent_id);
  });
  for (const std::string& id : wrong) {
    Agent& agent = *agents_.Find(id);
    Move(agent,
         AgentInput{agent.state == AgentState::kOffered ? AgentInput::Kind::kOfferTakenBack
                                                        : AgentInput::Kind::kAssignmentEnded});
  }
}

void Router::RunTimers() {
  while (std::optional<TimerKey> key = timers_.PopDue(now_)) OnTimer(*key);
}

void Router::OnTimer(const TimerKey& key) {
  Entry* entry = entries_.Find(key.id);
  Agent* agent = agents_.Find(key.id);
  switch (key.timer) {
    case Timer::kOfferDeadline:
      if (entry != nullptr && entry->state == EntryState::kOffered) {
        EndOffer(*entry, OfferOutcome::kExpired, "deadline", true);
      }
      return;
    case Timer::kWaitMax:
      if (entry != nullptr) OnWaitMax(*entry);
      return;
    case Timer::kAvoidOver:
      if (entry != nullptr) SpareNoMore(*entry);
      return;
    case Timer::kWrapUpLimit:
      if (agent != nullptr) EndWrapUp(*agent, true);
      return;
    case Timer::kHeartbeat:
      if (agent != nullptr) Disconnect(*agent);
      return;
    case Timer::kOfflineGrace:
      if (agent != nullptr) OnOfflineGrace(*agent);
      return;
    case Timer::kOwnerGrace:
      return OnOwnerGrace(key.id);
    case Timer::kOwnerForget:
      return DropUnconfirmed(key.id, "owner lost");
    case Timer::kOwnerConfirm:
      return DropUnconfirmed(key.id, "no longer held by its owner");
    case Timer::kTellPositions:
      return TellPositions(key.id);
    case Timer::kTellStatus:
      status_told_[key.id] = now_;
      if (FindQueue(key.id) != nullptr) effects_.queues.push_back(ViewOf(key.id, now_));
      return;
  }
}

// Walks the line once per interval at most, however often it changes.
void Router::TellPositions(const std::string& queue_id) {
  positions_told_[queue_id] = now_;
  std::map<std::string, int>& told = positions_[queue_id];
  std::map<std::string, int> present;
  int position = 0;
  for (const PlaceKey& place : entries_.LineOf(queue_id)) {
    ++position;
    present[place.interaction_id] = position;
    const auto before = told.find(place.interaction_id);
    if (before != told.end() && before->second == position) continue;
    const Entry& entry = *entries_.Find(place.interaction_id);
    TellOwner(entry, Position{position, entry.enqueue_time});
  }
  told = std::move(present);
}

void Router::TellServableChanges() {
  for (const Demand* demand : index_.TakeServableChanges()) {
    TouchQueue(demand->key.queue_id);
    for (const PlaceKey& place : entries_.LineOf(demand->key.queue_id)) {
      if (entries_.DemandOf(place.interaction_id) != demand) continue;
      TellServable(*entries_.Find(place.interaction_id), *demand);
    }
  }
}

// Once each time it turns unservable; new settings alone do not tell it again.
void Router::TellServable(const Entry& entry, const Demand& demand) {
  if (demand.servable) {
    unservable_.erase(entry.interaction_id);
  } else if (unservable_.insert(entry.interaction_id).second) {
    Tell(entry, QueueUnservable{demand.key.queue_id, demand.key.required});
  }
}

void Router::TouchAgent(const Agent& agent) {
  agents_.Reindex(agent);
  touched_agents_.insert(agent.agent_id);
  for (const std::string& queue_id : agents_.GroupOf(agent.agent_id).queue_ids)
    TouchQueue(queue_id);
}

void Router::TouchEntry(const Entry& entry) {
  entries_.Reindex(entry);
  touched_entries_.insert(entry.interaction_id);
  TouchQueue(entry.queue_id);
  const TimerKey key{Timer::kTellPositions, entry.queue_id};
  if (timers_.IsSet(key)) return;
  timers_.Set(key, std::max(now_, positions_told_[entry.queue_id] + options_.position_interval));
}

void Router::TouchQueue(const std::string& queue_id) {
  const TimerKey key{Timer::kTellStatus, queue_id};
  if (timers_.IsSet(key)) return;
  timers_.Set(key, std::max(now_, status_told_[queue_id] + options_.status_interval));
}

void Router::TellOwner(const Entry& entry, decltype(OwnerMessage::body) body) {
  effects_.owner_messages.push_back({entry.owner_id, entry.interaction_id, std::move(body)});
}

void Router::Tell(const Entry& entry, decltype(Fact::body) body, std::string agent_id) {
  effects_.facts.push_back({now_, NextSequence(), entry.interaction_id,
                            entry.summary == nullptr ? "" : entry.summary->call_id,
                            std::move(agent_id), std::move(body)});
}

void Router::Tell(const Agent& agent, decltype(Fact::body) body) {
  effects_.facts.push_back({now_, NextSequence(), agent.interaction_id,
                            agent.summary == nullptr ? "" : agent.summary->call_id, agent.agent_id,
                            std::move(body)});
}

// Microseconds of the wall where they are ahead: rises over take-overs
// without being stored.
int64_t Router::NextSequence() {
  sequence_ = std::max(sequence_ + 1, absl::ToUnixMicros(now_));
  return sequence_;
}

QueueCounters& Router::CountersOf(const std::string& queue_id) {
  QueueCounters& counters = counters_[queue_id];
  counters.queue_id = queue_id;
  TurnDay(counters, DayNumber(now_, settings_.time_zone));
  touched_counters_.insert(queue_id);
  TouchQueue(queue_id);
  return counters;
}

const QueueSettings* Router::FindQueue(const std::string& queue_id) const {
  const auto it = settings_.queues.find(queue_id);
  return it == settings_.queues.end() ? nullptr : &it->second;
}

AgentView Router::ViewOf(const Agent& agent) const {
  AgentView view{agent, std::nullopt};
  if (agent.state == AgentState::kOffered) view.offer = entries_.Find(agent.interaction_id)->offer;
  return view;
}

QueueView Router::ViewOf(const std::string& queue_id, absl::Time now) const {
  QueueView view;
  view.queue_id = queue_id;
  const EntryTable::Line& line = entries_.LineOf(queue_id);
  view.waiting = static_cast<int>(line.size());
  for (const PlaceKey& place : line) {
    view.longest_enqueue_time = std::min(view.longest_enqueue_time, place.enqueue_time);
  }
  index_.VisitDemands(queue_id, [&](const Demand& demand) {
    if (!demand.servable) view.unservable += demand.entries;
  });
  index_.VisitGroups(queue_id, [&](const AgentGroup& group) {
    const auto count = [&](AgentState state) { return group.count[static_cast<size_t>(state)]; };
    view.agents_ready += static_cast<int>(group.idle.size());
    view.agents_engaged +=
        count(AgentState::kOffered) + count(AgentState::kEngaged) + count(AgentState::kWrapUp);
    view.agents_not_ready += count(AgentState::kNotReady);
    view.agents_signed_in += group.signed_in();
  });
  if (const auto it = counters_.find(queue_id); it != counters_.end()) view.today = it->second;
  view.today.queue_id = queue_id;
  TurnDay(view.today, DayNumber(now, settings_.time_zone));
  return view;
}

TenantState Router::Snapshot() const {
  TenantState state;
  agents_.ForEach([&](const Agent& agent) { state.agents.push_back(agent); });
  entries_.ForEach([&](const Entry& entry) { state.entries.push_back(entry); });
  for (const auto& [queue_id, counters] : counters_) state.counters.push_back(counters);
  return state;
}

std::vector<AgentView> Router::AgentViews() const {
  std::vector<AgentView> views;
  agents_.ForEach([&](const Agent& agent) { views.push_back(ViewOf(agent)); });
  return views;
}

std::vector<QueueView> Router::QueueViews(absl::Time now) const {
  std::vector<QueueView> views;
  for (const auto& [queue_id, queue] : settings_.queues) views.push_back(ViewOf(queue_id, now));
  return views;
}

Effects Router::TakeEffects() {
  for (const std::string& id : touched_agents_) {
    Agent* agent = agents_.Find(id);
    if (agent == nullptr) {
      effects_.changes.emplace_back(AgentGone{id});
      continue;
    }
    ++agent->sequence;
    effects_.changes.emplace_back(*agent);
    effects_.agents.push_back(ViewOf(*agent));
  }
  for (const std::string& id : touched_entries_) {
    const Entry* entry = entries_.Find(id);
    if (entry != nullptr) {
      effects_.changes.emplace_back(*entry);
    } else {
      effects_.changes.emplace_back(EntryGone{id});
    }
  }
  for (const std::string& id : touched_counters_) effects_.changes.emplace_back(counters_.at(id));
  touched_agents_.clear();
  touched_entries_.clear();
  touched_counters_.clear();
  return std::exchange(effects_, Effects());
}

}  // namespace zvon::routing
