#include "services/scenario/core/number_prompts.h"

#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"

namespace zvon::scenario {
namespace {

// Debian's words and those that complete Russian grammar.
PromptCatalog Complete() {
  std::set<std::string> names;
  for (const char* language : {"ru", "en"}) {
    for (int n = 0; n <= 20; ++n) names.insert(absl::StrCat(language, "/digits/", n));
    for (int n = 30; n <= 90; n += 10) names.insert(absl::StrCat(language, "/digits/", n));
    for (const char* w : {"hundred", "thousand", "million", "billion", "minus"}) {
      names.insert(absl::StrCat(language, "/digits/", w));
    }
  }
  for (int n = 200; n <= 900; n += 100) names.insert(absl::StrCat("ru/digits/", n));
  for (const char* w : {"1f", "2f", "1n", "thousands-i", "thousands", "million-a", "millions",
                        "billion-a", "billions", "trillion", "trillion-a", "trillions"}) {
    names.insert(absl::StrCat("ru/digits/", w));
  }
  return PromptCatalog(std::move(names), true);
}

std::string Spoken(const std::string& language, int64_t n, Gender gender,
                   const PromptCatalog& catalog) {
  std::vector<std::string> words;
  for (const std::string& p : NumberPrompts(language, n, gender, catalog)) {
    const absl::string_view word = absl::StripPrefix(p, absl::StrCat(language, "/digits/"));
    words.emplace_back(word.data(), word.size());
  }
  return absl::StrJoin(words, " ");
}

constexpr Gender kM = Gender::kMasculine, kF = Gender::kFeminine, kN = Gender::kNeuter;

TEST_CASE("numbers in Russian, all words recorded") {
  struct Row {
    int64_t number;
    Gender gender;
    const char* spoken;
  };
  const Row rows[] = {
      {0, kM, "0"},
      {1, kM, "1"},
      {1, kF, "1f"},
      {1, kN, "1n"},
      {2, kM, "2"},
      {2, kF, "2f"},
      {2, kN, "2"},
      {11, kF, "11"},
      {12, kF, "12"},
      {20, kM, "20"},
      {21, kM, "20 1"},
      {21, kF, "20 1f"},
      {21, kN, "20 1n"},
      {100, kM, "hundred"},
      {101, kM, "hundred 1"},
      {111, kF, "hundred 11"},
      {200, kM, "200"},
      {999, kM, "900 90 9"},
      {1000, kM, "thousand"},
      {1001, kM, "thousand 1"},
      {2000, kM, "2f thousands-i"},
      {2002, kM, "2f thousands-i 2"},
      {2002, kF, "2f thousands-i 2f"},
      {5000, kM, "5 thousands"},
      {11000, kM, "11 thousands"},
      {12000, kM, "12 thousands"},
      {21502, kM, "20 1f thousand 500 2"},
      {22000, kM, "20 2f thousands-i"},
      {111000, kM, "hundred 11 thousands"},
      {1000000, kM, "million"},
      {1001000, kM, "million 1f thousand"},
      {2000001, kF, "2 million-a 1f"},
      {5000000, kM, "5 millions"},
      {21000000, kM, "20 1 million"},
      {1000000000, kM, "billion"},
      {3000000000, kM, "3 billion-a"},
      {1000000000000, kM, "trillion"},
      {999999999999999, kM,
       "900 90 9 trillions 900 90 9 billions 900 90 9 millions 900 90 9 thousands 900 90 9"},
      {-42, kM, "minus 40 2"},
      {1000000000000000, kM, ""},
  };
  const PromptCatalog catalog = Complete();
  for (const Row& row : rows) {
    INFO(row.number);
    CHECK(Spoken("ru", row.number, row.gender, catalog) == row.spoken);
  }
}

TEST_CASE("numbers in Russian as far as Debian's recordings go, then digit by digit") {
  struct Row {
    int64_t number;
    const char* spoken;
  };
  const Row rows[] = {
      {1, "1"},
      {21, "20 1"},
      {100, "hundred"},
      {101, "hundred 1"},
      {199, "hundred 90 9"},
      {200, "2 0 0"},
      {1001, "thousand 1"},
      {1150, "thousand hundred 50"},
      {2002, "2 0 0 2"},
      {5000, "5 0 0 0"},
      {21502, "2 1 5 0 2"},
      {1000000, "million"},
      {-7, "minus 7"},
      {-300, "minus 3 0 0"},
      {1000100, "million hundred"},
  };
  for (const Row& row : rows) {
    INFO(row.number);
    CHECK(Spoken("ru", row.number, kM, PromptCatalog::Packaged()) == row.spoken);
  }
  CHECK(Spoken("ru", 21, kF, PromptCatalog::Packaged()) == "2 1");
  CHECK(Spoken("ru", 21, kN, PromptCatalog::Packaged()) == "20 1n");
}

TEST_CASE("numbers in English") {
  struct Row {
    int64_t number;
    const char* spoken;
  };
  const Row rows[] = {
      {0, "0"},
      {1, "1"},
      {2, "2"},
      {11, "11"},
      {21, "20 1"},
      {100, "1 hundred"},
      {101, "1 hundred 1"},
      {1001, "1 thousand 1"},
      {2002, "2 thousand 2"},
      {5000, "5 thousand"},
      {21502, "20 1 thousand 5 hundred 2"},
      {1000000, "1 million"},
      {999999999999,
       "9 hundred 90 9 billion 9 hundred 90 9 million 9 hundred 90 9 thousand 9 hundred 90 9"},
      {1000000000000, "1 0 0 0 0 0 0 0 0 0 0 0 0"},
      {-15, "minus 15"},
  };
  for (const Row& row : rows) {
    INFO(row.number);
    CHECK(Spoken("en", row.number, kM, PromptCatalog::Packaged()) == row.spoken);
  }
}

TEST_CASE("digits have words for star, pound and minus") {
  CHECK(DigitPrompts("en", "1*#-x") == std::vector<std::string>{"en/digits/1", "en/digits/star",
                                                                "en/digits/pound",
                                                                "en/digits/minus"});
}

TEST_CASE("a place in the queue is told") {
  const PromptCatalog catalog = PromptCatalog::Packaged();
  CHECK(PositionPrompts("ru", 0, catalog).empty());
  CHECK(PositionPrompts("ru", 1, catalog) == std::vector<std::string>{"ru/queue-youarenext"});
  CHECK(PositionPrompts("en", 22, catalog) ==
        std::vector<std::string>{"en/queue-thereare", "en/digits/20", "en/digits/2",
                                 "en/queue-callswaiting"});
}

TEST_CASE("every number has words, whatever is recorded") {
  const PromptCatalog catalogs[] = {PromptCatalog::Packaged(), Complete(), PromptCatalog({}, true)};
  for (const PromptCatalog& catalog : catalogs) {
    for (int64_t n = 0; n < 2500; ++n) {
      for (const char* language : {"ru", "en"}) {
        for (Gender gender : {kM, kF, kN})
          REQUIRE_FALSE(NumberPrompts(language, n, gender, catalog).empty());
      }
    }
  }
}

}  // namespace
}  // namespace zvon::scenario
