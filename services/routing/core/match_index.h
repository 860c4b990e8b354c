#pragma once
// Who can serve what, kept so that no event looks at every agent or entry.
//
// Agents with equal skills and memberships form a group; entries of one queue
// with equal requirements form a demand. A demand and a group are linked when
// any agent of the one may serve any entry of the other. There are few of
// both, however many agents and entries there are.

#include <array>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "services/routing/core/entry.h"
#include "services/routing/core/tenant_settings.h"

namespace zvon::routing {

struct Demand;

struct AgentProfile {
  SkillSet skills;
  std::vector<std::string> member_of;  // Queues that name the agent, sorted.
  friend auto operator<=>(const AgentProfile&, const AgentProfile&) = default;
};

struct AgentGroup {
  AgentProfile profile;
  std::set<IdleKey> idle;                 // Those who may be given an offer now.
  std::array<int, kAgentStates> count{};  // By state.
  std::vector<Demand*> demands;           // Linked ones, in order of linking.
  std::vector<std::string> queue_ids;     // Queues it serves, skills of entries aside.
  int agents = 0;
  int signed_in() const { return agents - count[static_cast<size_t>(AgentState::kOffline)]; }
};

struct DemandKey {
  std::string queue_id;
  SkillSet required;  // Queue's ∪ entry's.
  friend auto operator<=>(const DemandKey&, const DemandKey&) = default;
};

struct Demand {
  DemandKey key;
  std::set<PlaceKey> offerable;
  int entries = 0;  // In any state but Assigned.
  std::vector<AgentGroup*> groups;
  // Somebody signed in could serve it, now or later.
  bool servable = true;
};

// Owns groups and demands. Settings are borrowed and outlive the index, or
// are replaced by Reset.
class MatchIndex {
 public:
  // Forgets all groups and demands: the tables register theirs again.
  void Reset(const TenantSettings& settings);

  AgentProfile ProfileOf(const std::string& agent_id) const;
  AgentGroup* AddAgent(const std::string& agent_id, AgentState state);
  void RemoveAgent(AgentGroup* group, AgentState state);
  void Recount(AgentGroup* group, AgentState from, AgentState to);

  // Null where the queue is not configured.
  Demand* AddEntry(const std::string& queue_id, const SkillSet& skills);
  void RemoveEntry(Demand* demand);

  // Demands whose `servable` changed since the last call.
  std::vector<Demand*> TakeServableChanges();

  // Of one queue, for its status.
  template <class Visit>
  void VisitDemands(const std::string& queue_id, Visit visit) const {
    for (auto it = demands_.lower_bound(DemandKey{queue_id, {}});
         it != demands_.end() && it->first.queue_id == queue_id; ++it) {
      visit(*it->second);
    }
  }
  template <class Visit>
  void VisitGroups(const std::string& queue_id, Visit visit) const {
    const auto it = groups_by_queue_.find(queue_id);
    if (it == groups_by_queue_.end()) return;
    for (const AgentProfile& profile : it->second) visit(*groups_.at(profile));
  }

 private:
  void Link(AgentGroup& group, Demand& demand);
  void RecheckDemandsOf(const AgentGroup& group);

  const TenantSettings* settings_ = nullptr;
  std::map<AgentProfile, std::unique_ptr<AgentGroup>> groups_;
  std::map<DemandKey, std::unique_ptr<Demand>> demands_;
  std::map<std::string, std::set<AgentProfile>> groups_by_queue_;
  std::map<std::string, std::vector<std::string>> memberships_;  // Agent → queues.
  std::set<DemandKey> rechecks_;
};

}  // namespace zvon::routing
