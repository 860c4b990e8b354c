#include "services/scenario/core/variables.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"

namespace zvon::scenario {
namespace {

std::optional<Value> CallVariable(const RunState& state, std::string_view name) {
  if (name == "caller") return Value(state.call.caller_number);
  if (name == "caller_name") return Value(state.call.caller_name);
  if (name == "called") return Value(state.call.called_number);
  if (name == "trunk") return Value(state.call.trunk_id);
  if (name == "language") return Value(state.language);
  if (name == "answered") return Value(state.answered);
  return std::nullopt;
}

std::optional<Value> ClockVariable(absl::TimeZone zone, absl::Time now, std::string_view name) {
  const absl::CivilSecond civil = absl::ToCivilSecond(now, zone);
  if (name == "hour") return Value(int64_t{civil.hour()});
  if (name == "minute") return Value(int64_t{civil.minute()});
  if (name == "weekday") return Value(static_cast<int64_t>(absl::GetWeekday(civil)) + 1);
  return std::nullopt;
}

}  // namespace

bool IsBuiltInVariable(std::string_view name) {
  static constexpr std::string_view kNames[] = {"caller",   "caller_name", "called",   "trunk",
                                                "language", "digits",      "answered", "hour",
                                                "minute",   "weekday"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

bool IsVariableName(std::string_view name) {
  if (name.empty() || name.size() > kVariableNameBytesMax) return false;
  if (absl::ascii_isdigit(static_cast<unsigned char>(name[0]))) return false;
  return std::all_of(name.begin(), name.end(),
                     [](unsigned char c) { return absl::ascii_isalnum(c) || c == '_'; });
}

std::optional<Value> LookUpVariable(const RunState& state, absl::TimeZone zone, absl::Time now,
                                    std::string_view name) {
  if (std::optional<Value> v = CallVariable(state, name)) return v;
  if (std::optional<Value> v = ClockVariable(zone, now, name)) return v;
  auto it = state.variables.find(std::string(name));
  if (it != state.variables.end()) return Value(it->second);
  if (name == "digits") return Value(std::string());
  return std::nullopt;
}

absl::Status StoreVariable(RunState& state, const std::string& name, std::string value) {
  if (!IsVariableName(name))
    return absl::InvalidArgumentError(absl::StrCat("\"", name, "\" is not a variable's name"));
  if (value.size() > kVariableBytesMax) {
    return absl::ResourceExhaustedError(absl::StrCat("the value of ", name, " has ", value.size(),
                                                     " bytes; ", kVariableBytesMax,
                                                     " are allowed"));
  }
  if (name == "language") {
    if (value != "ru" && value != "en")
      return absl::InvalidArgumentError("language must be \"ru\" or \"en\"");
    state.language = std::move(value);
    return absl::OkStatus();
  }
  if (IsBuiltInVariable(name) && name != "digits") {
    return absl::InvalidArgumentError(absl::StrCat("\"", name, "\" cannot be set"));
  }
  if (state.variables.size() >= kVariablesMax && state.variables.count(name) == 0) {
    return absl::ResourceExhaustedError(
        absl::StrCat("a run has at most ", kVariablesMax, " variables"));
  }
  state.variables[name] = std::move(value);
  return absl::OkStatus();
}

}  // namespace zvon::scenario
