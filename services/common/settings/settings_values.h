#pragma once
// Text to typed value, for settings. Internal to this library.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace zvon::internal {

// Each says what was expected when the text has another form.
absl::Status ParseBool(const std::string& text, bool* value);
absl::Status ParseInt(const std::string& text, int64_t min, int64_t max, int64_t* value);
absl::Status ParseDouble(const std::string& text, double min, double max, double* value);
absl::Status ParseDurationValue(const std::string& text, absl::Duration* value);
std::vector<std::string> SplitList(const std::string& text);

// Smallest number of single-character edits between the two.
size_t EditDistance(const std::string& a, const std::string& b);

}  // namespace zvon::internal
