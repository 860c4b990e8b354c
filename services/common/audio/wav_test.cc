#include "services/common/audio/wav.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "services/common/audio/tone.h"

namespace zvon {
namespace {

std::string Wav(int rate, int channels, const std::vector<int16_t>& samples) {
  std::string bytes =
      MakeWavHeader(rate, channels, static_cast<int64_t>(samples.size()) / channels);
  bytes.append(reinterpret_cast<const char*>(samples.data()), samples.size() * 2);
  return bytes;
}

}  // namespace

TEST_CASE("a written WAV is read back", "[audio]") {
  const std::vector<int16_t> samples = {1, -2, 300, -32768, 32767, 0};
  const auto audio = ParseWav(Wav(8000, 2, samples));
  REQUIRE(audio.ok());
  CHECK(audio->rate == 8000);
  CHECK(audio->channels == 2);
  CHECK(audio->frames() == 3);
  CHECK(audio->samples == samples);
}

TEST_CASE("a data chunk that claims too much is read to the end", "[audio]") {
  std::string bytes = Wav(8000, 1, {1, 2, 3, 4});
  bytes.resize(bytes.size() - 3);
  const auto audio = ParseWav(bytes);
  REQUIRE(audio.ok());
  CHECK(audio->samples == std::vector<int16_t>{1, 2});
}

TEST_CASE("what is not understood is refused by name", "[audio]") {
  std::string three_channels = Wav(8000, 1, {1});
  three_channels[22] = 3;
  std::string float_format = Wav(8000, 1, {1});
  float_format[20] = 3;
  std::string no_rate = Wav(8000, 1, {1});
  no_rate[24] = no_rate[25] = 0;
  struct Row {
    std::string bytes;
    std::string message;
  };
  const Row rows[] = {
      {"", "not a RIFF WAVE"},        {"ID3\x03 called.wav", "not a RIFF WAVE"},
      {three_channels, "3 channels"}, {float_format, "format 3"},
      {no_rate, "sample rate 0"},     {Wav(8000, 1, {}).substr(0, 36), "no data chunk"},
  };
  for (const Row& row : rows) {
    const auto audio = ParseWav(row.bytes);
    REQUIRE_FALSE(audio.ok());
    CHECK_THAT(std::string(audio.status().message()), Catch::Contains(row.message));
  }
}

TEST_CASE("other rates and stereo become telephone audio with the tone kept", "[audio]") {
  for (const int rate : {16000, 44100, 48000, 11025}) {
    ToneGenerator tone(440, rate, 0.5);
    std::vector<int16_t> stereo;
    for (int i = 0; i < rate; ++i) {
      const int16_t sample = tone.Next();
      stereo.push_back(sample);
      stereo.push_back(sample);
    }
    const auto audio = ParseWav(Wav(rate, 2, stereo));
    REQUIRE(audio.ok());
    const std::vector<int16_t> out = ToTelephone(*audio);
    CAPTURE(rate);
    CHECK(std::abs(static_cast<int>(out.size()) - 8000) <= 1);
    CHECK(ToneShare(out, 440, 8000) > 0.95);
  }
}

}  // namespace zvon
