#include "services/routing/core/match_index.h"

#include <algorithm>
#include <utility>

#include "services/common/check/check.h"

namespace zvon::routing {
namespace {

bool AdmitsMember(const QueueSettings& queue, const AgentProfile& profile) {
  return queue.member_ids.empty() ||
         std::binary_search(profile.member_of.begin(), profile.member_of.end(), queue.queue_id);
}

bool Matches(const QueueSettings& queue, const SkillSet& required, const AgentProfile& profile) {
  if (!AdmitsMember(queue, profile)) return false;
  return queue.match_mode == MatchMode::kExact ? profile.skills == required
                                               : Contains(profile.skills, required);
}

template <class T>
void EraseOne(std::vector<T*>& from, T* what) {
  from.erase(std::find(from.begin(), from.end(), what));
}

}  // namespace

void MatchIndex::Reset(const TenantSettings& settings) {
  settings_ = &settings;
  groups_.clear();
  demands_.clear();
  groups_by_queue_.clear();
  rechecks_.clear();
  memberships_.clear();
  // In order of queue id, so each agent's list comes out sorted.
  for (const auto& [queue_id, queue] : settings.queues) {
    for (const std::string& member : queue.member_ids) memberships_[member].push_back(queue_id);
  }
}

AgentProfile MatchIndex::ProfileOf(const std::string& agent_id) const {
  AgentProfile profile;
  if (auto it = settings_->agents.find(agent_id); it != settings_->agents.end()) {
    profile.skills = it->second;
  }
  if (auto it = memberships_.find(agent_id); it != memberships_.end()) {
    profile.member_of = it->second;
  }
  return profile;
}

AgentGroup* MatchIndex::AddAgent(const std::string& agent_id, AgentState state) {
  AgentProfile profile = ProfileOf(agent_id);
  std::unique_ptr<AgentGroup>& group = groups_[profile];
  if (group == nullptr) {
    group = std::make_unique<AgentGroup>();
    group->profile = std::move(profile);
    for (const auto& [queue_id, queue] : settings_->queues) {
      if (!AdmitsMember(queue, group->profile)) continue;
      if (!Contains(group->profile.skills, queue.required_skills)) continue;
      group->queue_ids.push_back(queue_id);
      groups_by_queue_[queue_id].insert(group->profile);
    }
    for (auto& [key, demand] : demands_) Link(*group, *demand);
  }
  ++group->agents;
  ++group->count[static_cast<size_t>(state)];
  if (state != AgentState::kOffline && group->signed_in() == 1) RecheckDemandsOf(*group);
  return group.get();
}

void MatchIndex::RemoveAgent(AgentGroup* group, AgentState state) {
  const bool had_signed_in = group->signed_in() > 0;
  --group->agents;
  --group->count[static_cast<size_t>(state)];
  ZVON_CHECK(group->agents >= 0);
  if (had_signed_in && group->signed_in() == 0) RecheckDemandsOf(*group);
  if (group->agents > 0) return;
  ZVON_CHECK(group->idle.empty());
  for (Demand* demand : group->demands) EraseOne(demand->groups, group);
  for (const std::string& queue_id : group->queue_ids) {
    groups_by_queue_[queue_id].erase(group->profile);
  }
  const AgentProfile profile = group->profile;
  groups_.erase(profile);
}

void MatchIndex::Recount(AgentGroup* group, AgentState from, AgentState to) {
  const bool had_signed_in = group->signed_in() > 0;
  --group->count[static_cast<size_t>(from)];
  ++group->count[static_cast<size_t>(to)];
  if (had_signed_in != (group->signed_in() > 0)) RecheckDemandsOf(*group);
}

Demand* MatchIndex::AddEntry(const std::string& queue_id, const SkillSet& skills) {
  const auto queue = settings_->queues.find(queue_id);
  if (queue == settings_->queues.end()) return nullptr;
  DemandKey key{queue_id, Union(queue->second.required_skills, skills)};
  std::unique_ptr<Demand>& demand = demands_[key];
  if (demand == nullptr) {
    demand = std::make_unique<Demand>();
    demand->key = key;
    for (auto& [profile, group] : groups_) Link(*group, *demand);
    rechecks_.insert(std::move(key));
  }
  ++demand->entries;
  return demand.get();
}

void MatchIndex::RemoveEntry(Demand* demand) {
  ZVON_CHECK(demand->entries > 0);
  if (--demand->entries > 0) return;
  ZVON_CHECK(demand->offerable.empty());
  for (AgentGroup* group : demand->groups) EraseOne(group->demands, demand);
  const DemandKey key = demand->key;
  rechecks_.erase(key);
  demands_.erase(key);
}

std::vector<Demand*> MatchIndex::TakeServableChanges() {
  std::vector<Demand*> changed;
  for (const DemandKey& key : rechecks_) {
    Demand& demand = *demands_.at(key);
    const bool servable = std::any_of(demand.groups.begin(), demand.groups.end(),
                                      [](const AgentGroup* g) { return g->signed_in() > 0; });
    if (servable == demand.servable) continue;
    demand.servable = servable;
    changed.push_back(&demand);
  }
  rechecks_.clear();
  return changed;
}

void MatchIndex::Link(AgentGroup& group, Demand& demand) {
  const QueueSettings& queue = settings_->queues.at(demand.key.queue_id);
  if (!Matches(queue, demand.key.required, group.profile)) return;
  group.demands.push_back(&demand);
  demand.groups.push_back(&group);
}

void MatchIndex::RecheckDemandsOf(const AgentGroup& group) {
  for (const Demand* demand : group.demands) rechecks_.insert(demand->key);
}

}  // namespace zvon::routing
