#include "services/common/audio/wav.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "services/common/audio/g711.h"

namespace zvon {
namespace {

constexpr int kFormatPcm = 1;
constexpr int kFormatALaw = 6;
constexpr int kFormatMuLaw = 7;
constexpr int kFormatExtensible = 0xFFFE;

uint32_t Little(absl::string_view bytes, size_t at, int size) {
  uint32_t value = 0;
  for (int i = size - 1; i >= 0; --i) value = (value << 8) | static_cast<uint8_t>(bytes[at + i]);
  return value;
}

struct Format {
  int tag = 0;
  int channels = 0;
  int64_t rate = 0;
  int bits = 0;
};

absl::StatusOr<Format> ParseFormat(absl::string_view chunk) {
  if (chunk.size() < 16) {
    return absl::InvalidArgumentError(
        absl::StrCat("WAV: fmt chunk of ", chunk.size(), " bytes, 16 are the least"));
  }
  Format format{static_cast<int>(Little(chunk, 0, 2)), static_cast<int>(Little(chunk, 2, 2)),
                Little(chunk, 4, 4), static_cast<int>(Little(chunk, 14, 2))};
  // WAVE_FORMAT_EXTENSIBLE: the tag is the first two bytes of the sub-format.
  if (format.tag == kFormatExtensible && chunk.size() >= 26) {
    format.tag = static_cast<int>(Little(chunk, 24, 2));
  }
  if (format.channels < 1 || format.channels > 2) {
    return absl::InvalidArgumentError(
        absl::StrCat("WAV: ", format.channels, " channels, 1 or 2 are supported"));
  }
  if (format.rate < 1000 || format.rate > 192000) {
    return absl::InvalidArgumentError(
        absl::StrCat("WAV: sample rate ", format.rate, " Hz, 1000 to 192000 are supported"));
  }
  const bool known =
      (format.tag == kFormatPcm && (format.bits == 8 || format.bits == 16)) ||
      ((format.tag == kFormatALaw || format.tag == kFormatMuLaw) && format.bits == 8);
  if (!known) {
    return absl::InvalidArgumentError(
        absl::StrCat("WAV: format ", format.tag, " with ", format.bits,
                     " bits; PCM 8/16, A-law and µ-law are supported"));
  }
  return format;
}

int16_t SampleAt(const Format& format, absl::string_view data, size_t i) {
  if (format.bits == 16) return static_cast<int16_t>(Little(data, 2 * i, 2));
  const auto byte = static_cast<uint8_t>(data[i]);
  if (format.tag == kFormatALaw) return ALawToLinear(byte);
  if (format.tag == kFormatMuLaw) return MuLawToLinear(byte);
  return static_cast<int16_t>((byte - 128) * 256);
}

WavAudio DecodeData(const Format& format, absl::string_view data) {
  WavAudio audio{static_cast<int>(format.rate), format.channels, {}};
  const size_t frame_bytes = static_cast<size_t>(format.channels) * format.bits / 8;
  audio.samples.resize(data.size() / frame_bytes * format.channels);
  for (size_t i = 0; i < audio.samples.size(); ++i) audio.samples[i] = SampleAt(format, data, i);
  return audio;
}

std::vector<int16_t> ToMono(const WavAudio& audio) {
  if (audio.channels == 1) return audio.samples;
  std::vector<int16_t> mono(audio.frames());
  for (size_t i = 0; i < mono.size(); ++i) {
    mono[i] = static_cast<int16_t>((audio.samples[2 * i] + audio.samples[2 * i + 1]) / 2);
  }
  return mono;
}

// Sum over a Hann-windowed sinc centred at `at` (in source samples).
int16_t Interpolate(const std::vector<int16_t>& in, double at, double cutoff, int half) {
  const auto first = static_cast<int64_t>(std::floor(at)) - half + 1;
  double sum = 0;
  for (int64_t i = first; i < first + 2 * half; ++i) {
    if (i < 0 || i >= static_cast<int64_t>(in.size())) continue;
    const double x = static_cast<double>(i) - at;
    const double angle = M_PI * x * cutoff;
    const double sinc = std::abs(angle) < 1e-9 ? 1.0 : std::sin(angle) / angle;
    sum += in[static_cast<size_t>(i)] * cutoff * sinc * (0.5 + 0.5 * std::cos(M_PI * x / half));
  }
  return static_cast<int16_t>(std::clamp(std::lround(sum), -32768L, 32767L));
}

}  // namespace

absl::StatusOr<WavAudio> ParseWav(absl::string_view bytes) {
  if (bytes.size() < 12 || bytes.substr(0, 4) != "RIFF" || bytes.substr(8, 4) != "WAVE") {
    return absl::InvalidArgumentError("WAV: not a RIFF WAVE file");
  }
  Format format;
  for (size_t at = 12; at + 8 <= bytes.size();) {
    const absl::string_view id = bytes.substr(at, 4);
    const size_t claimed = Little(bytes, at + 4, 4);
    const absl::string_view chunk = bytes.substr(at + 8, claimed);
    if (id == "fmt ") {
      absl::StatusOr<Format> parsed = ParseFormat(chunk);
      if (!parsed.ok()) return parsed.status();
      format = *parsed;
    } else if (id == "data") {
      if (format.channels == 0) return absl::InvalidArgumentError("WAV: data before fmt");
      return DecodeData(format, chunk);
    }
    at += 8 + claimed + (claimed & 1);  // Chunks are padded to even lengths.
  }
  return absl::InvalidArgumentError("WAV: no data chunk");
}

std::vector<int16_t> ToTelephone(const WavAudio& audio) {
  constexpr int kRate = 8000;
  std::vector<int16_t> mono = ToMono(audio);
  if (audio.rate == kRate) return mono;
  const double step = static_cast<double>(audio.rate) / kRate;
  const double cutoff = std::min(1.0, 0.95 / step);
  const int half = static_cast<int>(std::ceil(16 * std::max(1.0, step)));
  std::vector<int16_t> out(static_cast<size_t>(static_cast<double>(mono.size()) / step));
  for (size_t i = 0; i < out.size(); ++i) {
    out[i] = Interpolate(mono, static_cast<double>(i) * step, cutoff, half);
  }
  return out;
}

std::string MakeWavHeader(int rate, int channels, int64_t frames) {
  const int64_t wanted = frames * channels * 2;
  const auto data = static_cast<uint32_t>(std::clamp<int64_t>(wanted, 0, 0xFFFFFFFFLL - 44));
  std::string out;
  auto put = [&out](uint32_t value, int size) {
    for (int i = 0; i < size; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
  };
  out += "RIFF";
  put(data + 36, 4);
  out += "WAVEfmt ";
  put(16, 4);
  put(kFormatPcm, 2);
  put(static_cast<uint32_t>(channels), 2);
  put(static_cast<uint32_t>(rate), 4);
  put(static_cast<uint32_t>(rate * channels * 2), 4);
  put(static_cast<uint32_t>(channels * 2), 2);
  put(16, 2);
  out += "data";
  put(data, 4);
  return out;
}

}  // namespace zvon
