#pragma once
#include <string>

#include "services/directory/core/collections.h"

namespace zvon::directory {

// JSON of the record's kind, without secrets; "" for nullptr.
std::string ToJson(const Resource* resource);

// JSON array of {"path","before","after"} between two texts of ToJson; paths
// are those of an update mask. Objects are compared field by field, lists as a
// whole. A changed password shows as {"path":"password","after":"(changed)"}.
std::string DiffJson(const std::string& before, const std::string& after, bool password_changed);

}  // namespace zvon::directory
