#pragma once
// Network byte order. The caller has checked the bounds.

#include <cstddef>
#include <cstdint>

#include "absl/types/span.h"

namespace zvon {

inline uint16_t ReadBig16(absl::Span<const uint8_t> bytes, size_t at) {
  return static_cast<uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}
inline uint32_t ReadBig32(absl::Span<const uint8_t> bytes, size_t at) {
  return uint32_t{ReadBig16(bytes, at)} << 16 | ReadBig16(bytes, at + 2);
}
inline void WriteBig16(absl::Span<uint8_t> bytes, size_t at, uint16_t value) {
  bytes[at] = static_cast<uint8_t>(value >> 8);
  bytes[at + 1] = static_cast<uint8_t>(value);
}
inline void WriteBig32(absl::Span<uint8_t> bytes, size_t at, uint32_t value) {
  WriteBig16(bytes, at, static_cast<uint16_t>(value >> 16));
  WriteBig16(bytes, at + 2, static_cast<uint16_t>(value));
}

}  // namespace zvon
