#pragma once
// Numbers spoken by joining recorded words. Pure.
//
// Names follow Asterisk's sound files. English needs 0…20, tens, hundred,
// thousand, million, billion (up to 999 999 999 999). Russian grammar needs
// more words than Debian's package holds: 200…900, 1f and 2f (одна, две), 1n
// (одно), thousands-i (тысячи), thousands (тысяч), million-a, millions,
// billion-a, billions, trillion, trillion-a, trillions. A number that needs a
// word which the catalogue does not have is spoken digit by digit, whole: half
// a number said wrongly is worse than digits said right.

#include <cstdint>
#include <string>
#include <vector>

#include "services/scenario/core/prompt_catalog.h"

namespace zvon::scenario {

inline constexpr int64_t kNumberMax = 999'999'999'999'999;

// Prompts for -kNumberMax … kNumberMax; empty beyond. `language` "ru" or "en".
std::vector<std::string> NumberPrompts(const std::string& language, int64_t number, Gender gender,
                                       const PromptCatalog& catalog);
// Digit by digit; * # and - have words too, other characters are left out.
std::vector<std::string> DigitPrompts(const std::string& language, const std::string& digits);

// "You are next", or "you are number … in the queue"; language as above.
std::vector<std::string> PositionPrompts(const std::string& language, int position,
                                         const PromptCatalog& catalog);

std::vector<PlayItem> ToItems(const std::vector<std::string>& prompts);

}  // namespace zvon::scenario
