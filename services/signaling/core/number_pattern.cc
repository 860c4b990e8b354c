#include "services/signaling/core/number_pattern.h"

#include "absl/strings/str_cat.h"

namespace zvon::signaling {
namespace {

absl::Status Fault(std::string_view text, size_t at, const char* what) {
  return absl::InvalidArgumentError(absl::StrCat(
      "pattern \"", absl::string_view(text.data(), text.size()), "\": ", what, " at ", at));
}

// The set between brackets; `at` moves behind it.
absl::StatusOr<std::string> ParseSet(std::string_view text, size_t* at) {
  const size_t start = *at;
  const size_t end = text.find(']', start);
  if (end == std::string_view::npos) return Fault(text, start, "a set without its end");
  std::string set;
  for (size_t i = start + 1; i < end; ++i) {
    if (i + 2 < end && text[i + 1] == '-') {
      if (text[i] > text[i + 2]) return Fault(text, i, "a range the wrong way round");
      for (char c = text[i]; c <= text[i + 2]; ++c) set.push_back(c);
      i += 2;
    } else {
      set.push_back(text[i]);
    }
  }
  if (set.empty()) return Fault(text, start, "an empty set");
  *at = end;
  return set;
}

}  // namespace

absl::StatusOr<NumberPattern> NumberPattern::Parse(std::string_view text) {
  NumberPattern pattern;
  pattern.text_ = std::string(text);
  if (text.empty()) return Fault(text, 0, "nothing");
  for (size_t i = 0; i < text.size(); ++i) {
    Place place;
    switch (text[i]) {
      case 'X':
      case 'x':
        place.set = "0123456789";
        break;
      case 'Z':
      case 'z':
        place.set = "123456789";
        break;
      case 'N':
      case 'n':
        place.set = "23456789";
        break;
      case '[': {
        auto set = ParseSet(text, &i);
        if (!set.ok()) return set.status();
        place.set = *std::move(set);
        break;
      }
      case '.':
      case '!':
        if (i + 1 != text.size()) return Fault(text, i, "\".\" and \"!\" stand at the end only");
        pattern.tail_ = text[i];
        pattern.exact_ = false;
        continue;
      default:
        place.set = std::string(1, text[i]);
    }
    if (place.set.size() == 1) ++pattern.literals_;
    if (place.set.size() > 1) pattern.exact_ = false;
    pattern.places_.push_back(std::move(place));
  }
  return pattern;
}

bool NumberPattern::Matches(std::string_view number) const {
  const size_t least = places_.size() + (tail_ == '.' ? 1 : 0);
  if (number.size() < least || (tail_ == 0 && number.size() != least)) return false;
  for (size_t i = 0; i < places_.size(); ++i) {
    if (places_[i].set.find(number[i]) == std::string::npos) return false;
  }
  return true;
}

bool NumberPattern::MoreSpecificThan(const NumberPattern& other) const {
  if (literals_ != other.literals_) return literals_ > other.literals_;
  if (places_.size() != other.places_.size()) return places_.size() > other.places_.size();
  return tail_ == 0 && other.tail_ != 0;
}

std::string NormalizeNumber(std::string_view number) {
  std::string out;
  for (char c : number) {
    if (c == ' ' || c == '-' || c == '(' || c == ')') continue;
    if (c == '.' && !out.empty() && out.find_first_not_of("+0123456789") == std::string::npos)
      continue;
    out.push_back(c);
  }
  return out;
}

}  // namespace zvon::signaling
