#include "services/gateway/core/byte_range.h"

#include <algorithm>
#include <optional>

namespace zvon::gateway {
namespace {

constexpr size_t kDigitsMax = 15;  // Far below the limit of int64_t.

std::optional<int64_t> Digits(std::string_view text) {
  if (text.empty() || text.size() > kDigitsMax) return std::nullopt;
  int64_t value = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

}  // namespace

RangeRequest ParseRange(std::string_view header) {
  constexpr std::string_view kUnit = "bytes=";
  if (header.substr(0, kUnit.size()) != kUnit) return {};
  std::string_view range = header.substr(kUnit.size());
  size_t dash = range.find('-');
  if (dash == std::string_view::npos || range.find(',') != std::string_view::npos) return {};
  std::optional<int64_t> first = Digits(range.substr(0, dash));
  std::optional<int64_t> last = Digits(range.substr(dash + 1));
  if (dash == 0) {
    if (!last) return {};
    return {RangeRequest::Kind::kSuffix, 0, -1, *last};
  }
  if (!first || (!last && dash + 1 != range.size())) return {};
  if (last && *last < *first) return {};
  return {RangeRequest::Kind::kFrom, *first, last.value_or(-1), 0};
}

ByteRange ResolveRange(const RangeRequest& request, int64_t total) {
  switch (request.kind) {
    case RangeRequest::Kind::kWhole:
      return {true, 0, total - 1};
    case RangeRequest::Kind::kSuffix:
      if (request.suffix == 0 || total == 0) return {};
      return {true, std::max<int64_t>(0, total - request.suffix), total - 1};
    case RangeRequest::Kind::kFrom:
      if (request.first >= total) return {};
      int64_t last = request.last < 0 ? total - 1 : std::min(request.last, total - 1);
      return {true, request.first, last};
  }
  return {};
}

std::string ContentRange(const ByteRange& range, int64_t total) {
  std::string whole = std::to_string(total);
  if (!range.satisfiable) return "bytes */" + whole;
  return "bytes " + std::to_string(range.first) + "-" + std::to_string(range.last) + "/" + whole;
}

}  // namespace zvon::gateway
