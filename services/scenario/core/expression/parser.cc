#include "services/scenario/core/expression/parser.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/scenario/core/expression/lexer.h"

namespace zvon::scenario {
namespace {

struct BinaryRule {
  int level;
  Op op;
};
constexpr int kLevels = 6;

std::optional<BinaryRule> RuleOf(const Token& token) {
  if (token.kind != TokenKind::kOperator) return std::nullopt;
  const std::string& t = token.text;
  if (t == "||") return BinaryRule{0, Op::kOr};
  if (t == "&&") return BinaryRule{1, Op::kAnd};
  if (t == "==") return BinaryRule{2, Op::kEqual};
  if (t == "!=") return BinaryRule{2, Op::kNotEqual};
  if (t == "<") return BinaryRule{3, Op::kLess};
  if (t == "<=") return BinaryRule{3, Op::kLessEqual};
  if (t == ">") return BinaryRule{3, Op::kGreater};
  if (t == ">=") return BinaryRule{3, Op::kGreaterEqual};
  if (t == "+") return BinaryRule{4, Op::kAdd};
  if (t == "-") return BinaryRule{4, Op::kSubtract};
  if (t == "*") return BinaryRule{5, Op::kMultiply};
  if (t == "/") return BinaryRule{5, Op::kDivide};
  if (t == "%") return BinaryRule{5, Op::kRemainder};
  return std::nullopt;
}

struct Function {
  std::string_view name;
  Op op;
  size_t arguments_min;
  size_t arguments_max;
};
constexpr Function kFunctions[] = {
    {"len", Op::kLen, 1, 1},
    {"startsWith", Op::kStartsWith, 2, 2},
    {"substr", Op::kSubstr, 2, 3},
    {"number", Op::kNumber, 1, 1},
};

class Parser {
 public:
  explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  absl::StatusOr<Ast> Run() {
    absl::StatusOr<int> root = Binary(0);
    if (!root.ok()) return root.status();
    if (Peek().kind != TokenKind::kEnd) {
      return ErrorAt(Peek().position,
                     absl::StrCat("expected an operator or the end, found ", Shown()));
    }
    return std::move(ast_);
  }

 private:
  const Token& Peek() const { return tokens_[at_]; }
  bool Is(std::string_view op) const {
    return Peek().kind == TokenKind::kOperator && Peek().text == op;
  }
  std::string Shown() const {
    switch (Peek().kind) {
      case TokenKind::kEnd:
        return "the end";
      case TokenKind::kText:
        return "a text";
      default:
        return absl::StrCat("\"", Peek().text, "\"");
    }
  }

  absl::StatusOr<int> Add(Node node) {
    if (ast_.nodes.size() >= kExpressionNodesMax)
      return ErrorAt(node.position, "the expression has too many parts");
    ast_.nodes.push_back(std::move(node));
    return ast_.root();
  }

  absl::StatusOr<int> Binary(int level) {
    if (level == kLevels) return Unary();
    absl::StatusOr<int> left = Binary(level + 1);
    bool compared = false;
    while (left.ok()) {
      const std::optional<BinaryRule> rule = RuleOf(Peek());
      if (!rule || rule->level != level) return left;
      const size_t position = Peek().position;
      if (compared) return ErrorAt(position, "comparisons do not chain; join them with &&");
      compared = level == 2 || level == 3;
      ++at_;
      absl::StatusOr<int> right = Binary(level + 1);
      if (!right.ok()) return right;
      left = Add({rule->op, {}, "", {*left, *right}, position});
    }
    return left;
  }

  absl::StatusOr<int> Unary() {
    if (++depth_ > kExpressionDepthMax)
      return ErrorAt(Peek().position, "the expression is nested too deeply");
    absl::StatusOr<int> out = UnaryInside();
    --depth_;
    return out;
  }
  absl::StatusOr<int> UnaryInside() {
    const size_t position = Peek().position;
    if (!Is("!") && !Is("-")) return Primary();
    const Op op = Is("!") ? Op::kNot : Op::kNegate;
    ++at_;
    absl::StatusOr<int> inner = Unary();
    if (!inner.ok()) return inner;
    return Add({op, {}, "", {*inner}, position});
  }

  absl::StatusOr<int> Primary() {
    const Token token = Peek();
    switch (token.kind) {
      case TokenKind::kInteger:
        ++at_;
        return Add({Op::kLiteral, token.integer, "", {}, token.position});
      case TokenKind::kText:
        ++at_;
        return Add({Op::kLiteral, token.text, "", {}, token.position});
      case TokenKind::kName:
        ++at_;
        return Named(token);
      default:
        break;
    }
    if (!Is("(")) return ErrorAt(token.position, absl::StrCat("expected a value, found ", Shown()));
    ++at_;
    absl::StatusOr<int> inner = Binary(0);
    if (!inner.ok()) return inner;
    absl::Status closed = Close(token.position);
    if (!closed.ok()) return closed;
    return inner;
  }

  absl::StatusOr<int> Named(const Token& token) {
    if (Is("(")) return Call(token);
    if (token.text == "true") return Add({Op::kLiteral, true, "", {}, token.position});
    if (token.text == "false") return Add({Op::kLiteral, false, "", {}, token.position});
    return Add({Op::kVariable, {}, token.text, {}, token.position});
  }

  absl::StatusOr<int> Call(const Token& name) {
    const Function* function = nullptr;
    for (const Function& f : kFunctions) {
      if (f.name == name.text) function = &f;
    }
    if (function == nullptr) {
      return ErrorAt(name.position,
                     absl::StrCat("no function \"", name.text,
                                  "\"; there are len, startsWith, substr and number"));
    }
    const size_t open = Peek().position;
    ++at_;
    Node call{function->op, {}, name.text, {}, name.position};
    while (!Is(")")) {
      if (!call.arguments.empty()) {
        if (!Is(",")) break;
        ++at_;
      }
      absl::StatusOr<int> argument = Binary(0);
      if (!argument.ok()) return argument;
      call.arguments.push_back(*argument);
    }
    absl::Status closed = Close(open);
    if (!closed.ok()) return closed;
    if (call.arguments.size() < function->arguments_min ||
        call.arguments.size() > function->arguments_max) {
      return ErrorAt(
          name.position,
          absl::StrCat(name.text, "() was given ", call.arguments.size(), " arguments; it takes ",
                       function->arguments_min,
                       function->arguments_max > function->arguments_min ? " or more" : ""));
    }
    return Add(std::move(call));
  }

  absl::Status Close(size_t open) {
    if (!Is(")")) {
      return ErrorAt(Peek().position, absl::StrCat("expected \")\" for the \"(\" at position ",
                                                   open, ", found ", Shown()));
    }
    ++at_;
    return absl::OkStatus();
  }

  std::vector<Token> tokens_;
  size_t at_ = 0;
  int depth_ = 0;
  Ast ast_;
};

}  // namespace

absl::StatusOr<Ast> ParseExpression(std::string_view text) {
  absl::StatusOr<std::vector<Token>> tokens = Tokenize(text);
  if (!tokens.ok()) return tokens.status();
  if (tokens->size() == 1) return ErrorAt(1, "the expression is empty");
  return Parser(*std::move(tokens)).Run();
}

}  // namespace zvon::scenario
