// Text forms of parameters and columns.

#include <cstdlib>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "services/common/db/database.h"

namespace zvon {
namespace {

// An element of an array literal: quoted, with \ and " escaped.
std::string Quoted(const std::string& text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

}  // namespace

std::string DbTime(absl::Time t) {
  if (t == absl::InfinitePast()) return "-infinity";
  if (t == absl::InfiniteFuture()) return "infinity";
  return absl::FormatTime("%Y-%m-%d %H:%M:%E6S+00", t, absl::UTCTimeZone());
}

std::string DbBytes(std::string_view bytes) {
  return "\\x" + absl::BytesToHexString(absl::string_view(bytes.data(), bytes.size()));
}

std::string DbArray(const std::vector<std::string>& texts) {
  std::string out = "{";
  for (const std::string& text : texts) {
    if (out.size() > 1) out += ',';
    out += Quoted(text);
  }
  return out + '}';
}

const std::string& DbRow::Text(size_t i) const {
  static const std::string empty;
  return values_[i].has_value() ? *values_[i] : empty;
}

int64_t DbRow::Int(size_t i) const { return std::strtoll(Text(i).c_str(), nullptr, 10); }
double DbRow::Double(size_t i) const { return std::strtod(Text(i).c_str(), nullptr); }
bool DbRow::Bool(size_t i) const { return Text(i) == "t"; }

absl::Time DbRow::Time(size_t i) const {
  if (IsNull(i) || Text(i) == "-infinity") return absl::InfinitePast();
  if (Text(i) == "infinity") return absl::InfiniteFuture();
  // Connections ask for ISO style in UTC.
  absl::Time time;
  const absl::string_view text = absl::StripSuffix(Text(i), "+00");
  if (!absl::ParseTime("%Y-%m-%d %H:%M:%E*S", text, &time, nullptr)) return absl::InfinitePast();
  return time;
}

std::string DbRow::Bytes(size_t i) const {
  const std::string& text = Text(i);
  return absl::StartsWith(text, "\\x") ? absl::HexStringToBytes(text.substr(2)) : text;
}

}  // namespace zvon
