#pragma once
// The decision: which entry goes to which agent next.

#include <optional>
#include <string>

#include "services/routing/core/agent_table.h"
#include "services/routing/core/entry_table.h"

namespace zvon::routing {

struct Match {
  std::string interaction_id;
  std::string agent_id;
  // "longest_idle: agent1 83.2 s of 3 ready, next agent3 12.0 s".
  std::string reason;
};

// The best place in line that an offerable agent can serve, with the agent
// longest idle among those who can serve it. Call it until there is none,
// carrying each match out (the agent leaves Ready, the entry Waiting).
//
// Only what became available since the last call is looked at: pairs of old
// acquaintances have been matched before. Of all matchable entries the best
// is given first, so no entry is passed over by one behind it.
std::optional<Match> NextMatch(AgentTable& agents, EntryTable& entries, absl::Time now);

}  // namespace zvon::routing
