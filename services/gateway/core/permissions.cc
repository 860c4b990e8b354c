#include "services/gateway/core/permissions.h"

namespace zvon::gateway {
namespace {

bool Holds(std::string_view held, std::string_view permission) {
  if (held == "*" || held == permission) return true;
  if (held == kWriteDirectory && permission == kReadDirectory) return true;
  if (held.size() > 2 && held.substr(held.size() - 2) == ".*") {
    std::string_view area = held.substr(0, held.size() - 1);
    return permission.substr(0, area.size()) == area;
  }
  return permission.size() > held.size() && permission.substr(0, held.size()) == held &&
         permission[held.size()] == '.';
}

}  // namespace

bool MayDo(const std::vector<std::string>& held, std::string_view permission) {
  for (const std::string& one : held) {
    if (!one.empty() && Holds(one, permission)) return true;
  }
  return false;
}

}  // namespace zvon::gateway
