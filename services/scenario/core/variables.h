#pragma once
// The names an expression can read, and where their values come from.

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/scenario/core/run_types.h"

namespace zvon::scenario {

// caller, caller_name, called, trunk, language, digits: texts; hour (0-23),
// minute, weekday (1 = Monday … 7): whole numbers; answered: true or false.
bool IsBuiltInVariable(std::string_view name);
// Letters, digits and _, not a digit first, at most 64 bytes.
bool IsVariableName(std::string_view name);

// A scenario's own variables come after the built-in ones.
std::optional<Value> LookUpVariable(const RunState& state, absl::TimeZone zone, absl::Time now,
                                    std::string_view name);

// `language` may be set to "ru" or "en" and `digits` to anything; the other
// built-in names are refused. Bounds are those of run_types.h.
absl::Status StoreVariable(RunState& state, const std::string& name, std::string value);

}  // namespace zvon::scenario
