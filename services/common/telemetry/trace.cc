#include "services/common/telemetry/trace.h"

namespace zvon {
namespace {

constexpr size_t kTraceIdLength = 32;
constexpr size_t kSpanIdLength = 16;
// "00-" trace "-" span "-" flags
constexpr size_t kHeaderLength = 3 + kTraceIdLength + 1 + kSpanIdLength + 1 + 2;

bool IsLowerHex(std::string_view text) {
  for (char c : text) {
    if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
  }
  return true;
}

bool IsId(std::string_view text) {
  return IsLowerHex(text) && text.find_first_not_of('0') != std::string_view::npos;
}

void AppendHex(std::string& out, uint64_t word) {
  for (int shift = 60; shift >= 0; shift -= 4) out += "0123456789abcdef"[(word >> shift) & 0xf];
}

std::string NewSpanId(const RandomSource& random) {
  uint64_t word = random();
  while (word == 0) word = random();
  std::string id;
  AppendHex(id, word);
  return id;
}

}  // namespace

std::string TraceContext::ToHeader() const {
  return "00-" + trace_id + "-" + span_id + (sampled ? "-01" : "-00");
}

TraceContext NewTrace(const RandomSource& random) {
  TraceContext context;
  context.trace_id = NewSpanId(random) + NewSpanId(random);
  context.span_id = NewSpanId(random);
  return context;
}

TraceContext ChildOf(const TraceContext& parent, const RandomSource& random) {
  TraceContext context = parent;
  context.span_id = NewSpanId(random);
  return context;
}

std::optional<TraceContext> ParseTrace(std::string_view header) {
  if (header.size() != kHeaderLength || header.substr(0, 3) != "00-") return std::nullopt;
  std::string_view trace = header.substr(3, kTraceIdLength);
  std::string_view span = header.substr(4 + kTraceIdLength, kSpanIdLength);
  std::string_view flags = header.substr(kHeaderLength - 2);
  if (header[3 + kTraceIdLength] != '-' || header[kHeaderLength - 3] != '-') return std::nullopt;
  if (!IsId(trace) || !IsId(span) || !IsLowerHex(flags)) return std::nullopt;
  bool sampled = ((flags[1] >= 'a' ? flags[1] - 'a' + 10 : flags[1] - '0') & 1) != 0;
  return TraceContext{std::string(trace), std::string(span), sampled};
}

}  // namespace zvon
