#include "services/common/audio/g711.h"

#include <algorithm>
#include <array>

namespace zvon {
namespace {

// The formulas of G.711 (appendix of G.191's reference), used once for tables.
constexpr int16_t DecodeALaw(uint8_t code) {
  const uint8_t value = code ^ 0x55;
  const int segment = (value & 0x70) >> 4;
  int magnitude = (value & 0x0F) << 4;
  magnitude += segment == 0 ? 8 : 0x108;
  if (segment > 1) magnitude <<= segment - 1;
  return static_cast<int16_t>((value & 0x80) ? magnitude : -magnitude);
}

constexpr int16_t DecodeMuLaw(uint8_t code) {
  const uint8_t value = static_cast<uint8_t>(~code);
  const int magnitude = ((((value & 0x0F) << 3) + 0x84) << ((value & 0x70) >> 4)) - 0x84;
  return static_cast<int16_t>((value & 0x80) ? -magnitude : magnitude);
}

constexpr uint8_t EncodeALaw(int16_t sample) {
  const uint8_t mask = sample >= 0 ? 0xD5 : 0x55;
  const int magnitude = (sample >= 0 ? sample : -(sample + 1)) >> 3;
  int segment = 0;
  for (int limit = 0x1F; segment < 8 && magnitude > limit; limit = limit * 2 + 1) ++segment;
  if (segment >= 8) return static_cast<uint8_t>(0x7F ^ mask);
  const int shift = segment < 2 ? 1 : segment;
  return static_cast<uint8_t>(((segment << 4) | ((magnitude >> shift) & 0x0F)) ^ mask);
}

constexpr uint8_t EncodeMuLaw(int16_t sample) {
  constexpr int kBias = 0x84;
  const uint8_t mask = sample >= 0 ? 0xFF : 0x7F;
  const int magnitude = std::min(sample >= 0 ? int{sample} : -int{sample}, 32635) + kBias;
  int segment = 0;
  for (int limit = 0xFF; segment < 7 && magnitude > limit; limit = limit * 2 + 1) ++segment;
  return static_cast<uint8_t>(((segment << 4) | ((magnitude >> (segment + 3)) & 0x0F)) ^ mask);
}

struct Tables {
  std::array<int16_t, 256> a_to_linear{};
  std::array<int16_t, 256> mu_to_linear{};
  std::array<uint8_t, 256> a_to_mu{};
  std::array<uint8_t, 256> mu_to_a{};
  std::array<uint8_t, 65536> linear_to_a{};
  std::array<uint8_t, 65536> linear_to_mu{};
  Tables() {
    for (int i = 0; i < 256; ++i) {
      const auto code = static_cast<uint8_t>(i);
      a_to_linear[i] = DecodeALaw(code);
      mu_to_linear[i] = DecodeMuLaw(code);
      a_to_mu[i] = EncodeMuLaw(a_to_linear[i]);
      mu_to_a[i] = EncodeALaw(mu_to_linear[i]);
    }
    for (int i = 0; i < 65536; ++i) {
      const auto sample = static_cast<int16_t>(static_cast<uint16_t>(i));
      linear_to_a[i] = EncodeALaw(sample);
      linear_to_mu[i] = EncodeMuLaw(sample);
    }
  }
};

const Tables& T() {
  static const Tables* tables = new Tables;
  return *tables;
}

template <class From, class To, size_t kSize>
void Map(const std::array<To, kSize>& table, absl::Span<const From> in, absl::Span<To> out) {
  const size_t n = std::min(in.size(), out.size());
  for (size_t i = 0; i < n; ++i) out[i] = table[std::make_unsigned_t<From>(in[i])];
}

}  // namespace

int16_t ALawToLinear(uint8_t code) { return T().a_to_linear[code]; }
int16_t MuLawToLinear(uint8_t code) { return T().mu_to_linear[code]; }
uint8_t LinearToALaw(int16_t sample) { return T().linear_to_a[static_cast<uint16_t>(sample)]; }
uint8_t LinearToMuLaw(int16_t sample) { return T().linear_to_mu[static_cast<uint16_t>(sample)]; }

void Decode(G711Law law, absl::Span<const uint8_t> codes, absl::Span<int16_t> pcm) {
  Map(law == G711Law::kALaw ? T().a_to_linear : T().mu_to_linear, codes, pcm);
}

void Encode(G711Law law, absl::Span<const int16_t> pcm, absl::Span<uint8_t> codes) {
  Map(law == G711Law::kALaw ? T().linear_to_a : T().linear_to_mu, pcm, codes);
}

void Transcode(G711Law from, G711Law to, absl::Span<uint8_t> codes) {
  if (from == to) return;
  const auto& table = from == G711Law::kALaw ? T().a_to_mu : T().mu_to_a;
  for (uint8_t& code : codes) code = table[code];
}

}  // namespace zvon
