#pragma once
// RIFF WAVE: what prompts come in, what recordings go out as.
// Pure; refuses what it does not understand with a message that says what.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace zvon {

struct WavAudio {
  int rate = 0;                  // Hz, 1000 to 192000.
  int channels = 0;              // 1 or 2.
  std::vector<int16_t> samples;  // Interleaved.
  size_t frames() const { return channels == 0 ? 0 : samples.size() / channels; }
};

// PCM 8 and 16 bit, A-law and µ-law, one or two channels. A `data` chunk that
// claims more than there is (a recorder that crashed) is read to the end.
absl::StatusOr<WavAudio> ParseWav(absl::string_view bytes);

// One channel at 8000 Hz, as telephony wants it: two channels are averaged,
// other rates converted (windowed sinc; good to 3.4 kHz).
std::vector<int16_t> ToTelephone(const WavAudio& audio);

// The 44 bytes before `frames` frames of PCM 16 bit. A file over 4 GiB gets
// the largest length that the format can say.
std::string MakeWavHeader(int rate, int channels, int64_t frames);

}  // namespace zvon
