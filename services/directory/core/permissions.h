#pragma once
#include <set>
#include <string>
#include <vector>

#include "services/directory/core/collections.h"

namespace zvon::directory {

struct BuiltInRole {
  const char* id;
  const char* display_name;
  std::vector<const char*> permissions;
};
// Made with each tenant; they cannot be deleted.
const std::vector<BuiltInRole>& BuiltInRoles();
bool IsBuiltInRole(const std::string& id);

// "*" holds everything; "recordings.listen" holds "recordings.listen.own" too,
// and "x.write" holds "x.read".
bool Holds(const std::set<std::string>& permissions, const std::string& wanted);

}  // namespace zvon::directory
