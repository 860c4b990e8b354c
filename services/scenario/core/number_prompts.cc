#include "services/scenario/core/number_prompts.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace zvon::scenario {
namespace {

using Words = std::vector<std::string>;

void Append(Words& to, const Words& what) { to.insert(to.end(), what.begin(), what.end()); }

// 1…99 in words "20", "1"; the last word is that of the units.
Words BelowHundred(int n) {
  if (n == 0) return {};
  if (n <= 20) return {absl::StrCat(n)};
  Words out = {absl::StrCat(n / 10 * 10)};
  if (n % 10 != 0) out.push_back(absl::StrCat(n % 10));
  return out;
}

Words EnglishGroup(int n) {
  Words out;
  if (n >= 100) out = {absl::StrCat(n / 100), "hundred"};
  Append(out, BelowHundred(n % 100));
  return out;
}

Words English(int64_t number) {
  static constexpr const char* kPowers[] = {"", "thousand", "million", "billion", "trillion"};
  Words out;
  int64_t unit = 1'000'000'000'000;
  for (int power = 4; power >= 0; --power, unit /= 1000) {
    const int group = static_cast<int>(number / unit % 1000);
    if (group == 0) continue;
    Append(out, EnglishGroup(group));
    if (power > 0) out.push_back(kPowers[power]);
  }
  return out;
}

// One and two agree in gender with what is counted.
Words RussianGroup(int n, Gender gender) {
  Words out;
  if (n / 100 == 1) out.push_back("hundred");
  if (n / 100 > 1) out.push_back(absl::StrCat(n / 100 * 100));
  Append(out, BelowHundred(n % 100));
  if (out.empty() || n % 100 == 11 || n % 100 == 12) return out;
  if (gender == Gender::kFeminine && n % 10 == 1) out.back() = "1f";
  if (gender == Gender::kFeminine && n % 10 == 2) out.back() = "2f";
  if (gender == Gender::kNeuter && n % 10 == 1) out.back() = "1n";
  return out;
}

// 1 тысяча, 2…4 тысячи, 5… тысяч, 11…14 тысяч.
const char* RussianForm(int n, const char* one, const char* few, const char* many) {
  if (n % 100 >= 11 && n % 100 <= 14) return many;
  if (n % 10 == 1) return one;
  return n % 10 >= 2 && n % 10 <= 4 ? few : many;
}

const char* RussianPower(int power, int group) {
  switch (power) {
    case 1:
      return RussianForm(group, "thousand", "thousands-i", "thousands");
    case 2:
      return RussianForm(group, "million", "million-a", "millions");
    case 3:
      return RussianForm(group, "billion", "billion-a", "billions");
    default:
      return RussianForm(group, "trillion", "trillion-a", "trillions");
  }
}

Words Russian(int64_t number, Gender gender) {
  Words out;
  int64_t unit = 1'000'000'000'000;
  for (int power = 4; power >= 0; --power, unit /= 1000) {
    const int group = static_cast<int>(number / unit % 1000);
    if (group == 0) continue;
    // "тысяча", not "одна тысяча", where nothing stands before it.
    const bool bare = power > 0 && group == 1 && out.empty();
    const Gender of_group = power == 0   ? gender
                            : power == 1 ? Gender::kFeminine
                                         : Gender::kMasculine;
    if (!bare) Append(out, RussianGroup(group, of_group));
    if (power > 0) out.push_back(RussianPower(power, group));
  }
  return out;
}

Words Prefixed(const std::string& language, Words words) {
  for (std::string& word : words) word = absl::StrCat(language, "/digits/", word);
  return words;
}

}  // namespace

std::vector<std::string> DigitPrompts(const std::string& language, const std::string& digits) {
  Words words;
  for (char c : digits) {
    if (c >= '0' && c <= '9') words.push_back(std::string(1, c));
    if (c == '-') words.push_back("minus");
    if (c == '*') words.push_back("star");
    if (c == '#') words.push_back("pound");
  }
  return Prefixed(language, std::move(words));
}

std::vector<std::string> NumberPrompts(const std::string& language, int64_t number, Gender gender,
                                       const PromptCatalog& catalog) {
  if (number > kNumberMax || number < -kNumberMax) return {};
  if (number == 0) return DigitPrompts(language, "0");
  const int64_t size = number < 0 ? -number : number;
  Words words = language == "ru" ? Russian(size, gender) : English(size);
  if (number < 0) words.insert(words.begin(), "minus");
  words = Prefixed(language, std::move(words));
  const bool all =
      std::all_of(words.begin(), words.end(), [&](const std::string& w) { return catalog.Has(w); });
  return all ? words : DigitPrompts(language, absl::StrCat(number));
}

std::vector<std::string> PositionPrompts(const std::string& language, int position,
                                         const PromptCatalog& catalog) {
  if (position < 1) return {};
  if (position == 1) return {absl::StrCat(language, "/queue-youarenext")};
  Words out = {absl::StrCat(language, "/queue-thereare")};
  Append(out, NumberPrompts(language, position, Gender::kMasculine, catalog));
  out.push_back(absl::StrCat(language, "/queue-callswaiting"));
  return out;
}

std::vector<PlayItem> ToItems(const std::vector<std::string>& prompts) {
  std::vector<PlayItem> out;
  for (const std::string& prompt : prompts) out.push_back(Prompt(prompt));
  return out;
}

}  // namespace zvon::scenario
