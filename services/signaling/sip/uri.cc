#include "services/signaling/sip/uri.h"

#include <algorithm>
#include <cstddef>

#include "services/signaling/sip/grammar.h"

namespace zvon::sip {

namespace {

bool IsAlpha(char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

int HexValue(char c) {
  if (IsDigit(c)) return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// Printable, escapes well-formed, and nothing that ends a URI elsewhere.
bool IsUriText(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const unsigned char c = static_cast<unsigned char>(text[i]);
    if (c <= ' ' || c >= 0x7f || c == '<' || c == '>' || c == '"' || c == '\\' || c == '^' ||
        c == '{' || c == '|' || c == '}') {
      return false;
    }
    if (c == '%' &&
        (i + 2 >= text.size() || HexValue(text[i + 1]) < 0 || HexValue(text[i + 2]) < 0)) {
      return false;
    }
  }
  return true;
}

bool IsScheme(std::string_view text) {
  if (text.empty() || !IsAlpha(text[0])) return false;
  for (char c : text) {
    if (!IsAlpha(c) && !IsDigit(c) && c != '+' && c != '-' && c != '.') return false;
  }
  return true;
}

bool IsHost(std::string_view host) {
  if (host.empty()) return false;
  if (host.front() == '[') {
    if (host.size() < 4 || host.back() != ']') return false;
    for (char c : host.substr(1, host.size() - 2)) {
      if (HexValue(c) < 0 && c != ':' && c != '.') return false;
    }
    return true;
  }
  for (char c : host) {
    if (!IsAlpha(c) && !IsDigit(c) && c != '.' && c != '-' && c != '_') return false;
  }
  return host.front() != '-' && host.front() != '.';
}

bool ParseHostPort(std::string_view text, UriView& uri) {
  size_t colon = text.rfind(':');
  if (!text.empty() && text.front() == '[') {
    const size_t close = text.find(']');
    if (close == std::string_view::npos) return false;
    colon = close + 1 < text.size() ? close + 1 : std::string_view::npos;
    if (colon != std::string_view::npos && text[colon] != ':') return false;
  }
  uri.host = text.substr(0, colon);
  if (colon != std::string_view::npos) {
    const auto port = ParseNumber<uint16_t>(text.substr(colon + 1));
    if (!port || *port == 0) return false;
    uri.port = *port;
  }
  return IsHost(uri.host);
}

bool ParseSip(std::string_view rest, UriView& uri) {
  // The user part may hold ; ? / and so on; the host part cannot hold @, but
  // header values may only as an escape.
  const size_t at = rest.rfind('@');
  if (at != std::string_view::npos) {
    std::string_view user = rest.substr(0, at);
    const size_t colon = user.find(':');
    uri.user = user.substr(0, colon);
    if (colon != std::string_view::npos) uri.password = user.substr(colon + 1);
    if (uri.user.empty() || uri.user.find_first_of("@[]`") != std::string_view::npos) return false;
    rest.remove_prefix(at + 1);
  }
  const size_t question = rest.find('?');
  if (question != std::string_view::npos) {
    uri.headers = rest.substr(question + 1);
    rest = rest.substr(0, question);
  }
  const size_t semicolon = rest.find(';');
  if (semicolon != std::string_view::npos) {
    uri.params = rest.substr(semicolon + 1);
    rest = rest.substr(0, semicolon);
  }
  return ParseHostPort(rest, uri);
}

bool ParseTel(std::string_view rest, UriView& uri) {
  const size_t semicolon = rest.find(';');
  uri.user = rest.substr(0, semicolon);
  if (semicolon != std::string_view::npos) uri.params = rest.substr(semicolon + 1);
  bool digits = false;
  for (size_t i = 0; i < uri.user.size(); ++i) {
    const char c = uri.user[i];
    if (HexValue(c) >= 0 || c == '*' || c == '#') {
      digits = true;
    } else if (!(c == '+' && i == 0) && c != '-' && c != '.' && c != '(' && c != ')') {
      return false;
    }
  }
  return digits;
}

// Parameters that must be on both sides or on none (RFC 3261 section 19.1.4).
constexpr std::string_view kStrictParams[] = {"user", "ttl", "method", "maddr", "transport"};

// Each against each: more than this many are compared as text.
constexpr ptrdiff_t kParamsMax = 32;

bool ParamsEqual(const UriView& a, const UriView& b) {
  if (std::count(a.params.begin(), a.params.end(), ';') > kParamsMax ||
      std::count(b.params.begin(), b.params.end(), ';') > kParamsMax) {
    return a.params == b.params;
  }
  std::string_view rest = a.params;
  while (!rest.empty()) {
    const size_t end = rest.find(';');
    const std::string_view one = rest.substr(0, end);
    const std::string_view name = one.substr(0, one.find('='));
    const auto other = b.Param(name);
    if (other && !EqualsNoCase(Unescape(*other), Unescape(*a.Param(name)))) return false;
    if (!other) {
      for (std::string_view strict : kStrictParams) {
        if (EqualsNoCase(name, strict)) return false;
      }
    }
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  return true;
}

}  // namespace

bool UriView::is_sip() const { return EqualsNoCase(scheme, "sip") || is_sips(); }
bool UriView::is_sips() const { return EqualsNoCase(scheme, "sips"); }
bool UriView::is_tel() const { return EqualsNoCase(scheme, "tel"); }

std::optional<std::string_view> UriView::Param(std::string_view name) const {
  return FindParam(params, name);
}

std::string UriView::DecodedUser() const { return Unescape(user); }

std::string UriView::ToString(bool with_headers) const {
  std::string out;
  out.reserve(scheme.size() + user.size() + host.size() + params.size() + headers.size() + 16);
  out.append(scheme).append(":").append(user);
  if (!is_tel()) {
    if (!password.empty()) out.append(":").append(password);
    if (!user.empty()) out += '@';
    out += host;
    if (port != 0) out += ":" + std::to_string(port);
  }
  if (!params.empty()) out.append(";").append(params);
  if (with_headers && !headers.empty()) out.append("?").append(headers);
  return out;
}

std::optional<UriView> ParseUri(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos || text.size() > 8192) return std::nullopt;
  UriView uri;
  uri.scheme = text.substr(0, colon);
  if (!IsScheme(uri.scheme) || !IsUriText(text)) return std::nullopt;
  const std::string_view rest = text.substr(colon + 1);
  if (uri.is_sip()) {
    if (!ParseSip(rest, uri)) return std::nullopt;
  } else if (uri.is_tel()) {
    if (!ParseTel(rest, uri)) return std::nullopt;
  } else if (rest.empty()) {
    return std::nullopt;
  } else {
    uri.host = rest;  // Another scheme: its opaque part.
  }
  return uri;
}

std::string Unescape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && HexValue(text[i + 1]) >= 0 &&
        HexValue(text[i + 2]) >= 0) {
      out += static_cast<char>(HexValue(text[i + 1]) * 16 + HexValue(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string EscapeUser(std::string_view user) {
  constexpr std::string_view kPlain = "-_.!~*'()&=+$,;?/";
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (char c : user) {
    if (IsAlpha(c) || IsDigit(c) || kPlain.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += '%';
      out += kHex[static_cast<unsigned char>(c) >> 4];
      out += kHex[static_cast<unsigned char>(c) & 15];
    }
  }
  return out;
}

bool UriEquals(const UriView& a, const UriView& b) {
  if (!EqualsNoCase(a.scheme, b.scheme)) return false;
  if (Unescape(a.user) != Unescape(b.user) || Unescape(a.password) != Unescape(b.password))
    return false;
  if (!EqualsNoCase(a.host, b.host) || a.port != b.port) return false;
  if (!ParamsEqual(a, b) || !ParamsEqual(b, a)) return false;
  return EqualsNoCase(Unescape(a.headers), Unescape(b.headers));
}

std::string AddressOfRecord(const UriView& uri) {
  std::string out = LowerCase(uri.scheme) + ":" + Unescape(uri.user);
  if (!uri.is_tel()) out += "@" + LowerCase(uri.host);
  return out;
}

}  // namespace zvon::sip
