#pragma once
// zvon.events.v1.Event → reporting's own facts.

#include <string>

#include "services/reporting/core/fact.h"

namespace zvon::events::v1 {
class Event;
}

namespace zvon::reporting {

// kOther where the fold has no use for it.
Fact ToFact(const zvon::events::v1::Event& event);

// When it occurred, in whole microseconds as PostgreSQL keeps them: what is
// folded from memory and from the table is the same.
absl::Time EventTime(const zvon::events::v1::Event& event);

// "END_CAUSE_AGENT_HANGUP" with prefix "END_CAUSE_" → "agent_hangup"; "" for
// UNSPECIFIED.
std::string PlainName(const std::string& enum_name, const std::string& prefix);

}  // namespace zvon::reporting
