#pragma once
// The tenant's configuration as the router needs it: a plain copy, made by
// server/settings_reader.h from directory's records at each revision.

#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "services/routing/core/routing_types.h"

namespace zvon::routing {

// How an agent's skills are compared with an entry's (decision D1).
enum class MatchMode { kContainment, kExact };

struct QueueSettings {
  std::string queue_id;
  MatchMode match_mode = MatchMode::kContainment;
  SkillSet required_skills;
  // Sorted; empty = every agent of the tenant.
  std::vector<std::string> member_ids;
  int priority = 0;
  absl::Duration service_level_threshold = absl::Seconds(20);
  absl::Duration short_abandon_threshold = absl::Seconds(5);
  absl::Duration offer_timeout = absl::Seconds(20);
  // Zero = no wrap-up at all.
  absl::Duration wrap_up_limit = absl::Seconds(30);
  // Zero = no limit, both.
  int length_max = 0;
  absl::Duration wait_max;
  // Empty = an agent who missed an offer stays Ready.
  std::string missed_offer_reason_id;
};

struct TenantSettings {
  int64_t revision = 0;
  // Says when "today" begins.
  absl::TimeZone time_zone = absl::UTCTimeZone();
  std::map<std::string, QueueSettings> queues;
  // Skills of every user who may work as an agent; others cannot sign in.
  std::map<std::string, SkillSet> agents;
};

}  // namespace zvon::routing
