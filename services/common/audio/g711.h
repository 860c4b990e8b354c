#pragma once
// ITU-T G.711: A-law and µ-law to and from linear PCM 16 bit, by tables.
// Pure; thread-safe.

#include <cstdint>

#include "absl/types/span.h"

namespace zvon {

enum class G711Law { kALaw, kMuLaw };

// What the law writes for zero amplitude.
constexpr uint8_t kSilenceALaw = 0xD5;
constexpr uint8_t kSilenceMuLaw = 0xFF;
constexpr uint8_t Silence(G711Law law) {
  return law == G711Law::kALaw ? kSilenceALaw : kSilenceMuLaw;
}

int16_t ALawToLinear(uint8_t code);
int16_t MuLawToLinear(uint8_t code);
uint8_t LinearToALaw(int16_t sample);
uint8_t LinearToMuLaw(int16_t sample);

// `pcm` and `codes` have equal sizes.
void Decode(G711Law law, absl::Span<const uint8_t> codes, absl::Span<int16_t> pcm);
void Encode(G711Law law, absl::Span<const int16_t> pcm, absl::Span<uint8_t> codes);

// In place, by the shortest way (one table).
void Transcode(G711Law from, G711Law to, absl::Span<uint8_t> codes);

}  // namespace zvon
