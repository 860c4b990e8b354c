#pragma once
// RTP packets (RFC 3550 section 5). Pure.

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/types/span.h"

namespace zvon {

constexpr size_t kRtpHeaderSize = 12;

struct RtpHeader {
  uint8_t payload_type = 0;  // 0-127.
  bool marker = false;
  uint16_t sequence = 0;
  uint32_t timestamp = 0;
  uint32_t ssrc = 0;
};

// A view into the datagram it was read from.
struct RtpPacket {
  RtpHeader header;
  absl::Span<const uint8_t> payload;  // Without padding, CSRCs and extension.
};

// Nothing where the bytes are no RTP version 2 packet: too short for what the
// header claims, a padding that is longer than the payload, or an RTCP type
// (72-76 with the marker, RFC 5761 section 4) on an RTP port.
std::optional<RtpPacket> ParseRtp(absl::Span<const uint8_t> datagram);

// Writes the fixed header (no CSRC, extension, padding) to `out`, which has at
// least kRtpHeaderSize bytes.
void WriteRtpHeader(const RtpHeader& header, absl::Span<uint8_t> out);

// a - b in sequence arithmetic modulo 2^16: negative when a is older.
constexpr int SequenceDifference(uint16_t a, uint16_t b) {
  return static_cast<int16_t>(static_cast<uint16_t>(a - b));
}
// Likewise modulo 2^32.
constexpr int32_t TimestampDifference(uint32_t a, uint32_t b) {
  return static_cast<int32_t>(a - b);
}

}  // namespace zvon
