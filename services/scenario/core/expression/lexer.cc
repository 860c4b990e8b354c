#include "services/scenario/core/expression/lexer.h"

#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/scenario/core/expression/value.h"

namespace zvon::scenario {
namespace {

absl::string_view View(std::string_view s) { return {s.data(), s.size()}; }

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  absl::StatusOr<std::vector<Token>> Run() {
    while (SkipSpace()) {
      absl::Status status = Next();
      if (!status.ok()) return status;
    }
    tokens_.push_back({TokenKind::kEnd, "", 0, at_ + 1});
    return std::move(tokens_);
  }

 private:
  bool SkipSpace() {
    while (at_ < text_.size() && absl::ascii_isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
    return at_ < text_.size();
  }
  unsigned char Peek(size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? static_cast<unsigned char>(text_[at_ + ahead]) : 0;
  }

  absl::Status Next() {
    if (absl::ascii_isdigit(Peek())) return Integer();
    if (absl::ascii_isalpha(Peek()) || Peek() == '_') return Name();
    if (Peek() == '"' || Peek() == '\'') return Text();
    return Operator();
  }

  absl::Status Integer() {
    const size_t start = at_;
    while (absl::ascii_isdigit(Peek())) ++at_;
    if (absl::ascii_isalpha(Peek()) || Peek() == '_') {
      return ErrorAt(start + 1, "a name must not begin with a digit");
    }
    Token token{TokenKind::kInteger, std::string(text_.substr(start, at_ - start)), 0, start + 1};
    if (!absl::SimpleAtoi(token.text, &token.integer)) {
      return ErrorAt(start + 1, absl::StrCat("the number ", token.text, " is too large").c_str());
    }
    tokens_.push_back(std::move(token));
    return absl::OkStatus();
  }

  absl::Status Name() {
    const size_t start = at_;
    while (absl::ascii_isalnum(Peek()) || Peek() == '_') ++at_;
    tokens_.push_back(
        {TokenKind::kName, std::string(text_.substr(start, at_ - start)), 0, start + 1});
    return absl::OkStatus();
  }

  absl::Status Text() {
    const size_t start = at_;
    const char quote = text_[at_++];
    std::string out;
    while (at_ < text_.size() && text_[at_] != quote) {
      if (text_[at_] != '\\') {
        out.push_back(text_[at_++]);
        continue;
      }
      absl::Status status = Escape(&out);
      if (!status.ok()) return status;
    }
    if (at_ >= text_.size()) return ErrorAt(start + 1, "this text has no closing quote");
    ++at_;
    tokens_.push_back({TokenKind::kText, std::move(out), 0, start + 1});
    return absl::OkStatus();
  }

  absl::Status Escape(std::string* out) {
    const char c = static_cast<char>(Peek(1));
    switch (c) {
      case 'n':
        out->push_back('\n');
        break;
      case 't':
        out->push_back('\t');
        break;
      case '\\':
      case '"':
      case '\'':
        out->push_back(c);
        break;
      default:
        return ErrorAt(at_ + 1, "after \\ only \\ \" ' n and t may stand");
    }
    at_ += 2;
    return absl::OkStatus();
  }

  absl::Status Operator() {
    static constexpr std::array<std::string_view, 17> kOperators = {
        "==", "!=", "<=", ">=", "&&", "||", "<", ">", "!", "+", "-", "*", "/", "%", "(", ")", ","};
    for (std::string_view op : kOperators) {
      if (text_.substr(at_, op.size()) != op) continue;
      tokens_.push_back({TokenKind::kOperator, std::string(op), 0, at_ + 1});
      at_ += op.size();
      return absl::OkStatus();
    }
    if (Peek() == '=') return ErrorAt(at_ + 1, "a single = means nothing; compare with ==");
    if (Peek() == '&' || Peek() == '|') return ErrorAt(at_ + 1, "use && and ||");
    return ErrorAt(at_ + 1, "this character has no meaning here");
  }

  std::string_view text_;
  size_t at_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

absl::Status ErrorAt(size_t position, std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("position ", position, ": ", View(what)));
}

absl::StatusOr<std::vector<Token>> Tokenize(std::string_view text) {
  if (text.size() > kExpressionBytesMax) {
    return ErrorAt(kExpressionBytesMax, "the expression is longer than 2000 bytes");
  }
  return Lexer(text).Run();
}

}  // namespace zvon::scenario
