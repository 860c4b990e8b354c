#include "services/common/audio/tone.h"

#include <catch2/catch.hpp>
#include <vector>

namespace zvon {

TEST_CASE("a tone is found at its own frequency and not at others", "[audio]") {
  ToneGenerator tone(440, 8000, 0.3);
  std::vector<int16_t> samples(4000);
  for (int16_t& sample : samples) sample = tone.Next();
  CHECK(ToneShare(samples, 440, 8000) > 0.99);
  CHECK(ToneShare(samples, 880, 8000) < 0.01);
  CHECK(ToneShare(samples, 500, 8000) < 0.01);
}

TEST_CASE("silence holds no tone", "[audio]") {
  CHECK(ToneShare(std::vector<int16_t>(800), 440, 8000) == 0);
  CHECK(ToneShare({}, 440, 8000) == 0);
}

}  // namespace zvon
