#include "services/common/ids/ids.h"

#include <sys/random.h>

#include <array>
#include <memory>

namespace zvon {
namespace {

constexpr char kHex[] = "0123456789abcdef";
constexpr size_t kUuidLength = 36;

bool IsDashPosition(size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Bits from the kernel in blocks of 64 words: one system call for 32 ids.
class OsRandomBlock {
 public:
  uint64_t Next() {
    if (used_ == words_.size()) Refill();
    return words_[used_++];
  }

 private:
  void Refill() {
    auto* bytes = reinterpret_cast<char*>(words_.data());
    size_t have = 0;
    while (have < sizeof(words_)) {
      ssize_t n = getrandom(bytes + have, sizeof(words_) - have, 0);
      if (n > 0) have += static_cast<size_t>(n);  // EINTR: once more.
    }
    used_ = 0;
  }
  std::array<uint64_t, 64> words_{};
  size_t used_ = 64;
};

}  // namespace

RandomSource SystemRandom() {
  return [] {
    thread_local OsRandomBlock block;
    return block.Next();
  };
}

RandomSource SeededRandom(uint64_t seed) {
  auto state = std::make_shared<uint64_t>(seed);
  return [state] {
    uint64_t z = (*state += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  };
}

std::string MakeId(absl::Time now, const RandomSource& random) {
  // RFC 9562 section 5.7: 48 bits of milliseconds, version, 12 random bits,
  // variant, 62 random bits.
  uint64_t ms = static_cast<uint64_t>(absl::ToUnixMillis(now)) & 0xffffffffffffULL;
  uint64_t high = (ms << 16) | 0x7000 | (random() & 0x0fff);
  uint64_t low = (random() & 0x3fffffffffffffffULL) | 0x8000000000000000ULL;
  std::string text(kUuidLength, '-');
  size_t digit = 0;
  for (size_t i = 0; i < kUuidLength; ++i) {
    if (IsDashPosition(i)) continue;
    uint64_t word = digit < 16 ? high : low;
    text[i] = kHex[(word >> (60 - 4 * (digit % 16))) & 0xf];
    ++digit;
  }
  return text;
}

bool IsUuid(std::string_view text) {
  if (text.size() != kUuidLength) return false;
  for (size_t i = 0; i < kUuidLength; ++i) {
    if (IsDashPosition(i) ? text[i] != '-' : HexValue(text[i]) < 0) return false;
  }
  return true;
}

absl::Time IdTime(std::string_view id) {
  if (!IsUuid(id) || id[14] != '7') return absl::InfinitePast();
  int64_t ms = 0;
  for (size_t i = 0; i < 13; ++i) {
    if (i != 8) ms = (ms << 4) | HexValue(id[i]);
  }
  return absl::FromUnixMillis(ms);
}

}  // namespace zvon
