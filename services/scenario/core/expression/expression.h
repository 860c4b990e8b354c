#pragma once
// The small language of scenarios' conditions and values.
//
//   caller == "101" && hour >= 9          number(digits) % 2 == 0
//   startsWith(called, "+7")              substr(caller, 0, 4) + "…"
//
// Types: text, whole number (64 bits), true/false; they never mix silently.
// Variables hold texts, but for hour, weekday (1 = Monday) and answered.
// Pure and bounded: no loops, no names from outside, limits in value.h.
//
//   absl::StatusOr<Expression> e = Expression::Parse(text);
//   absl::StatusOr<Value> v = e->Evaluate(variables);

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/scenario/core/expression/ast.h"

namespace zvon::scenario {

// Immutable; cheap to keep, safe to share between threads.
class Expression {
 public:
  // INVALID_ARGUMENT "position 5: …", positions count bytes from 1.
  static absl::StatusOr<Expression> Parse(std::string_view text);
  absl::StatusOr<Value> Evaluate(const VariableSource& variables) const;
  // INVALID_ARGUMENT where the result is of another type.
  absl::StatusOr<bool> EvaluateCondition(const VariableSource& variables) const;
  // Names it reads, each once, in order of appearance.
  std::vector<std::string> Variables() const;

 private:
  explicit Expression(Ast ast) : ast_(std::move(ast)) {}
  Ast ast_;
};

}  // namespace zvon::scenario
