#pragma once
// Bytes of an event in the spool: fields with 32-bit lengths, in order.

#include <cstdint>
#include <string>
#include <string_view>

#include "services/common/bus/bus.h"

namespace zvon {

std::string EncodeEvent(const BusEvent& event);
// False for bytes that EncodeEvent did not make.
bool DecodeEvent(std::string_view bytes, BusEvent* event);

// CRC-32C (Castagnoli), as in RFC 3720 appendix B.4.
uint32_t Crc32c(std::string_view bytes);

// "2026-11-23T07:00:00.123456Z" and back; InfinitePast for other text.
std::string EventTimeToText(absl::Time time);
absl::Time EventTimeFromText(std::string_view text);

}  // namespace zvon
