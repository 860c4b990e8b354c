#include "services/common/sdp/sdp_text.h"

namespace zvon::sdp {

namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }
bool IsAlnum(char c) { return (c >= '0' && c <= '9') || (Lower(c) >= 'a' && Lower(c) <= 'z'); }

}  // namespace

std::vector<std::string_view> Words(std::string_view text) {
  std::vector<std::string_view> out;
  size_t at = 0;
  while (at < text.size()) {
    const size_t start = text.find_first_not_of(' ', at);
    if (start == std::string_view::npos) break;
    const size_t end = text.find(' ', start);
    out.push_back(text.substr(start, end == std::string_view::npos ? end : end - start));
    if (end == std::string_view::npos) break;
    at = end;
  }
  return out;
}

bool IsToken(std::string_view text) {
  for (char c : text) {
    if (!IsAlnum(c) && std::string_view("!#$%&'*+-.^_`{|}~").find(c) == std::string_view::npos)
      return false;
  }
  return !text.empty();
}

bool IsProtocol(std::string_view text) {
  while (true) {
    const size_t slash = text.find('/');
    if (!IsToken(text.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    text.remove_prefix(slash + 1);
  }
}

bool IsHost(std::string_view text) {
  if (text.size() > 255) return false;
  for (char c : text) {
    if (!IsAlnum(c) && c != '.' && c != '-' && c != ':' && c != '_') return false;
  }
  return !text.empty();
}

bool EqualsNoCase(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (Lower(a[i]) != Lower(b[i])) return false;
  }
  return true;
}

}  // namespace zvon::sdp
