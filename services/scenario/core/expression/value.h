#pragma once
// What an expression yields and reads.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace zvon::scenario {

using Value = std::variant<int64_t, bool, std::string>;

// Looks a variable up by name; nothing where it has no value now.
using VariableSource = std::function<std::optional<Value>(std::string_view name)>;

// "whole number", "true or false", "text": as error messages name the types.
std::string_view TypeName(const Value& value);
// 21 → "21", true → "true", text as it is.
std::string ToText(const Value& value);

// Bounds of one expression; what exceeds them is refused, never cut.
inline constexpr size_t kExpressionBytesMax = 2000;
inline constexpr size_t kExpressionNodesMax = 500;
inline constexpr int kExpressionDepthMax = 50;
inline constexpr size_t kTextBytesMax = 4096;

}  // namespace zvon::scenario
