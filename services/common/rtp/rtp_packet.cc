#include "services/common/rtp/rtp_packet.h"

#include "services/common/rtp/big_endian.h"

namespace zvon {

std::optional<RtpPacket> ParseRtp(absl::Span<const uint8_t> datagram) {
  if (datagram.size() < kRtpHeaderSize || (datagram[0] >> 6) != 2) return std::nullopt;
  const bool padding = datagram[0] & 0x20;
  const bool extension = datagram[0] & 0x10;
  size_t start = kRtpHeaderSize + 4 * static_cast<size_t>(datagram[0] & 0x0F);
  if (extension) {
    if (datagram.size() < start + 4) return std::nullopt;
    start += 4 + 4 * static_cast<size_t>(ReadBig16(datagram, start + 2));
  }
  if (datagram.size() < start) return std::nullopt;
  size_t end = datagram.size();
  if (padding) {
    const size_t count = datagram[end - 1];
    if (count == 0 || count > end - start) return std::nullopt;
    end -= count;
  }
  RtpPacket packet;
  packet.header.marker = datagram[1] & 0x80;
  packet.header.payload_type = datagram[1] & 0x7F;
  if (packet.header.marker && packet.header.payload_type >= 72 &&
      packet.header.payload_type <= 76) {
    return std::nullopt;
  }
  packet.header.sequence = ReadBig16(datagram, 2);
  packet.header.timestamp = ReadBig32(datagram, 4);
  packet.header.ssrc = ReadBig32(datagram, 8);
  packet.payload = datagram.subspan(start, end - start);
  return packet;
}

void WriteRtpHeader(const RtpHeader& header, absl::Span<uint8_t> out) {
  out[0] = 0x80;
  out[1] = static_cast<uint8_t>((header.marker ? 0x80 : 0) | (header.payload_type & 0x7F));
  WriteBig16(out, 2, header.sequence);
  WriteBig32(out, 4, header.timestamp);
  WriteBig32(out, 8, header.ssrc);
}

}  // namespace zvon
