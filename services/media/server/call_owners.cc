#include "services/media/server/call_owners.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"

namespace zvon::media {
namespace {

// A call that was claimed just now may not be in a census that is under way.
constexpr absl::Duration kCensusDelayMax = absl::Seconds(10);

}  // namespace

void CallOwners::Claim(const std::string& call_id, SessionId session, absl::Time now) {
  owners_[call_id] = {session, now};
}

void CallOwners::OnSessionClosed(SessionId session, absl::Time now) {
  for (auto& [call_id, owner] : owners_) {
    if (owner.session == session) owner = {0, now};
  }
}

CallOwners::SessionId CallOwners::OwnerOf(const std::string& call_id) const {
  const auto it = owners_.find(call_id);
  return it == owners_.end() ? 0 : it->second.session;
}

std::vector<std::string> CallOwners::Sweep(const std::vector<Alive>& alive, absl::Time now) {
  std::vector<std::string> given_up;
  absl::flat_hash_set<std::string> seen;
  for (const Alive& call : alive) {
    seen.insert(call.call_id);
    const auto [it, added] = owners_.try_emplace(call.call_id, Owner{0, now});
    if (added || it->second.session != 0) continue;
    const absl::Duration orphaned = now - it->second.since;
    const bool silent = now - call.last_received >= options_.grace;
    if (orphaned >= options_.orphan_max || (orphaned >= options_.grace && silent)) {
      given_up.push_back(call.call_id);
    }
  }
  for (auto it = owners_.begin(); it != owners_.end();) {
    const auto here = it++;
    const bool gone = !seen.contains(here->first) && now - here->second.since > kCensusDelayMax;
    if (gone) owners_.erase(here);
  }
  return given_up;
}

size_t CallOwners::orphans() const {
  return static_cast<size_t>(std::count_if(
      owners_.begin(), owners_.end(), [](const auto& entry) { return entry.second.session == 0; }));
}

}  // namespace zvon::media
