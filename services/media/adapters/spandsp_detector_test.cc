#include "services/media/adapters/spandsp_detector.h"

#include <catch2/catch.hpp>
#include <string>

#include "services/common/audio/g711.h"
#include "services/common/audio/tone.h"
#include "services/common/dtmf/dtmf_event.h"

namespace zvon::media {
namespace {

// `ms` of a digit (0 = silence) as it comes out of an A-law phone.
std::vector<int16_t> Sound(char digit, int ms) {
  const DtmfTones tones = TonesOfDigit(digit);
  ToneGenerator low(tones.low_hz, 8000, digit == '\0' ? 0 : 0.2);
  ToneGenerator high(tones.high_hz, 8000, digit == '\0' ? 0 : 0.2);
  std::vector<int16_t> pcm(static_cast<size_t>(ms) * 8);
  for (int16_t& sample : pcm) {
    sample = ALawToLinear(LinearToALaw(static_cast<int16_t>(low.Next() + high.Next())));
  }
  return pcm;
}

}  // namespace

TEST_CASE("all sixteen digits are heard once each, with their length", "[dtmf]") {
  const std::string digits = "0123456789*#ABCD55";
  const auto detector = MakeSpandspDetector();
  std::string heard;
  int started = 0;
  std::vector<int16_t> pcm;
  for (const char digit : digits) {
    for (const auto& part : {Sound(digit, 100), Sound('\0', 100)}) {
      pcm.insert(pcm.end(), part.begin(), part.end());
    }
  }
  for (size_t at = 0; at + 160 <= pcm.size(); at += 160) {
    for (const HeardDigit& h : detector->Hear(absl::MakeConstSpan(pcm).subspan(at, 160))) {
      started += h.started;
      if (h.started) continue;
      heard += h.digit;
      CHECK(h.samples >= 400);
      CHECK(h.samples <= 1200);
    }
  }
  CHECK(heard == digits);
  CHECK(started == static_cast<int>(digits.size()));
}

TEST_CASE("a single tone and silence are no digits", "[dtmf]") {
  const auto detector = MakeSpandspDetector();
  ToneGenerator tone(697, 8000, 0.3);
  std::vector<int16_t> pcm(8000);
  for (int16_t& sample : pcm) sample = tone.Next();
  CHECK(detector->Hear(pcm).empty());
  CHECK(detector->Hear(std::vector<int16_t>(8000)).empty());
}

}  // namespace zvon::media
