#pragma once
// Splitting of lines and numbers for the SDP parser. Total, on views.

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace zvon::sdp {

// Digits only and in range.
template <class Number>
std::optional<Number> ReadNumber(std::string_view text) {
  Number value{};
  if (text.empty() || text[0] < '0' || text[0] > '9') return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Space-separated words; several spaces count as one.
std::vector<std::string_view> Words(std::string_view text);
bool IsToken(std::string_view text);     // RFC 8866 section 9, token.
bool IsProtocol(std::string_view text);  // token *("/" token)
bool IsHost(std::string_view text);      // Numeric address or name.
bool EqualsNoCase(std::string_view a, std::string_view b);

}  // namespace zvon::sdp
