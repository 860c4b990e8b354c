#pragma once
// Patterns of dialled numbers (zvon.directory.v1.Number.pattern): X a digit,
// Z 1-9, N 2-9, [..] a set with ranges, a final "." one or more characters,
// "!" none or more; everything else is itself.

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace zvon::signaling {

class NumberPattern {
 public:
  // INVALID_ARGUMENT naming the place of the fault.
  static absl::StatusOr<NumberPattern> Parse(std::string_view text);
  bool Matches(std::string_view number) const;
  // No wildcard in it: `text()` is the number.
  bool is_exact() const { return exact_; }
  const std::string& text() const { return text_; }
  // Orders patterns of one plan: the more is said, the earlier it is tried.
  // Literal places count most, then sets, X and N, then "." and "!".
  bool MoreSpecificThan(const NumberPattern& other) const;

 private:
  struct Place {
    std::string set;  // Characters allowed here.
  };
  std::string text_;
  std::vector<Place> places_;
  char tail_ = 0;  // '.', '!' or 0.
  bool exact_ = true;
  int literals_ = 0;
};

// "+7 (495) 123-45-67" → "+74951234567": visual separators go.
std::string NormalizeNumber(std::string_view number);

}  // namespace zvon::signaling
