// Any bytes: parsing and evaluating neither crash nor grow beyond the limits.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "services/common/check/check.h"
#include "services/scenario/core/expression/expression.h"

using zvon::scenario::Expression;
using zvon::scenario::Value;

namespace {
std::optional<Value> Look(std::string_view name) {
  if (name == "hour") return Value(int64_t{9});
  if (name == "answered") return Value(true);
  return Value(std::string("101"));
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  absl::StatusOr<Expression> expression = Expression::Parse(text);
  if (!expression.ok()) return 0;
  absl::StatusOr<Value> first = expression->Evaluate(Look);
  absl::StatusOr<Value> second = expression->Evaluate(Look);
  ZVON_CHECK(first.ok() == second.ok());
  if (first.ok()) {
    ZVON_CHECK(*first == *second);
    ZVON_CHECK(zvon::scenario::ToText(*first).size() <= zvon::scenario::kTextBytesMax);
  }
  return 0;
}
