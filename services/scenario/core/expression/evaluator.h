#pragma once

#include "absl/status/statusor.h"
#include "services/scenario/core/expression/ast.h"

namespace zvon::scenario {

// INVALID_ARGUMENT "position 5: …" where types do not fit, a variable has no
// value, a number overflows or a text would grow over kTextBytesMax. Each node
// is worked at most once, so an evaluation costs at most kExpressionNodesMax.
absl::StatusOr<Value> Evaluate(const Ast& ast, const VariableSource& variables);

}  // namespace zvon::scenario
