#pragma once
// Small pieces of SIP's grammar (RFC 3261 section 25) shared by the parsers
// and builders here. All total, all on views.

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/container/inlined_vector.h"

namespace zvon::sip {

bool IsTokenChar(unsigned char c);
bool IsToken(std::string_view text);
std::string_view TrimSpace(std::string_view text);  // SP, HTAB, CR, LF
bool EqualsNoCase(std::string_view a, std::string_view b);
std::string LowerCase(std::string_view text);

// Digits only, in range; nothing else ("+1", " 1", "0x1", overflow).
template <class Number>
std::optional<Number> ParseNumber(std::string_view text) {
  Number value{};
  if (text.empty() || text[0] < '0' || text[0] > '9') return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// First `mark` outside quoted strings and <…>; npos when there is none.
size_t FindOutside(std::string_view text, char mark, size_t from = 0);
// Comma-separated elements, trimmed; quotes and <…> are respected.
using Elements = absl::InlinedVector<std::string_view, 4>;
Elements SplitList(std::string_view text);

// ";a=b;c" → the value of a; quotes are kept. Empty for one without "=".
std::optional<std::string_view> FindParam(std::string_view params, std::string_view name);
// Without its quotes and escapes, if it has them.
std::string Unquote(std::string_view text);

// Parts of `"Display" <uri>;params` or `uri;params`.
struct NameAddrParts {
  std::string_view display;
  std::string_view uri;
  std::string_view params;  // Without the first semicolon.
};
// Nothing where quotes or brackets do not match.
std::optional<NameAddrParts> SplitNameAddr(std::string_view text);
// Nothing, a quoted string, or tokens separated by spaces.
bool IsDisplay(std::string_view text);
// A From or To value without its tag parameter.
std::string WithoutTag(std::string_view value);

}  // namespace zvon::sip
