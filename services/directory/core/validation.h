#pragma once
#include "services/directory/core/collections.h"
#include "services/directory/core/violations.h"

namespace zvon::directory {

// Name and kind fit each other, and every field is within its bounds. Fields
// are named from the kind: "queue.offer_timeout". What needs other records
// (references, values that may stand once) is checked by the writer.
Violations Validate(const Resource& resource);

// Syntax of Number.pattern: digits, + * #, X, Z, sets [1-37], and a
// final "." or "!".
bool IsNumberPattern(const std::string& text);
// "127.0.0.0/8", "2001:db8::/32", a bare address.
bool IsCidr(const std::string& text);
// "ru", "en-GB".
bool IsLanguageTag(const std::string& text);

}  // namespace zvon::directory
