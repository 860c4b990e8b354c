#pragma once
// SIP, SIPS and tel URIs as views into text that somebody else keeps.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace zvon::sip {

// sip:user:password@host:port;params?headers. All parts as written (escapes
// are not undone); views live as long as the parsed text.
struct UriView {
  std::string_view scheme;  // "sip", "sips", "tel" or another, in any case.
  std::string_view user;    // For tel: the number.
  std::string_view password;
  std::string_view host;     // IPv6 with its brackets.
  uint16_t port = 0;         // 0: not written.
  std::string_view params;   // "transport=tcp;lr"
  std::string_view headers;  // "subject=x&priority=y"

  bool is_sip() const;  // sip or sips
  bool is_sips() const;
  bool is_tel() const;
  // The parameter's value; empty for one without "="; nothing when absent.
  std::optional<std::string_view> Param(std::string_view name) const;
  bool HasParam(std::string_view name) const { return Param(name).has_value(); }
  // User with %XX undone: what a dial plan compares.
  std::string DecodedUser() const;
  // The whole URI, as for a Request-URI when `with_headers` is false.
  std::string ToString(bool with_headers = false) const;
};

// Nothing where the text is no URI by RFC 3261 section 25 (or RFC 3966 for tel).
std::optional<UriView> ParseUri(std::string_view text);

// "%41b" → "Ab"; a broken escape stays as it is.
std::string Unescape(std::string_view text);
// Escapes what a URI's user part may not hold.
std::string EscapeUser(std::string_view user);

// Equal by RFC 3261 section 19.1.4: case, escapes, default parameters.
bool UriEquals(const UriView& a, const UriView& b);

// The scheme:user@host of an address of record, host in lower case, escapes
// undone, without port and parameters: the key of registrations.
std::string AddressOfRecord(const UriView& uri);

}  // namespace zvon::sip
