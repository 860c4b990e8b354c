#include "services/directory/core/permissions.h"

#include "absl/strings/match.h"
#include "absl/strings/strip.h"

namespace zvon::directory {

const std::vector<BuiltInRole>& BuiltInRoles() {
  static const std::vector<BuiltInRole> roles = {
      {"agent", "Agent", {"calls.handle", "recordings.listen.own", "interactions.read.own"}},
      {"supervisor",
       "Supervisor",
       {"calls.handle", "live.read", "reports.read", "recordings.listen", "directory.read"}},
      {"admin", "Administrator", {"*"}}};
  return roles;
}

bool IsBuiltInRole(const std::string& id) {
  for (const BuiltInRole& role : BuiltInRoles()) {
    if (id == role.id) return true;
  }
  return false;
}

bool Holds(const std::set<std::string>& permissions, const std::string& wanted) {
  if (permissions.count("*") != 0 || permissions.count(wanted) != 0) return true;
  if (absl::EndsWith(wanted, ".own")) {
    return Holds(permissions, std::string(absl::StripSuffix(wanted, ".own")));
  }
  if (absl::EndsWith(wanted, ".read")) {
    return permissions.count(std::string(absl::StripSuffix(wanted, "read")) + "write") != 0;
  }
  return false;
}

}  // namespace zvon::directory
