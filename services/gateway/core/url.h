#pragma once
// Targets of requests taken apart: path, query, cookies, origins.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace zvon::gateway {

// Nothing for a broken %-sequence or a NUL.
std::optional<std::string> PercentDecode(std::string_view text, bool plus_is_space);

// In order of appearance; a key may come more than once ("queue=a&queue=b",
// or "queue=a,b").
class Query {
 public:
  static std::optional<Query> Parse(std::string_view text);
  // The first value, or "".
  std::string Get(std::string_view key) const;
  bool Has(std::string_view key) const;
  // All values, commas taken as separators, empty ones left out.
  std::vector<std::string> List(std::string_view key) const;
  const std::vector<std::pair<std::string, std::string>>& all() const { return pairs_; }

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;
};

// "/api/v1/x/{id}/y" against "/api/v1/x/42/y" → {{"id","42"}}, decoded.
std::optional<std::map<std::string, std::string>> MatchPath(std::string_view pattern,
                                                            std::string_view path);

// Value of a cookie in a Cookie header, or "".
std::string CookieValue(std::string_view header, std::string_view name);

// May a page of `origin` ("https://host:port") speak to us at `host`? An
// absent origin is not a browser's. Same host, or in the list.
bool OriginAllowed(std::string_view origin, std::string_view host,
                   const std::vector<std::string>& allowed);

// A relative path below a folder that names no parent, no hidden file and
// nothing but printable ASCII; "" for anything else.
std::string SafeRelativePath(std::string_view url_path);

}  // namespace zvon::gateway
