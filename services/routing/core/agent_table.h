#pragma once
// All agents of a tenant who ever signed in: the truth in memory.

#include <map>
#include <optional>
#include <set>
#include <string>

#include "services/routing/core/agent.h"
#include "services/routing/core/match_index.h"

namespace zvon::routing {

// Keeps the index true: whoever changes an agent calls Reindex before anything
// is matched again. Agents' addresses are stable until Erase.
class AgentTable {
 public:
  explicit AgentTable(MatchIndex& index) : index_(index) {}

  Agent* Find(const std::string& agent_id);
  const Agent* Find(const std::string& agent_id) const;
  // Adds the agent as Offline where it is not known.
  Agent& Make(const std::string& agent_id);
  void Put(Agent agent);
  void Erase(const std::string& agent_id);
  void Reindex(const Agent& agent);
  // After MatchIndex::Reset.
  void RebuildIndex();

  const AgentGroup& GroupOf(const std::string& agent_id) const;
  // Agents who became offerable since they were last taken.
  std::set<std::string>& fresh() { return fresh_; }
  size_t size() const { return slots_.size(); }

  template <class Visit>
  void ForEach(Visit visit) const {
    for (const auto& [id, slot] : slots_) visit(slot.agent);
  }

 private:
  struct Slot {
    Agent agent;
    AgentGroup* group = nullptr;
    AgentState counted = AgentState::kOffline;
    std::optional<IdleKey> idle;
  };
  void Unlink(Slot& slot);
  void Relink(Slot& slot);

  MatchIndex& index_;
  std::map<std::string, Slot> slots_;
  std::set<std::string> fresh_;
};

IdleKey IdleKeyOf(const Agent& agent);

}  // namespace zvon::routing
