#include "services/routing/core/routing_types.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace zvon::routing {

const char* ToText(AgentState state) {
  switch (state) {
    case AgentState::kOffline:
      return "Offline";
    case AgentState::kNotReady:
      return "NotReady";
    case AgentState::kReady:
      return "Ready";
    case AgentState::kOffered:
      return "Offered";
    case AgentState::kEngaged:
      return "Engaged";
    case AgentState::kWrapUp:
      return "WrapUp";
  }
  return "?";
}

const char* ToText(OfferOutcome outcome) {
  switch (outcome) {
    case OfferOutcome::kAccepted:
      return "Accepted";
    case OfferOutcome::kDeclined:
      return "Declined";
    case OfferOutcome::kExpired:
      return "Expired";
    case OfferOutcome::kRevoked:
      return "Revoked";
    case OfferOutcome::kFailed:
      return "Failed";
  }
  return "?";
}

const char* ToText(EntryOutcome outcome) {
  switch (outcome) {
    case EntryOutcome::kAnswered:
      return "Answered";
    case EntryOutcome::kAbandoned:
      return "Abandoned";
    case EntryOutcome::kFlowedOut:
      return "FlowedOut";
    case EntryOutcome::kRefused:
      return "Refused";
  }
  return "?";
}

SkillSet MakeSkillSet(std::vector<std::string> skill_ids) {
  std::sort(skill_ids.begin(), skill_ids.end());
  skill_ids.erase(std::unique(skill_ids.begin(), skill_ids.end()), skill_ids.end());
  return skill_ids;
}

SkillSet Union(const SkillSet& a, const SkillSet& b) {
  SkillSet both;
  std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  return both;
}

bool Contains(const SkillSet& all, const SkillSet& part) {
  return std::includes(all.begin(), all.end(), part.begin(), part.end());
}

}  // namespace zvon::routing
