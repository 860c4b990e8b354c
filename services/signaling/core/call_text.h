#pragma once
// Effects as one line of text, for tests and debug logs: "sip 200 caller sdp",
// "media bridge a b". Ids appear as they are; `names` replaces known ones.

#include <map>
#include <string>

#include "services/signaling/core/call_effects.h"

namespace zvon::signaling {

std::string EffectText(const CallEffect& effect);
std::string EffectText(const CallEffect& effect, const std::map<std::string, std::string>& names);

}  // namespace zvon::signaling
