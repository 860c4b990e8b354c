#include "services/routing/core/agent_table.h"

#include <utility>

#include "services/common/check/check.h"

namespace zvon::routing {

IdleKey IdleKeyOf(const Agent& agent) {
  return {absl::ToUnixMillis(agent.release_time), absl::ToUnixMillis(agent.login_time),
          agent.agent_id};
}

Agent* AgentTable::Find(const std::string& agent_id) {
  const auto it = slots_.find(agent_id);
  return it == slots_.end() ? nullptr : &it->second.agent;
}

const Agent* AgentTable::Find(const std::string& agent_id) const {
  const auto it = slots_.find(agent_id);
  return it == slots_.end() ? nullptr : &it->second.agent;
}

Agent& AgentTable::Make(const std::string& agent_id) {
  if (Agent* known = Find(agent_id)) return *known;
  Agent agent;
  agent.agent_id = agent_id;
  Put(std::move(agent));
  return slots_.at(agent_id).agent;
}

void AgentTable::Put(Agent agent) {
  Slot& slot = slots_[agent.agent_id];
  if (slot.group != nullptr) Unlink(slot);
  slot.agent = std::move(agent);
  Relink(slot);
}

void AgentTable::Erase(const std::string& agent_id) {
  const auto it = slots_.find(agent_id);
  if (it == slots_.end()) return;
  Unlink(it->second);
  slots_.erase(it);
}

void AgentTable::Reindex(const Agent& agent) {
  Slot& slot = slots_.at(agent.agent_id);
  if (slot.counted != agent.state) {
    index_.Recount(slot.group, slot.counted, agent.state);
    slot.counted = agent.state;
  }
  std::optional<IdleKey> idle;
  if (agent.offerable()) idle = IdleKeyOf(agent);
  if (idle == slot.idle) return;
  if (slot.idle) slot.group->idle.erase(*slot.idle);
  slot.idle = std::move(idle);
  if (slot.idle) {
    slot.group->idle.insert(*slot.idle);
    fresh_.insert(agent.agent_id);
  } else {
    fresh_.erase(agent.agent_id);
  }
}

void AgentTable::RebuildIndex() {
  fresh_.clear();
  for (auto& [id, slot] : slots_) Relink(slot);
}

const AgentGroup& AgentTable::GroupOf(const std::string& agent_id) const {
  return *slots_.at(agent_id).group;
}

void AgentTable::Unlink(Slot& slot) {
  if (slot.idle) slot.group->idle.erase(*slot.idle);
  slot.idle.reset();
  fresh_.erase(slot.agent.agent_id);
  index_.RemoveAgent(slot.group, slot.counted);
  slot.group = nullptr;
}

void AgentTable::Relink(Slot& slot) {
  slot.idle.reset();
  slot.counted = slot.agent.state;
  slot.group = index_.AddAgent(slot.agent.agent_id, slot.counted);
  Reindex(slot.agent);
}

}  // namespace zvon::routing
