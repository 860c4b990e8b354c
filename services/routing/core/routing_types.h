#pragma once
// The words of the router: what agents, entries and offers are made of.
// Values only; the glossary (docs/GLOSSARY.md) says what each word means.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace zvon::routing {

enum class AgentState { kOffline, kNotReady, kReady, kOffered, kEngaged, kWrapUp };
inline constexpr int kAgentStates = 6;
enum class OfferOutcome { kAccepted, kDeclined, kExpired, kRevoked, kFailed };
enum class EntryOutcome { kAnswered, kAbandoned, kFlowedOut, kRefused };

const char* ToText(AgentState state);
const char* ToText(OfferOutcome outcome);
const char* ToText(EntryOutcome outcome);

// Never reused: the epoch rises with every leader, the counter within it.
struct FencingToken {
  int64_t epoch = 0;
  int64_t counter = 0;
  friend bool operator==(const FencingToken&, const FencingToken&) = default;
  friend auto operator<=>(const FencingToken&, const FencingToken&) = default;
};

// Sorted, each id once. Made by MakeSkillSet.
using SkillSet = std::vector<std::string>;
SkillSet MakeSkillSet(std::vector<std::string> skill_ids);
SkillSet Union(const SkillSet& a, const SkillSet& b);
bool Contains(const SkillSet& all, const SkillSet& part);

// What the agent's card shows. Shared and never changed: an interaction's
// summary travels through many effects and is copied through none.
struct Summary {
  std::string call_id;
  std::string caller_number;
  std::string caller_name;
  std::string called_number;
  std::map<std::string, std::string> customer_data;
};
using SummaryPtr = std::shared_ptr<const Summary>;

// Presenting an entry to one agent with a deadline.
struct Offer {
  std::string offer_id;
  FencingToken token;
  std::string agent_id;
  absl::Time offer_time;
  absl::Time deadline;
  // "longest_idle: agent1 83.2 s of 3 ready, next agent3 12.0 s": why this agent.
  std::string reason;
};

}  // namespace zvon::routing
