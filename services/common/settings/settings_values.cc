#include "services/common/settings/settings_values.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace zvon::internal {

absl::Status ParseBool(const std::string& text, bool* value) {
  std::string lower = absl::AsciiStrToLower(text);
  if (lower == "true" || lower == "yes" || lower == "on" || lower == "1") {
    *value = true;
  } else if (lower == "false" || lower == "no" || lower == "off" || lower == "0") {
    *value = false;
  } else {
    return absl::InvalidArgumentError("expected true or false");
  }
  return absl::OkStatus();
}

absl::Status ParseInt(const std::string& text, int64_t min, int64_t max, int64_t* value) {
  int64_t parsed;
  if (!absl::SimpleAtoi(text, &parsed) || parsed < min || parsed > max) {
    return absl::InvalidArgumentError(
        absl::StrCat("expected a whole number from ", min, " to ", max));
  }
  *value = parsed;
  return absl::OkStatus();
}

absl::Status ParseDouble(const std::string& text, double min, double max, double* value) {
  double parsed;
  if (!absl::SimpleAtod(text, &parsed) || !(parsed >= min && parsed <= max)) {
    return absl::InvalidArgumentError(absl::StrCat("expected a number from ", min, " to ", max));
  }
  *value = parsed;
  return absl::OkStatus();
}

absl::Status ParseDurationValue(const std::string& text, absl::Duration* value) {
  absl::Duration parsed;
  if (!absl::ParseDuration(text, &parsed) || parsed < absl::ZeroDuration()) {
    return absl::InvalidArgumentError("expected a duration such as 250ms, 1.5s or 2h");
  }
  *value = parsed;
  return absl::OkStatus();
}

std::vector<std::string> SplitList(const std::string& text) {
  std::vector<std::string> items;
  for (absl::string_view part : absl::StrSplit(text, ',')) {
    part = absl::StripAsciiWhitespace(part);
    if (!part.empty()) items.emplace_back(part);
  }
  return items;
}

size_t EditDistance(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace zvon::internal
