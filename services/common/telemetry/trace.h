#pragma once
// W3C trace context ("traceparent", https://www.w3.org/TR/trace-context/).

#include <optional>
#include <string>
#include <string_view>

#include "services/common/ids/ids.h"

namespace zvon {

struct TraceContext {
  std::string trace_id;  // 32 lower-case hexadecimal digits, not all zero.
  std::string span_id;   // 16 likewise.
  bool sampled = true;
  // "00-<trace id>-<span id>-01".
  std::string ToHeader() const;
};

// A new trace for an interaction that came without one.
TraceContext NewTrace(const RandomSource& random);
// Same trace, new span.
TraceContext ChildOf(const TraceContext& parent, const RandomSource& random);
// Nothing where the text is not a valid version 00 header.
std::optional<TraceContext> ParseTrace(std::string_view header);

}  // namespace zvon
