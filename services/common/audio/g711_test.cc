#include "services/common/audio/g711.h"

#include <catch2/catch.hpp>
#include <cstdlib>

namespace zvon {

TEST_CASE("G.711 decodes the corner values of the recommendation", "[audio]") {
  struct Row {
    uint8_t code;
    int16_t a_law;
    int16_t mu_law;
  };
  // Equal to those of an independent implementation (Python audioop).
  const Row rows[] = {
      {0x00, -5504, -32124}, {0x80, 5504, 32124}, {0x2A, -32256, -5372}, {0xAA, 32256, 5372},
      {0xD5, 8, 716},        {0x55, -8, -716},    {0xFF, 848, 0},        {0x7F, -848, 0},
  };
  for (const Row& row : rows) {
    CAPTURE(int{row.code});
    CHECK(ALawToLinear(row.code) == row.a_law);
    CHECK(MuLawToLinear(row.code) == row.mu_law);
  }
}

TEST_CASE("every code survives decoding and encoding again", "[audio]") {
  for (int i = 0; i < 256; ++i) {
    const auto code = static_cast<uint8_t>(i);
    CHECK(LinearToALaw(ALawToLinear(code)) == code);
    // µ-law has two zeros; both decode to 0 and encode to the positive one.
    if (code != 0x7F) CHECK(LinearToMuLaw(MuLawToLinear(code)) == code);
  }
}

TEST_CASE("the error of a sample is within its segment's step", "[audio]") {
  for (int sample = -32768; sample <= 32767; sample += 7) {
    const auto pcm = static_cast<int16_t>(sample);
    const int bound = std::max(16, std::abs(sample) / 16);
    CAPTURE(sample);
    CHECK(std::abs(ALawToLinear(LinearToALaw(pcm)) - sample) <= bound);
    CHECK(std::abs(MuLawToLinear(LinearToMuLaw(pcm)) - sample) <=
          std::max(bound, 650 * (std::abs(sample) > 32000)));
  }
}

TEST_CASE("transcoding equals decoding and encoding", "[audio]") {
  for (int i = 0; i < 256; ++i) {
    uint8_t code[] = {static_cast<uint8_t>(i)};
    Transcode(G711Law::kALaw, G711Law::kMuLaw, absl::MakeSpan(code));
    CHECK(code[0] == LinearToMuLaw(ALawToLinear(static_cast<uint8_t>(i))));
  }
}

TEST_CASE("silence is the quietest code", "[audio]") {
  CHECK(std::abs(ALawToLinear(kSilenceALaw)) <= 8);
  CHECK(MuLawToLinear(kSilenceMuLaw) == 0);
}

}  // namespace zvon
