#pragma once
// Text of an expression into tokens.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace zvon::scenario {

enum class TokenKind {
  kEnd,
  kInteger,
  kText,
  kName,
  kOperator,  // One of == != < <= > >= && || ! + - * / % ( ) ,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string text;     // Of names and operators; the unescaped content of texts.
  int64_t integer = 0;  // Of kInteger.
  size_t position = 0;  // 1 = the first byte.
};

// The last token is kEnd. INVALID_ARGUMENT "position 5: …" for anything else.
absl::StatusOr<std::vector<Token>> Tokenize(std::string_view text);

// "position 5: <what>" as INVALID_ARGUMENT.
absl::Status ErrorAt(size_t position, std::string_view what);

}  // namespace zvon::scenario
