#include "services/gateway/core/url.h"

#include <algorithm>
#include <cctype>

namespace zvon::gateway {
namespace {

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool EqualsIgnoreCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

bool IsPlainFileCharacter(char c) { return c > ' ' && c < 0x7f && c != '\\' && c != ':'; }

}  // namespace

std::optional<std::string> PercentDecode(std::string_view text, bool plus_is_space) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      int high = HexValue(text[i + 1]);
      int low = HexValue(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (c == '+' && plus_is_space) {
      c = ' ';
    }
    if (c == '\0') return std::nullopt;
    out += c;
  }
  return out;
}

std::optional<Query> Query::Parse(std::string_view text) {
  Query query;
  if (text.empty()) return query;
  for (std::string_view pair : Split(text, '&')) {
    if (pair.empty()) continue;
    size_t equals = pair.find('=');
    auto key = PercentDecode(pair.substr(0, equals), true);
    auto value = PercentDecode(
        equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1), true);
    if (!key || !value) return std::nullopt;
    query.pairs_.emplace_back(std::move(*key), std::move(*value));
  }
  return query;
}

std::string Query::Get(std::string_view key) const {
  for (const auto& [name, value] : pairs_) {
    if (name == key) return value;
  }
  return "";
}

bool Query::Has(std::string_view key) const {
  return std::any_of(pairs_.begin(), pairs_.end(), [&](const auto& p) { return p.first == key; });
}

std::vector<std::string> Query::List(std::string_view key) const {
  std::vector<std::string> values;
  for (const auto& [name, value] : pairs_) {
    if (name != key) continue;
    for (std::string_view part : Split(value, ',')) {
      if (!part.empty()) values.emplace_back(part);
    }
  }
  return values;
}

std::optional<std::map<std::string, std::string>> MatchPath(std::string_view pattern,
                                                            std::string_view path) {
  std::vector<std::string_view> wanted = Split(pattern, '/');
  std::vector<std::string_view> given = Split(path, '/');
  if (wanted.size() != given.size()) return std::nullopt;
  std::map<std::string, std::string> values;
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i].size() > 2 && wanted[i].front() == '{' && wanted[i].back() == '}') {
      auto value = PercentDecode(given[i], false);
      if (!value || value->empty()) return std::nullopt;
      values.emplace(wanted[i].substr(1, wanted[i].size() - 2), std::move(*value));
    } else if (wanted[i] != given[i]) {
      return std::nullopt;
    }
  }
  return values;
}

std::string CookieValue(std::string_view header, std::string_view name) {
  for (std::string_view part : Split(header, ';')) {
    part = Trim(part);
    size_t equals = part.find('=');
    if (equals != std::string_view::npos && part.substr(0, equals) == name) {
      return std::string(part.substr(equals + 1));
    }
  }
  return "";
}

bool OriginAllowed(std::string_view origin, std::string_view host,
                   const std::vector<std::string>& allowed) {
  if (origin.empty()) return true;
  for (const std::string& one : allowed) {
    if (one == "*" || EqualsIgnoreCase(one, origin)) return true;
  }
  size_t scheme = origin.find("://");
  if (scheme == std::string_view::npos) return false;
  return !host.empty() && EqualsIgnoreCase(origin.substr(scheme + 3), host);
}

std::string SafeRelativePath(std::string_view url_path) {
  auto decoded = PercentDecode(url_path, false);
  if (!decoded || decoded->empty() || decoded->front() != '/') return "";
  std::string_view rest = std::string_view(*decoded).substr(1);
  for (std::string_view part : Split(rest, '/')) {
    if (part.empty() || part.front() == '.') return "";
    if (!std::all_of(part.begin(), part.end(), IsPlainFileCharacter)) return "";
  }
  return std::string(rest);
}

}  // namespace zvon::gateway
