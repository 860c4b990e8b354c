#pragma once
// Grammar, loosest first: || ; && ; == != ; < <= > >= ; + - ; * / % ; ! - ;
// literals, variables, calls, parentheses. Comparisons do not chain.

#include <string_view>

#include "absl/status/statusor.h"
#include "services/scenario/core/expression/ast.h"

namespace zvon::scenario {

// INVALID_ARGUMENT "position 5: …".
absl::StatusOr<Ast> ParseExpression(std::string_view text);

}  // namespace zvon::scenario
