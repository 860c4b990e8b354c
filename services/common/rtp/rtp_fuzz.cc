#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "services/common/rtp/rtp_packet.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::Span<const uint8_t> bytes(data, size);
  const auto packet = zvon::ParseRtp(bytes);
  if (!packet) return 0;
  // The payload lies within the datagram.
  if (packet->payload.size() + zvon::kRtpHeaderSize > size) std::abort();
  unsigned sum = 0;
  for (const uint8_t byte : packet->payload) sum += byte;
  // What was read is written the same.
  uint8_t out[zvon::kRtpHeaderSize];
  zvon::WriteRtpHeader(packet->header, absl::MakeSpan(out));
  const auto again = zvon::ParseRtp(out);
  if (!again || again->header.ssrc != packet->header.ssrc ||
      again->header.sequence != packet->header.sequence) {
    std::abort();
  }
  return sum == 0xFFFFFFFF;
}
