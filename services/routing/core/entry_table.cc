#include "services/routing/core/entry_table.h"

#include <utility>

#include "services/common/check/check.h"

namespace zvon::routing {

Entry* EntryTable::Find(const std::string& interaction_id) {
  const auto it = slots_.find(interaction_id);
  return it == slots_.end() ? nullptr : &it->second.entry;
}

const Entry* EntryTable::Find(const std::string& interaction_id) const {
  const auto it = slots_.find(interaction_id);
  return it == slots_.end() ? nullptr : &it->second.entry;
}

Entry& EntryTable::Put(Entry entry, int queue_priority) {
  ZVON_CHECK(Find(entry.interaction_id) == nullptr);
  Slot& slot = slots_[entry.interaction_id];
  slot.place = {queue_priority + entry.priority, entry.enqueue_time, entry.interaction_id};
  slot.entry = std::move(entry);
  by_owner_[slot.entry.owner_id].insert(slot.entry.interaction_id);
  Reindex(slot.entry);
  return slot.entry;
}

void EntryTable::Erase(const std::string& interaction_id) {
  const auto it = slots_.find(interaction_id);
  if (it == slots_.end()) return;
  Unlink(it->second);
  const auto owned = by_owner_.find(it->second.entry.owner_id);
  owned->second.erase(interaction_id);
  if (owned->second.empty()) by_owner_.erase(owned);
  slots_.erase(it);
}

void EntryTable::Reindex(const Entry& entry) {
  Slot& slot = slots_.at(entry.interaction_id);
  if (entry.state == EntryState::kAssigned) return Unlink(slot);
  if (!slot.in_line) {
    slot.demand = index_.AddEntry(entry.queue_id, entry.skills);
    if (slot.demand == nullptr) return;  // The queue is gone; the router ends the entry.
    slot.in_line = true;
    lines_[entry.queue_id].insert(slot.place);
  }
  const bool offerable = entry.state == EntryState::kWaiting && entry.confirmed;
  if (offerable == slot.offerable) return;
  slot.offerable = offerable;
  if (offerable) {
    slot.demand->offerable.insert(slot.place);
    fresh_.insert(slot.place);
  } else {
    slot.demand->offerable.erase(slot.place);
    fresh_.erase(slot.place);
  }
}

void EntryTable::Refresh(const std::string& interaction_id) {
  const Slot& slot = slots_.at(interaction_id);
  if (slot.offerable) fresh_.insert(slot.place);
}

std::vector<std::string> EntryTable::RebuildIndex(const TenantSettings& settings) {
  std::vector<std::string> homeless;
  lines_.clear();
  fresh_.clear();
  for (auto& [id, slot] : slots_) {
    slot.demand = nullptr;
    slot.in_line = slot.offerable = false;
    const auto queue = settings.queues.find(slot.entry.queue_id);
    if (queue == settings.queues.end()) {
      if (slot.entry.state != EntryState::kAssigned) homeless.push_back(id);
      continue;
    }
    slot.place.priority = queue->second.priority + slot.entry.priority;
    Reindex(slot.entry);
  }
  return homeless;
}

const EntryTable::Line& EntryTable::LineOf(const std::string& queue_id) const {
  static const Line kEmpty;
  const auto it = lines_.find(queue_id);
  return it == lines_.end() ? kEmpty : it->second;
}

const std::set<std::string>& EntryTable::OwnedBy(const std::string& owner_id) const {
  static const std::set<std::string> kNone;
  const auto it = by_owner_.find(owner_id);
  return it == by_owner_.end() ? kNone : it->second;
}

void EntryTable::ChangeOwner(Entry& entry, const std::string& owner_id) {
  if (entry.owner_id == owner_id) return;
  const auto owned = by_owner_.find(entry.owner_id);
  owned->second.erase(entry.interaction_id);
  if (owned->second.empty()) by_owner_.erase(owned);
  entry.owner_id = owner_id;
  by_owner_[owner_id].insert(entry.interaction_id);
}

const Demand* EntryTable::DemandOf(const std::string& interaction_id) const {
  return slots_.at(interaction_id).demand;
}

const PlaceKey& EntryTable::PlaceOf(const std::string& interaction_id) const {
  return slots_.at(interaction_id).place;
}

void EntryTable::Unlink(Slot& slot) {
  if (!slot.in_line) return;
  if (slot.offerable) slot.demand->offerable.erase(slot.place);
  fresh_.erase(slot.place);
  const auto line = lines_.find(slot.demand->key.queue_id);
  line->second.erase(slot.place);
  if (line->second.empty()) lines_.erase(line);
  index_.RemoveEntry(slot.demand);
  slot.demand = nullptr;
  slot.in_line = slot.offerable = false;
}

}  // namespace zvon::routing
