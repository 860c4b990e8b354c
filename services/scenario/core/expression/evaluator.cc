#include "services/scenario/core/expression/evaluator.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/scenario/core/expression/lexer.h"

namespace zvon::scenario {

std::string_view TypeName(const Value& value) {
  switch (value.index()) {
    case 0:
      return "a whole number";
    case 1:
      return "true or false";
    default:
      return "a text";
  }
}

std::string ToText(const Value& value) {
  switch (value.index()) {
    case 0:
      return absl::StrCat(std::get<int64_t>(value));
    case 1:
      return std::get<bool>(value) ? "true" : "false";
    default:
      return std::get<std::string>(value);
  }
}

namespace {

std::string Named(const Value& value) {
  std::string_view name = TypeName(value);
  return std::string(name);
}

// Texts are UTF-8: lengths and positions count characters, not bytes.
bool StartsCharacter(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }
int64_t Characters(const std::string& s) {
  return std::count_if(s.begin(), s.end(), StartsCharacter);
}
size_t OffsetOf(const std::string& s, int64_t character) {
  size_t i = 0;
  for (; i < s.size(); ++i) {
    if (StartsCharacter(s[i]) && character-- == 0) return i;
  }
  return i;
}

class Evaluator {
 public:
  Evaluator(const Ast& ast, const VariableSource& variables) : ast_(ast), variables_(variables) {}

  absl::StatusOr<Value> At(int index) const {
    const Node& node = ast_.nodes[static_cast<size_t>(index)];
    switch (node.op) {
      case Op::kLiteral:
        return node.literal;
      case Op::kVariable:
        return Variable(node);
      case Op::kOr:
      case Op::kAnd:
        return Logic(node);
      default:
        break;
    }
    std::vector<Value> values;
    for (int argument : node.arguments) {
      absl::StatusOr<Value> value = At(argument);
      if (!value.ok()) return value;
      values.push_back(*std::move(value));
    }
    return Apply(node, values);
  }

 private:
  absl::StatusOr<Value> Variable(const Node& node) const {
    std::optional<Value> value = variables_(node.name);
    if (value) return *std::move(value);
    return ErrorAt(node.position, absl::StrCat("the variable \"", node.name, "\" has no value"));
  }

  absl::StatusOr<bool> Truth(int index, const Node& of, std::string_view op) const {
    absl::StatusOr<Value> value = At(index);
    if (!value.ok()) return value.status();
    if (const bool* b = std::get_if<bool>(&*value)) return *b;
    return ErrorAt(of.position,
                   absl::StrCat(std::string(op), " needs true or false, not ", Named(*value)));
  }

  absl::StatusOr<Value> Logic(const Node& node) const {
    const bool is_or = node.op == Op::kOr;
    absl::StatusOr<bool> left = Truth(node.arguments[0], node, is_or ? "||" : "&&");
    if (!left.ok()) return left.status();
    if (*left == is_or) return Value(is_or);
    absl::StatusOr<bool> right = Truth(node.arguments[1], node, is_or ? "||" : "&&");
    if (!right.ok()) return right.status();
    return Value(*right);
  }

  absl::StatusOr<Value> Apply(const Node& node, const std::vector<Value>& v) const {
    switch (node.op) {
      case Op::kNot:
        if (const bool* b = std::get_if<bool>(&v[0])) return Value(!*b);
        return ErrorAt(node.position, absl::StrCat("! needs true or false, not ", Named(v[0])));
      case Op::kNegate: {
        const int64_t* i = std::get_if<int64_t>(&v[0]);
        if (i == nullptr)
          return ErrorAt(node.position, absl::StrCat("- needs a whole number, not ", Named(v[0])));
        return Whole(node, int64_t{0}, *i, Op::kSubtract);
      }
      case Op::kEqual:
      case Op::kNotEqual:
      case Op::kLess:
      case Op::kLessEqual:
      case Op::kGreater:
      case Op::kGreaterEqual:
        return Compare(node, v[0], v[1]);
      case Op::kLen:
      case Op::kStartsWith:
      case Op::kSubstr:
      case Op::kNumber:
        return Call(node, v);
      default:
        return Arithmetic(node, v[0], v[1]);
    }
  }

  absl::StatusOr<Value> Compare(const Node& node, const Value& a, const Value& b) const {
    if (a.index() != b.index()) {
      return ErrorAt(node.position, absl::StrCat("cannot compare ", Named(a), " with ", Named(b),
                                                 "; number(…) makes a number of a text"));
    }
    switch (node.op) {
      case Op::kEqual:
        return Value(a == b);
      case Op::kNotEqual:
        return Value(a != b);
      default:
        break;
    }
    if (std::holds_alternative<bool>(a))
      return ErrorAt(node.position, "true and false have no order");
    switch (node.op) {
      case Op::kLess:
        return Value(a < b);
      case Op::kLessEqual:
        return Value(a <= b);
      case Op::kGreater:
        return Value(a > b);
      default:
        return Value(a >= b);
    }
  }

  absl::StatusOr<Value> Arithmetic(const Node& node, const Value& a, const Value& b) const {
    const std::string* s = std::get_if<std::string>(&a);
    const std::string* t = std::get_if<std::string>(&b);
    if (node.op == Op::kAdd && s != nullptr && t != nullptr) {
      if (s->size() + t->size() > kTextBytesMax)
        return ErrorAt(node.position, "the joined text is too long");
      return Value(*s + *t);
    }
    const int64_t* x = std::get_if<int64_t>(&a);
    const int64_t* y = std::get_if<int64_t>(&b);
    if (x == nullptr || y == nullptr) {
      return ErrorAt(node.position,
                     absl::StrCat("cannot reckon with ", Named(x == nullptr ? a : b)));
    }
    return Whole(node, *x, *y, node.op);
  }

  absl::StatusOr<Value> Whole(const Node& node, int64_t x, int64_t y, Op op) const {
    int64_t out = 0;
    bool over = false;
    switch (op) {
      case Op::kAdd:
        over = __builtin_add_overflow(x, y, &out);
        break;
      case Op::kSubtract:
        over = __builtin_sub_overflow(x, y, &out);
        break;
      case Op::kMultiply:
        over = __builtin_mul_overflow(x, y, &out);
        break;
      default:
        if (y == 0) return ErrorAt(node.position, "division by zero");
        if (y == -1) {  // The least number divided by -1 does not fit.
          if (op == Op::kRemainder) return Value(int64_t{0});
          over = __builtin_sub_overflow(int64_t{0}, x, &out);
          break;
        }
        out = op == Op::kDivide ? x / y : x % y;
    }
    if (over) return ErrorAt(node.position, "the result is too large");
    return Value(out);
  }

  absl::StatusOr<Value> Call(const Node& node, const std::vector<Value>& v) const {
    const std::string* text = std::get_if<std::string>(&v[0]);
    if (node.op == Op::kNumber && std::holds_alternative<int64_t>(v[0])) return v[0];
    if (text == nullptr) {
      return ErrorAt(node.position, absl::StrCat(node.name, "() needs a text, not ", Named(v[0])));
    }
    switch (node.op) {
      case Op::kLen:
        return Value(Characters(*text));
      case Op::kNumber:
        return Number(node, *text);
      case Op::kStartsWith:
        return StartsWith(node, *text, v[1]);
      default:
        return Substr(node, *text, v);
    }
  }

  absl::StatusOr<Value> Number(const Node& node, const std::string& text) const {
    int64_t out = 0;
    const bool plain = !text.empty() &&
                       (absl::ascii_isdigit(static_cast<unsigned char>(text[0])) || text[0] == '-');
    if (plain && absl::SimpleAtoi(text, &out)) return Value(out);
    return ErrorAt(node.position,
                   absl::StrCat("number(): \"", text.substr(0, 40), "\" is not a whole number"));
  }

  absl::StatusOr<Value> StartsWith(const Node& node, const std::string& text,
                                   const Value& prefix) const {
    const std::string* p = std::get_if<std::string>(&prefix);
    if (p == nullptr)
      return ErrorAt(node.position, absl::StrCat("startsWith() needs a text, not ", Named(prefix)));
    return Value(absl::StartsWith(text, *p));
  }

  absl::StatusOr<Value> Substr(const Node& node, const std::string& text,
                               const std::vector<Value>& v) const {
    int64_t length = Characters(text);
    for (size_t i = 1; i < v.size(); ++i) {
      const int64_t* n = std::get_if<int64_t>(&v[i]);
      if (n == nullptr || *n < 0) {
        return ErrorAt(node.position, "substr(text, from, count) needs whole numbers from 0 up");
      }
    }
    const int64_t from = std::min(std::get<int64_t>(v[1]), length);
    if (v.size() == 3) length = from + std::min(std::get<int64_t>(v[2]), length - from);
    const size_t start = OffsetOf(text, from);
    return Value(text.substr(start, OffsetOf(text, length) - start));
  }

  const Ast& ast_;
  const VariableSource& variables_;
};

}  // namespace

absl::StatusOr<Value> Evaluate(const Ast& ast, const VariableSource& variables) {
  if (ast.nodes.empty()) return ErrorAt(1, "the expression is empty");
  return Evaluator(ast, variables).At(ast.root());
}

}  // namespace zvon::scenario
