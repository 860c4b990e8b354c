#pragma once
// Steps that every scenario has without naming them.

#include <string>

#include "services/scenario/core/definition_types.h"

namespace zvon::scenario {

// "We are sorry. Good-bye", then the hang-up.
inline constexpr char kApologyStep[] = "!apology";
// Stays with a queued or talking call whose snapshot was lost.
inline constexpr char kAccompanyStep[] = "!accompany";

// Null for other ids. `language` "ru" or "en".
const Step* FindBuiltInStep(const std::string& id, const std::string& language);
bool IsBuiltInStep(const std::string& id);

}  // namespace zvon::scenario
