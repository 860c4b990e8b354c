#include "services/directory/core/validation.h"

#include <arpa/inet.h>

#include <set>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "google/protobuf/util/time_util.h"
#include "services/common/configuration/configuration.h"

namespace zvon::directory {
namespace {

using google::protobuf::util::TimeUtil;

constexpr size_t kTextMax = 200;
constexpr size_t kPasswordMin = 8, kPasswordMax = 128;
constexpr int64_t kMinute = 60, kHour = 3600;

bool AllOf(const std::string& text, const char* letters) {
  return text.find_first_not_of(letters) == std::string::npos;
}

constexpr char kDigits[] = "0123456789";
constexpr char kLoginLetters[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._@-";

class Checker {
 public:
  Checker(std::string prefix, Violations* violations)
      : prefix_(std::move(prefix)), violations_(violations) {}

  void Require(bool condition, const std::string& field, const std::string& description) {
    if (!condition) violations_->Add(prefix_ + "." + field, description);
  }
  void Text(const std::string& field, const std::string& value, bool required) {
    Require(!required || !value.empty(), field, "must not be empty");
    Require(value.size() <= kTextMax, field,
            absl::StrCat("must have at most ", kTextMax, " bytes"));
  }
  void Between(const std::string& field, int64_t value, int64_t min, int64_t max) {
    Require(value >= min && value <= max, field,
            absl::StrCat("must be ", min, " to ", max, ", not ", value));
  }
  // Seconds; fractions count upwards.
  void Seconds(const std::string& field, bool set, const google::protobuf::Duration& value,
               int64_t min, int64_t max) {
    if (!set) return;
    const int64_t ms = TimeUtil::DurationToMilliseconds(value);
    Require(ms >= min * 1000 && ms <= max * 1000, field,
            absl::StrCat("must be ", min, " s to ", max, " s, not ", TimeUtil::ToString(value)));
  }
  template <class Ids>
  void IdList(const std::string& field, const Ids& ids) {
    std::set<std::string> seen;
    for (int i = 0; i < ids.size(); ++i) {
      const std::string path = absl::StrCat(field, "[", i, "]");
      Require(IsId(ids.Get(i)), path, absl::StrCat("\"", ids.Get(i), "\" is not an id"));
      Require(seen.insert(ids.Get(i)).second, path,
              absl::StrCat("\"", ids.Get(i), "\" stands twice"));
    }
  }
  void OptionalId(const std::string& field, const std::string& id) {
    Require(id.empty() || IsId(id), field, absl::StrCat("\"", id, "\" is not an id"));
  }
  void Password(const std::string& field, const std::string& value) {
    Require(value.empty() || (value.size() >= kPasswordMin && value.size() <= kPasswordMax), field,
            absl::StrCat("must have ", kPasswordMin, " to ", kPasswordMax, " bytes"));
  }
  void Language(const std::string& field, const std::string& tag, bool required) {
    Require((!required && tag.empty()) || IsLanguageTag(tag), field,
            absl::StrCat("\"", tag, "\" is not a language tag such as \"ru\""));
  }
  template <class Names>
  void DisplayNames(const Names& names) {
    Require(!names.empty(), "display_names", "needs a name in at least one language");
    for (const auto& [language, name] : names) {
      Language("display_names", language, true);
      Text(absl::StrCat("display_names[", language, "]"), name, true);
    }
  }

 private:
  const std::string prefix_;
  Violations* violations_;
};

void Check(const v1::Tenant& tenant, Checker& check) {
  check.Text("display_name", tenant.display_name(), true);
  check.Language("language", tenant.language(), true);
  absl::TimeZone zone;
  check.Require(!tenant.time_zone().empty() && absl::LoadTimeZone(tenant.time_zone(), &zone),
                "time_zone", absl::StrCat("\"", tenant.time_zone(), "\" is not an IANA time zone"));
}

void Check(const v1::User& user, Checker& check) {
  check.Require(
      !user.login().empty() && user.login().size() <= 64 && AllOf(user.login(), kLoginLetters),
      "login", "must have 1 to 64 of the letters A-Z a-z 0-9 . _ @ -");
  check.Text("display_name", user.display_name(), true);
  check.IdList("role_ids", user.role_ids());
  check.IdList("team_ids", user.team_ids());
  std::set<std::string> skills;
  for (int i = 0; i < user.skills_size(); ++i) {
    const std::string path = absl::StrCat("skills[", i, "]");
    check.Require(IsId(user.skills(i).skill_id()), path + ".skill_id", "is not an id");
    check.Require(skills.insert(user.skills(i).skill_id()).second, path + ".skill_id",
                  "stands twice");
    check.Between(path + ".level", user.skills(i).level(), 0, 10);
  }
  check.Require(user.internal_number().size() <= 16 && AllOf(user.internal_number(), kDigits),
                "internal_number", "must have at most 16 digits");
  check.Password("password", user.password());
  check.Language("language", user.language(), false);
}

void Check(const v1::Role& role, Checker& check) {
  check.Text("display_name", role.display_name(), true);
  check.Require(role.permissions_size() > 0, "permissions", "must not be empty");
  for (int i = 0; i < role.permissions_size(); ++i) {
    const std::string& permission = role.permissions(i);
    const bool good = permission == "*" || (!permission.empty() && permission.size() <= 64 &&
                                            AllOf(permission, "abcdefghijklmnopqrstuvwxyz_."));
    check.Require(
        good, absl::StrCat("permissions[", i, "]"),
        absl::StrCat("\"", permission, "\" is not a permission such as \"reports.read\""));
  }
}

void Check(const v1::Skill& skill, Checker& check) {
  check.Text("display_name", skill.display_name(), true);
}

void Check(const v1::Queue& queue, Checker& check) {
  check.Text("display_name", queue.display_name(), true);
  check.Require(v1::MatchMode_IsValid(queue.match_mode()), "match_mode", "is not known");
  check.Require(v1::AgentSelection_IsValid(queue.agent_selection()), "agent_selection",
                "is not known");
  check.IdList("required_skill_ids", queue.required_skill_ids());
  check.IdList("member_user_ids", queue.member_user_ids());
  check.Between("priority", queue.priority(), -1000, 1000);
  check.Between("length_max", queue.length_max(), 0, 100'000);
  check.Seconds("service_level_threshold", queue.has_service_level_threshold(),
                queue.service_level_threshold(), 1, kHour);
  check.Seconds("short_abandon_threshold", queue.has_short_abandon_threshold(),
                queue.short_abandon_threshold(), 0, 10 * kMinute);
  check.Seconds("offer_timeout", queue.has_offer_timeout(), queue.offer_timeout(), 1, 10 * kMinute);
  check.Seconds("wrap_up_limit", queue.has_wrap_up_limit(), queue.wrap_up_limit(), 0, kHour);
  check.Seconds("wait_max", queue.has_wait_max(), queue.wait_max(), 0, 24 * kHour);
  check.OptionalId("missed_offer_reason_id", queue.missed_offer_reason_id());
  check.OptionalId("music", queue.music());
}

void Check(const v1::NotReadyReason& reason, Checker& check) {
  check.DisplayNames(reason.display_names());
}

void Check(const v1::Disposition& disposition, Checker& check) {
  check.DisplayNames(disposition.display_names());
  check.IdList("queue_ids", disposition.queue_ids());
}

void CheckPattern(const std::string& field, const std::string& pattern, Checker& check) {
  check.Require(IsNumberPattern(pattern), field,
                absl::StrCat("\"", pattern,
                             "\" is not a number or a pattern such as \"10XX\" or \"8[2-9]X.\""));
}

void Check(const v1::Number& number, Checker& check) {
  CheckPattern("pattern", number.pattern(), check);
  check.Text("display_name", number.display_name(), false);
  check.Require(number.target_case() != v1::Number::TARGET_NOT_SET, "target",
                "needs scenario_id or user_id");
  if (number.has_scenario_id())
    check.Require(IsId(number.scenario_id()), "scenario_id", "is not an id");
  if (number.has_user_id()) check.Require(IsId(number.user_id()), "user_id", "is not an id");
}

void CheckSipUri(const std::string& uri, Checker& check) {
  const bool sip = absl::StartsWith(uri, "sip:") || absl::StartsWith(uri, "sips:");
  const bool clean = uri.find_first_of(" \t\r\n<>\"") == std::string::npos;
  check.Require(uri.empty() || (sip && clean && uri.size() > 5 && uri.size() <= kTextMax),
                "outbound_uri", "is not a SIP URI such as \"sip:carrier.example:5060\"");
}

void Check(const v1::Trunk& trunk, Checker& check) {
  check.Text("display_name", trunk.display_name(), false);
  for (int i = 0; i < trunk.source_cidrs_size(); ++i) {
    check.Require(
        IsCidr(trunk.source_cidrs(i)), absl::StrCat("source_cidrs[", i, "]"),
        absl::StrCat("\"", trunk.source_cidrs(i), "\" is not a network such as \"10.0.0.0/8\""));
  }
  for (int i = 0; i < trunk.accepted_patterns_size(); ++i) {
    CheckPattern(absl::StrCat("accepted_patterns[", i, "]"), trunk.accepted_patterns(i), check);
  }
  for (int i = 0; i < trunk.codecs_size(); ++i) {
    check.Require(trunk.codecs(i) == "PCMA" || trunk.codecs(i) == "PCMU",
                  absl::StrCat("codecs[", i, "]"),
                  absl::StrCat("\"", trunk.codecs(i), "\" is not PCMA or PCMU"));
  }
  CheckSipUri(trunk.outbound_uri(), check);
  check.Require(
      trunk.digest_username().size() <= 64 && AllOf(trunk.digest_username(), kLoginLetters),
      "digest_username", "has letters that are not allowed");
  check.Require(trunk.digest_password().empty() || !trunk.digest_username().empty(),
                "digest_username", "is needed with digest_password");
  check.Require(trunk.outbound_password().empty() || !trunk.outbound_username().empty(),
                "outbound_username", "is needed with outbound_password");
  check.Require(trunk.outbound_password().empty() || !trunk.outbound_realm().empty(),
                "outbound_realm", "is needed with outbound_password: only digests for it are kept");
  check.Password("digest_password", trunk.digest_password());
  if (TimeUtil::DurationToMilliseconds(trunk.options_interval()) != 0) {
    check.Seconds("options_interval", true, trunk.options_interval(), 1, kHour);
  }
  check.Between("calls_max", trunk.calls_max(), 0, 100'000);
  check.Between("call_rate_max", trunk.call_rate_max(), 0, 100'000);
}

void Check(const v1::Route& route, Checker& check) {
  CheckPattern("pattern", route.pattern(), check);
  check.Require(IsId(route.trunk_id()), "trunk_id", "is not an id");
  check.Between("strip", route.strip(), 0, 32);
  check.Require(route.prepend().size() <= 32 && AllOf(route.prepend(), "0123456789+*#"), "prepend",
                "must have at most 32 of the digits 0-9 + * #");
  check.IdList("from_trunk_ids", route.from_trunk_ids());
}

void Check(const v1::Endpoint& endpoint, Checker& check) {
  check.OptionalId("user_id", endpoint.user_id());
  check.Require(!endpoint.sip_username().empty() && endpoint.sip_username().size() <= 64 &&
                    AllOf(endpoint.sip_username(), kLoginLetters) &&
                    endpoint.sip_username().find('@') == std::string::npos,
                "sip_username", "must have 1 to 64 of the letters A-Z a-z 0-9 . _ -");
  check.Password("password", endpoint.password());
  check.Between("contacts_max", endpoint.contacts_max(), 0, 50);
}

void CheckKind(const Resource& resource, Checker& check) {
  switch (resource.kind_case()) {
    case Resource::kTenant:
      return Check(resource.tenant(), check);
    case Resource::kUser:
      return Check(resource.user(), check);
    case Resource::kRole:
      return Check(resource.role(), check);
    case Resource::kSkill:
      return Check(resource.skill(), check);
    case Resource::kQueue:
      return Check(resource.queue(), check);
    case Resource::kNotReadyReason:
      return Check(resource.not_ready_reason(), check);
    case Resource::kDisposition:
      return Check(resource.disposition(), check);
    case Resource::kNumber:
      return Check(resource.number(), check);
    case Resource::kTrunk:
      return Check(resource.trunk(), check);
    case Resource::kRoute:
      return Check(resource.route(), check);
    case Resource::kEndpoint:
      return Check(resource.endpoint(), check);
    case Resource::KIND_NOT_SET:
      return;
  }
}

void CheckName(const Resource& resource, Violations* violations) {
  ResourceName name;
  if (!ParseResourceName(resource.name(), &name)) {
    violations->Add("name", absl::StrCat("\"", resource.name(),
                                         "\" is not \"tenants/T\" or \"tenants/T/COLLECTION/ID\""));
    return;
  }
  const Collection* collection = FindCollection(name.collection);
  if (collection == nullptr) {
    violations->Add("name", absl::StrCat("there is no collection \"", name.collection, "\""));
    return;
  }
  if (!IsId(name.tenant_id) || (!name.collection.empty() && !IsId(name.id))) {
    violations->Add("name", "ids must match [a-z0-9][a-z0-9._-]{0,62}");
  }
  if (resource.kind_case() == Resource::KIND_NOT_SET) {
    violations->Add(collection->field, "must be set");
  } else if (resource.kind_case() != collection->kind) {
    violations->Add("name", absl::StrCat("a ", FindCollection(resource.kind_case())->field,
                                         " does not belong into \"", name.collection, "\""));
  }
}

// The set behind '[' at `i`; leaves `i` on ']'.
bool TakeSet(const std::string& text, size_t* i) {
  const size_t end = text.find(']', *i);
  if (end == std::string::npos || end == *i + 1) return false;
  for (size_t k = *i + 1; k < end; ++k) {
    const bool digit = text[k] >= '0' && text[k] <= '9';
    const bool range = text[k] == '-' && k > *i + 1 && k + 1 < end && text[k - 1] < text[k + 1];
    if (!digit && !range) return false;
  }
  *i = end;
  return true;
}

}  // namespace

bool IsNumberPattern(const std::string& text) {
  if (text.empty() || text.size() > 64) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '[') {
      if (!TakeSet(text, &i)) return false;
    } else if (text[i] == '.' || text[i] == '!') {
      return i + 1 == text.size();
    } else if (std::string("0123456789+*#XZ").find(text[i]) == std::string::npos) {
      return false;
    }
  }
  return true;
}

bool IsCidr(const std::string& text) {
  const size_t slash = text.find('/');
  const std::string address = text.substr(0, slash);
  unsigned char bytes[16];
  const bool v4 = inet_pton(AF_INET, address.c_str(), bytes) == 1;
  if (!v4 && inet_pton(AF_INET6, address.c_str(), bytes) != 1) return false;
  if (slash == std::string::npos) return true;
  int length = 0;
  const std::string digits = text.substr(slash + 1);
  return AllOf(digits, kDigits) && absl::SimpleAtoi(digits, &length) && length <= (v4 ? 32 : 128);
}

bool IsLanguageTag(const std::string& text) {
  if (text.size() < 2 || text.size() > 35 || !isalpha(static_cast<unsigned char>(text[0])))
    return false;
  size_t part = 0;
  for (char c : text) {
    part = c == '-' ? 0 : part + 1;
    if (part > 8 || (c != '-' && !isalnum(static_cast<unsigned char>(c)))) return false;
  }
  return text.back() != '-' && text.find("--") == std::string::npos;
}

Violations Validate(const Resource& resource) {
  Violations violations;
  CheckName(resource, &violations);
  if (const Collection* collection = FindCollection(resource.kind_case()); collection != nullptr) {
    Checker check(collection->field, &violations);
    CheckKind(resource, check);
  }
  return violations;
}

}  // namespace zvon::directory
