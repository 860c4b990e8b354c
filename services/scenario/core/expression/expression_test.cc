#include "services/scenario/core/expression/expression.h"

#include <catch2/catch.hpp>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace zvon::scenario {
namespace {

const std::map<std::string, Value, std::less<>> kVariables = {
    {"caller", "101"},       {"called", "+74951234567"}, {"digits", "42"}, {"hour", int64_t{14}},
    {"weekday", int64_t{1}}, {"answered", true},         {"name", "Пётр"}, {"empty", ""},
};

std::optional<Value> Look(std::string_view name) {
  auto it = kVariables.find(name);
  if (it == kVariables.end()) return std::nullopt;
  return it->second;
}

// The value as text, or the error's message after "!".
std::string Result(const std::string& text) {
  absl::StatusOr<Expression> e = Expression::Parse(text);
  if (!e.ok()) return absl::StrCat("!", e.status().message());
  absl::StatusOr<Value> v = e->Evaluate(Look);
  if (!v.ok()) return absl::StrCat("!", v.status().message());
  return ToText(*v);
}

struct Row {
  const char* text;
  const char* result;
};

TEST_CASE("expressions give values") {
  const Row rows[] = {
      {"1", "1"},
      {"1 + 2 * 3", "7"},
      {"(1 + 2) * 3", "9"},
      {"7 / 2", "3"},
      {"-7 % 3", "-1"},
      {"- - 5", "5"},
      {"\"a\" + 'b'", "ab"},
      {"\"a\\\"b\\\\\"", "a\"b\\"},
      {"caller == \"101\" && hour >= 9", "true"},
      {"hour >= 9 && hour < 18 && weekday <= 5", "true"},
      {"!(hour > 20) || missing == 1", "true"},
      {"false && missing == 1", "false"},
      {"answered == true", "true"},
      {"!answered", "false"},
      {"len(digits)", "2"},
      {"len(name)", "4"},
      {"substr(name, 1, 2)", "ёт"},
      {"substr(called, 2)", "4951234567"},
      {"substr(called, 90, 5)", ""},
      {"startsWith(called, \"+7\")", "true"},
      {"number(digits) + 1", "43"},
      {"number(7)", "7"},
      {"\"abc\" < \"abd\"", "true"},
      {"empty == \"\"", "true"},
      {"9223372036854775807", "9223372036854775807"},
      {"(-9223372036854775807 - 1) % -1", "0"},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    CHECK(Result(row.text) == row.result);
  }
}

TEST_CASE("errors tell the position and what was wrong") {
  const Row rows[] = {
      {"", "!position 1: the expression is empty"},
      {"1 +", "!position 4: expected a value, found the end"},
      {"(1", "!position 3: expected \")\" for the \"(\" at position 1, found the end"},
      {"1 2", "!position 3: expected an operator or the end, found \"2\""},
      {"a = 1", "!position 3: a single = means nothing; compare with =="},
      {"a & b", "!position 3: use && and ||"},
      {"\"abc", "!position 1: this text has no closing quote"},
      {"1 < 2 < 3", "!position 7: comparisons do not chain; join them with &&"},
      {"hour == \"14\"",
       "!position 6: cannot compare a whole number with a text; number(…) makes a number of a "
       "text"},
      {"missing", "!position 1: the variable \"missing\" has no value"},
      {"1 / 0", "!position 3: division by zero"},
      {"9223372036854775807 + 1", "!position 21: the result is too large"},
      {"9223372036854775808", "!position 1: the number 9223372036854775808 is too large"},
      {"exec(\"rm\")",
       "!position 1: no function \"exec\"; there are len, startsWith, substr and number"},
      {"len()", "!position 1: len() was given 0 arguments; it takes 1"},
      {"number(\"4x\")", "!position 1: number(): \"4x\" is not a whole number"},
      {"1 && true", "!position 3: && needs true or false, not a whole number"},
      {"true < false", "!position 6: true and false have no order"},
      {"1a", "!position 1: a name must not begin with a digit"},
      {"#", "!position 1: this character has no meaning here"},
      {"substr(caller, -1)",
       "!position 1: substr(text, from, count) needs whole numbers from 0 up"},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    CHECK(Result(row.text) == row.result);
  }
}

TEST_CASE("size, depth and growth are bounded") {
  CHECK(Result(std::string(3000, ' ')) ==
        "!position 2000: the expression is longer than 2000 bytes");
  std::string nested(60, '(');
  nested.push_back('1');
  nested.append(60, ')');
  CHECK(Result(nested) == "!position 51: the expression is nested too deeply");
  std::string many = "1";
  for (int i = 0; i < 400; ++i) many += "+1";
  CHECK(absl::StrContains(Result(many), "too many parts"));
  const Value text = std::string(3000, 'x');
  const VariableSource long_text = [&](std::string_view) { return text; };
  CHECK(Expression::Parse("a + a")->Evaluate(long_text).status().message() ==
        "position 3: the joined text is too long");
}

TEST_CASE("variables are listed once") {
  CHECK(Expression::Parse("a + b + a")->Variables() == std::vector<std::string>{"a", "b"});
}

TEST_CASE("a condition must be true or false") {
  CHECK(Expression::Parse("1 + 1")->EvaluateCondition(Look).status().message() ==
        "a condition must give true or false, not a whole number");
}

}  // namespace
}  // namespace zvon::scenario
