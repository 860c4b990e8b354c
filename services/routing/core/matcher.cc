#include "services/routing/core/matcher.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace zvon::routing {
namespace {

bool Avoids(const Entry& entry, const std::string& agent_id, absl::Time now) {
  const auto it = entry.avoid.find(agent_id);
  return it != entry.avoid.end() && it->second > now;
}

// Looks past those that avoid the agent: a handful at most, they are the
// ones this agent missed within the last seconds.
std::optional<PlaceKey> BestEntryFor(const std::string& agent_id, const AgentTable& agents,
                                     const EntryTable& entries, absl::Time now) {
  std::optional<PlaceKey> best;
  for (const Demand* demand : agents.GroupOf(agent_id).demands) {
    for (const PlaceKey& place : demand->offerable) {
      if (best && !(place < *best)) break;
      if (Avoids(*entries.Find(place.interaction_id), agent_id, now)) continue;
      best = place;
      break;
    }
  }
  return best;
}

struct Choice {
  std::optional<IdleKey> agent;
  std::optional<IdleKey> next;  // Who would have been it.
  int ready = 0;
};

void Consider(Choice& choice, const IdleKey& key) {
  if (!choice.agent || key < *choice.agent) {
    choice.next = std::exchange(choice.agent, key);
  } else if (!choice.next || key < *choice.next) {
    choice.next = key;
  }
}

// The two longest idle of each group are enough to know the two of all.
Choice LongestIdleFor(const Entry& entry, const Demand& demand, absl::Time now) {
  Choice choice;
  for (const AgentGroup* group : demand.groups) {
    choice.ready += static_cast<int>(group->idle.size());
    int taken = 0;
    for (const IdleKey& key : group->idle) {
      if (Avoids(entry, key.agent_id, now)) continue;
      Consider(choice, key);
      if (++taken == 2) break;
    }
  }
  return choice;
}

std::string IdleText(const IdleKey& key, absl::Time now) {
  return absl::StrFormat("%s %.1f s", key.agent_id,
                         static_cast<double>(absl::ToUnixMillis(now) - key.release_ms) / 1000);
}

std::string Reason(const Choice& choice, absl::Time now) {
  std::string text =
      absl::StrFormat("longest_idle: %s of %d ready", IdleText(*choice.agent, now), choice.ready);
  if (choice.next) absl::StrAppend(&text, ", next ", IdleText(*choice.next, now));
  return text;
}

}  // namespace

std::optional<Match> NextMatch(AgentTable& agents, EntryTable& entries, absl::Time now) {
  while (true) {
    std::optional<PlaceKey> best;
    if (!entries.fresh().empty()) best = *entries.fresh().begin();
    for (auto it = agents.fresh().begin(); it != agents.fresh().end();) {
      const std::optional<PlaceKey> place = BestEntryFor(*it, agents, entries, now);
      if (place && (!best || *place < *best)) best = place;
      it = place ? std::next(it) : agents.fresh().erase(it);
    }
    if (!best) return std::nullopt;
    const std::string id = best->interaction_id;
    const Choice choice = LongestIdleFor(*entries.Find(id), *entries.DemandOf(id), now);
    if (choice.agent) return Match{id, choice.agent->agent_id, Reason(choice, now)};
    entries.fresh().erase(*best);  // Nobody for it; the next event will tell.
  }
}

}  // namespace zvon::routing
