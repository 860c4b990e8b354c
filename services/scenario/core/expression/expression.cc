#include "services/scenario/core/expression/expression.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/scenario/core/expression/evaluator.h"
#include "services/scenario/core/expression/parser.h"

namespace zvon::scenario {

absl::StatusOr<Expression> Expression::Parse(std::string_view text) {
  absl::StatusOr<Ast> ast = ParseExpression(text);
  if (!ast.ok()) return ast.status();
  return Expression(*std::move(ast));
}

absl::StatusOr<Value> Expression::Evaluate(const VariableSource& variables) const {
  return scenario::Evaluate(ast_, variables);
}

absl::StatusOr<bool> Expression::EvaluateCondition(const VariableSource& variables) const {
  absl::StatusOr<Value> value = Evaluate(variables);
  if (!value.ok()) return value.status();
  if (const bool* b = std::get_if<bool>(&*value)) return *b;
  return absl::InvalidArgumentError(
      absl::StrCat("a condition must give true or false, not ", std::string(TypeName(*value))));
}

std::vector<std::string> Expression::Variables() const {
  std::vector<std::string> out;
  for (const Node& node : ast_.nodes) {
    if (node.op != Op::kVariable) continue;
    if (std::find(out.begin(), out.end(), node.name) == out.end()) out.push_back(node.name);
  }
  return out;
}

}  // namespace zvon::scenario
