#pragma once
// Identifiers: UUIDv7 (RFC 9562 section 5.7), sortable by creation time.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace zvon {

// Gives 64 random bits; injected so that simulations repeat.
using RandomSource = std::function<uint64_t()>;

// Random bits from the operating system, for main.cc and adapters only.
// Thread-safe.
RandomSource SystemRandom();

// A repeatable source for tests and simulations (splitmix64).
RandomSource SeededRandom(uint64_t seed);

// "01938f2e-7c3a-7b1e-8f00-3d2a9c4b5e6f". Two ids made in the same
// millisecond are not ordered.
std::string MakeId(absl::Time now, const RandomSource& random);

// True for 36 characters of a UUID of any version.
bool IsUuid(std::string_view text);

// When a UUIDv7 was made; InfinitePast for any other text.
absl::Time IdTime(std::string_view id);

}  // namespace zvon
