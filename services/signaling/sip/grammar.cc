#include "services/signaling/sip/grammar.h"

#include <array>

namespace zvon::sip {

namespace {

constexpr std::array<bool, 256> MakeTokenTable() {
  std::array<bool, 256> table{};
  for (int c = '0'; c <= '9'; ++c) table[c] = true;
  for (int c = 'a'; c <= 'z'; ++c) table[c] = true;
  for (int c = 'A'; c <= 'Z'; ++c) table[c] = true;
  for (char c : std::string_view("-.!%*_+`'~")) table[static_cast<unsigned char>(c)] = true;
  return table;
}
constexpr std::array<bool, 256> kToken = MakeTokenTable();

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }
bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// The index after the closing quote of the string opened at `at`; npos: open.
size_t SkipQuoted(std::string_view text, size_t at) {
  for (size_t i = at + 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      return i + 1;
    }
  }
  return std::string_view::npos;
}

}  // namespace

bool IsTokenChar(unsigned char c) { return kToken[c]; }

bool IsToken(std::string_view text) {
  for (unsigned char c : text) {
    if (!kToken[c]) return false;
  }
  return !text.empty();
}

std::string_view TrimSpace(std::string_view text) {
  while (!text.empty() && IsSpace(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsSpace(text.back())) text.remove_suffix(1);
  return text;
}

bool EqualsNoCase(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (Lower(a[i]) != Lower(b[i])) return false;
  }
  return true;
}

std::string LowerCase(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = Lower(c);
  return out;
}

size_t FindOutside(std::string_view text, char mark, size_t from) {
  bool in_brackets = false;
  for (size_t i = from; i < text.size();) {
    const char c = text[i];
    if (c == mark && !in_brackets) return i;
    if (c == '"') {
      i = SkipQuoted(text, i);
      if (i == std::string_view::npos) return i;
      continue;
    }
    if (c == '<') in_brackets = true;
    if (c == '>') in_brackets = false;
    ++i;
  }
  return std::string_view::npos;
}

Elements SplitList(std::string_view text) {
  Elements out;
  for (;;) {
    const size_t comma = FindOutside(text, ',');
    const std::string_view element = TrimSpace(text.substr(0, comma));
    if (!element.empty()) out.push_back(element);
    if (comma == std::string_view::npos) return out;
    text.remove_prefix(comma + 1);
  }
}

std::optional<std::string_view> FindParam(std::string_view params, std::string_view name) {
  while (!params.empty()) {
    const size_t end = FindOutside(params, ';');
    const std::string_view one = params.substr(0, end);
    const size_t equals = one.find('=');
    if (EqualsNoCase(TrimSpace(one.substr(0, equals)), name)) {
      return equals == std::string_view::npos ? std::string_view()
                                              : TrimSpace(one.substr(equals + 1));
    }
    if (end == std::string_view::npos) break;
    params.remove_prefix(end + 1);
  }
  return std::nullopt;
}

std::string Unquote(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::string(text);
  std::string out;
  for (size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] == '\\' && i + 2 < text.size()) ++i;
    out += text[i];
  }
  return out;
}

std::optional<NameAddrParts> SplitNameAddr(std::string_view text) {
  NameAddrParts parts;
  text = TrimSpace(text);
  const size_t open = FindOutside(text, '<');
  if (open == std::string_view::npos) {
    const size_t semicolon = text.find(';');
    parts.uri = TrimSpace(text.substr(0, semicolon));
    if (semicolon != std::string_view::npos) parts.params = text.substr(semicolon + 1);
    return parts;
  }
  const size_t close = text.find('>', open);
  if (close == std::string_view::npos) return std::nullopt;
  parts.display = TrimSpace(text.substr(0, open));
  parts.uri = text.substr(open + 1, close - open - 1);
  const std::string_view rest = TrimSpace(text.substr(close + 1));
  if (!rest.empty() && rest.front() != ';') return std::nullopt;
  if (!rest.empty()) parts.params = TrimSpace(rest.substr(1));
  return parts;
}

bool IsDisplay(std::string_view text) {
  if (!text.empty() && text.front() == '"') return SkipQuoted(text, 0) == text.size();
  for (char c : text) {
    if (!IsTokenChar(static_cast<unsigned char>(c)) && !IsSpace(c)) return false;
  }
  return true;
}

std::string WithoutTag(std::string_view value) {
  const size_t close = FindOutside(value, '<') == std::string_view::npos ? 0 : value.rfind('>');
  size_t at = FindOutside(value, ';', close);
  std::string out(value.substr(0, at));
  while (at != std::string_view::npos) {
    const size_t next = FindOutside(value, ';', at + 1);
    const std::string_view one =
        value.substr(at, next == std::string_view::npos ? next : next - at);
    const std::string_view name = TrimSpace(one.substr(1, one.find('=') - 1));
    if (!EqualsNoCase(name, "tag")) out += one;
    at = next;
  }
  return std::string(TrimSpace(out));
}

}  // namespace zvon::sip
