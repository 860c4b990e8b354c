#pragma once
// A parsed expression: nodes in one vector, children before parents, the root
// last. No pointers, so copies and destruction are flat.

#include <cstddef>
#include <string>
#include <vector>

#include "services/scenario/core/expression/value.h"

namespace zvon::scenario {

enum class Op {
  kLiteral,
  kVariable,
  kNot,
  kNegate,
  kOr,
  kAnd,
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kRemainder,
  kLen,
  kStartsWith,
  kSubstr,
  kNumber,
};

struct Node {
  Op op = Op::kLiteral;
  Value literal;               // Of kLiteral.
  std::string name;            // Of kVariable.
  std::vector<int> arguments;  // Indices of children.
  size_t position = 0;
};

struct Ast {
  std::vector<Node> nodes;
  int root() const { return static_cast<int>(nodes.size()) - 1; }
};

}  // namespace zvon::scenario
