#include "services/routing/server/settings_reader.h"

#include <algorithm>

#include "services/common/telemetry/log.h"
#include "services/routing/adapters/proto_values.h"

namespace zvon::routing {
namespace {

namespace pb = zvon::directory::v1;

// Absent = the default that the contract names.
absl::Duration DurationOr(bool present, const google::protobuf::Duration& value,
                          absl::Duration otherwise) {
  return present ? std::max(GetDuration(value), absl::ZeroDuration()) : otherwise;
}

QueueSettings ReadQueue(const std::string& queue_id, const pb::Queue& from) {
  QueueSettings to;
  to.queue_id = queue_id;
  to.match_mode =
      from.match_mode() == pb::MATCH_MODE_EXACT ? MatchMode::kExact : MatchMode::kContainment;
  to.required_skills =
      MakeSkillSet({from.required_skill_ids().begin(), from.required_skill_ids().end()});
  to.member_ids = MakeSkillSet({from.member_user_ids().begin(), from.member_user_ids().end()});
  to.priority = from.priority();
  to.service_level_threshold = DurationOr(from.has_service_level_threshold(),
                                          from.service_level_threshold(), absl::Seconds(20));
  to.short_abandon_threshold = DurationOr(from.has_short_abandon_threshold(),
                                          from.short_abandon_threshold(), absl::Seconds(5));
  to.offer_timeout = DurationOr(from.has_offer_timeout(), from.offer_timeout(), absl::Seconds(20));
  if (to.offer_timeout <= absl::ZeroDuration()) to.offer_timeout = absl::Seconds(20);
  to.wrap_up_limit = DurationOr(from.has_wrap_up_limit(), from.wrap_up_limit(), absl::Seconds(30));
  to.length_max = from.length_max();
  to.wait_max = DurationOr(from.has_wait_max(), from.wait_max(), absl::ZeroDuration());
  to.missed_offer_reason_id = from.missed_offer_reason_id();
  return to;
}

bool IsAgent(const pb::User& user) {
  return !user.disabled() && std::find(user.role_ids().begin(), user.role_ids().end(), "agent") !=
                                 user.role_ids().end();
}

SkillSet ReadSkills(const pb::User& user) {
  std::vector<std::string> skill_ids;
  for (const pb::SkillLevel& level : user.skills()) skill_ids.push_back(level.skill_id());
  return MakeSkillSet(std::move(skill_ids));
}

absl::TimeZone ReadTimeZone(const Configuration& configuration, const std::string& tenant_id) {
  const pb::Resource* tenant = configuration.FindTenant(tenant_id);
  absl::TimeZone zone = absl::UTCTimeZone();
  if (tenant == nullptr || tenant->tenant().time_zone().empty()) return zone;
  if (!absl::LoadTimeZone(tenant->tenant().time_zone(), &zone)) {
    LogWarning("unknown time zone, UTC is used",
               {{"tenant_id", tenant_id}, {"time_zone", tenant->tenant().time_zone()}});
  }
  return zone;
}

}  // namespace

TenantSettings ReadTenantSettings(const Configuration& configuration,
                                  const std::string& tenant_id) {
  TenantSettings settings;
  settings.revision = configuration.revision();
  settings.time_zone = ReadTimeZone(configuration, tenant_id);
  ResourceName name;
  for (const pb::Resource* record : configuration.List(tenant_id, "queues")) {
    if (!ParseResourceName(record->name(), &name)) continue;
    settings.queues[name.id] = ReadQueue(name.id, record->queue());
  }
  for (const pb::Resource* record : configuration.List(tenant_id, "users")) {
    if (!IsAgent(record->user()) || !ParseResourceName(record->name(), &name)) continue;
    settings.agents[name.id] = ReadSkills(record->user());
  }
  return settings;
}

}  // namespace zvon::routing
