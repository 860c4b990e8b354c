#pragma once
#include <string>
#include <vector>

#include "services/directory/core/collections.h"

namespace zvon::directory {

// A field of a record that names another one.
struct Reference {
  std::string field;  // "queue.required_skill_ids"
  std::string to;     // "tenants/demo/skills/sales"
  bool operator==(const Reference&) const = default;
};
// Without repeats. Every record also refers to its tenant (field "name").
std::vector<Reference> ReferencesOf(const Resource& resource);

// A value that may stand once within the tenant.
struct UniqueValue {
  std::string field;  // "user.login"
  std::string value;
};
std::vector<UniqueValue> UniqueValuesOf(const Resource& resource);

}  // namespace zvon::directory
