#pragma once
// RTCP compound packets (RFC 3550 section 6): SR, RR, SDES with CNAME, BYE.
// Pure. Other packet types are skipped.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

namespace zvon {

// Section 6.4.1.
struct RtcpReportBlock {
  uint32_t ssrc = 0;
  uint8_t fraction_lost = 0;         // In 1/256 since the last report.
  int32_t cumulative_lost = 0;       // 24 bit, signed.
  uint32_t highest_sequence = 0;     // Extended by cycles.
  uint32_t jitter = 0;               // In timestamp units.
  uint32_t last_sr = 0;              // Middle 32 bits of the SR's NTP time; 0 = none.
  uint32_t delay_since_last_sr = 0;  // In 1/65536 s.
};

struct RtcpSenderInfo {
  uint64_t ntp_time = 0;  // 32.32 seconds since 1900.
  uint32_t rtp_timestamp = 0;
  uint32_t packets = 0;
  uint32_t octets = 0;
};

// What one compound packet said.
struct RtcpCompound {
  uint32_t sender_ssrc = 0;
  std::optional<RtcpSenderInfo> sender;  // Of a sender report.
  std::vector<RtcpReportBlock> blocks;
  std::string cname;
  bool bye = false;
};

// Nothing where it breaks RFC 3550 A.2: wrong version, first packet no SR or
// RR, lengths that do not add up to the datagram, counts beyond the length.
std::optional<RtcpCompound> ParseRtcp(absl::Span<const uint8_t> datagram);

// SR where `compound.sender` is set, else RR; then SDES with the CNAME; then
// BYE where set. At most 31 blocks, 255 bytes of CNAME.
std::vector<uint8_t> BuildRtcp(const RtcpCompound& compound);

uint64_t ToNtp(absl::Time time);
constexpr uint32_t MiddleOfNtp(uint64_t ntp) { return static_cast<uint32_t>(ntp >> 16); }

}  // namespace zvon
