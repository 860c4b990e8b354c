#pragma once
// All entries of a tenant, waiting or with an agent: the truth in memory.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "services/routing/core/entry.h"
#include "services/routing/core/match_index.h"

namespace zvon::routing {

// As AgentTable: Reindex after each change. A line holds the queue's waiting
// and offered entries in the order of service: an offer keeps its place.
class EntryTable {
 public:
  using Line = std::set<PlaceKey>;
  explicit EntryTable(MatchIndex& index) : index_(index) {}

  Entry* Find(const std::string& interaction_id);
  const Entry* Find(const std::string& interaction_id) const;
  // The queue must be configured.
  Entry& Put(Entry entry, int queue_priority);
  void Erase(const std::string& interaction_id);
  void Reindex(const Entry& entry);
  // After MatchIndex::Reset; entries of queues that are no more come back and
  // stay outside the index.
  std::vector<std::string> RebuildIndex(const TenantSettings& settings);

  const Line& LineOf(const std::string& queue_id) const;
  const std::set<std::string>& OwnedBy(const std::string& owner_id) const;
  void ChangeOwner(Entry& entry, const std::string& owner_id);
  const Demand* DemandOf(const std::string& interaction_id) const;
  const PlaceKey& PlaceOf(const std::string& interaction_id) const;
  // Entries that became offerable since they were last taken, in order.
  std::set<PlaceKey>& fresh() { return fresh_; }
  // To be looked at again, where it is offerable (it avoids an agent no more).
  void Refresh(const std::string& interaction_id);
  size_t size() const { return slots_.size(); }

  template <class Visit>
  void ForEach(Visit visit) const {
    for (const auto& [id, slot] : slots_) visit(slot.entry);
  }

 private:
  struct Slot {
    Entry entry;
    PlaceKey place;
    Demand* demand = nullptr;  // Null in Assigned and without a queue.
    bool in_line = false;
    bool offerable = false;
  };
  void Unlink(Slot& slot);

  MatchIndex& index_;
  std::map<std::string, Slot> slots_;
  std::map<std::string, Line> lines_;
  std::map<std::string, std::set<std::string>> by_owner_;
  std::set<PlaceKey> fresh_;
};

}  // namespace zvon::routing
