#include "services/common/rtp/rtcp_packet.h"

#include <algorithm>

#include "services/common/rtp/big_endian.h"

namespace zvon {
namespace {

constexpr uint8_t kSenderReport = 200;
constexpr uint8_t kReceiverReport = 201;
constexpr uint8_t kSdes = 202;
constexpr uint8_t kBye = 203;
constexpr uint8_t kSdesCname = 1;
constexpr size_t kBlockSize = 24;
constexpr size_t kSenderInfoSize = 20;

// Sign-extends 24 bits.
int32_t Signed24(uint32_t value) { return static_cast<int32_t>(value << 8) >> 8; }

RtcpReportBlock ParseBlock(absl::Span<const uint8_t> bytes) {
  RtcpReportBlock block;
  block.ssrc = ReadBig32(bytes, 0);
  const uint32_t lost = ReadBig32(bytes, 4);
  block.fraction_lost = static_cast<uint8_t>(lost >> 24);
  block.cumulative_lost = Signed24(lost & 0xFFFFFF);
  block.highest_sequence = ReadBig32(bytes, 8);
  block.jitter = ReadBig32(bytes, 12);
  block.last_sr = ReadBig32(bytes, 16);
  block.delay_since_last_sr = ReadBig32(bytes, 20);
  return block;
}

RtcpSenderInfo ParseSenderInfo(absl::Span<const uint8_t> bytes) {
  return {uint64_t{ReadBig32(bytes, 0)} << 32 | ReadBig32(bytes, 4), ReadBig32(bytes, 8),
          ReadBig32(bytes, 12), ReadBig32(bytes, 16)};
}

// `body` begins at the sender's SSRC. False where the count does not fit.
bool ParseReport(bool with_sender, int count, absl::Span<const uint8_t> body, RtcpCompound* out) {
  const size_t head = 4 + (with_sender ? kSenderInfoSize : 0);
  if (body.size() < head + static_cast<size_t>(count) * kBlockSize) return false;
  out->sender_ssrc = ReadBig32(body, 0);
  if (with_sender) out->sender = ParseSenderInfo(body.subspan(4));
  for (int i = 0; i < count; ++i) {
    out->blocks.push_back(ParseBlock(body.subspan(head + static_cast<size_t>(i) * kBlockSize)));
  }
  return true;
}

// Only the first chunk's CNAME is of interest: ours are point to point.
void ParseSdes(absl::Span<const uint8_t> body, RtcpCompound* out) {
  for (size_t at = 4; at + 2 <= body.size() && body[at] != 0;) {
    const size_t length = body[at + 1];
    if (at + 2 + length > body.size()) return;
    if (body[at] == kSdesCname) {
      out->cname.assign(reinterpret_cast<const char*>(&body[at] + 2), length);
      return;
    }
    at += 2 + length;
  }
}

class Writer {
 public:
  // Starts a packet; its length is filled in by End.
  void Begin(uint8_t type, size_t count) {
    start_ = bytes.size();
    bytes.push_back(static_cast<uint8_t>(0x80 | (count & 0x1F)));
    bytes.push_back(type);
    bytes.insert(bytes.end(), 2, 0);
  }
  void Put32(uint32_t value) {
    bytes.resize(bytes.size() + 4);
    WriteBig32(absl::MakeSpan(bytes), bytes.size() - 4, value);
  }
  void End() {
    while ((bytes.size() - start_) % 4 != 0) bytes.push_back(0);
    WriteBig16(absl::MakeSpan(bytes), start_ + 2,
               static_cast<uint16_t>((bytes.size() - start_) / 4 - 1));
  }
  std::vector<uint8_t> bytes;

 private:
  size_t start_ = 0;
};

void WriteReport(const RtcpCompound& compound, Writer& writer) {
  const size_t count = std::min<size_t>(compound.blocks.size(), 31);
  writer.Begin(compound.sender ? kSenderReport : kReceiverReport, count);
  writer.Put32(compound.sender_ssrc);
  if (compound.sender) {
    writer.Put32(static_cast<uint32_t>(compound.sender->ntp_time >> 32));
    writer.Put32(static_cast<uint32_t>(compound.sender->ntp_time));
    writer.Put32(compound.sender->rtp_timestamp);
    writer.Put32(compound.sender->packets);
    writer.Put32(compound.sender->octets);
  }
  for (size_t i = 0; i < count; ++i) {
    const RtcpReportBlock& block = compound.blocks[i];
    const int32_t lost = std::clamp(block.cumulative_lost, -0x800000, 0x7FFFFF);
    writer.Put32(block.ssrc);
    writer.Put32(uint32_t{block.fraction_lost} << 24 | (static_cast<uint32_t>(lost) & 0xFFFFFF));
    writer.Put32(block.highest_sequence);
    writer.Put32(block.jitter);
    writer.Put32(block.last_sr);
    writer.Put32(block.delay_since_last_sr);
  }
  writer.End();
}

}  // namespace

std::optional<RtcpCompound> ParseRtcp(absl::Span<const uint8_t> datagram) {
  RtcpCompound compound;
  bool first = true;
  while (!datagram.empty()) {
    if (datagram.size() < 4 || (datagram[0] >> 6) != 2) return std::nullopt;
    const uint8_t type = datagram[1];
    const int count = datagram[0] & 0x1F;
    const size_t size = 4 * (size_t{ReadBig16(datagram, 2)} + 1);
    if (size > datagram.size()) return std::nullopt;
    const absl::Span<const uint8_t> body = datagram.subspan(4, size - 4);
    const bool report = type == kSenderReport || type == kReceiverReport;
    if (first && !report) return std::nullopt;
    if (report && !ParseReport(type == kSenderReport, count, body, &compound)) return std::nullopt;
    if (type == kSdes && count > 0) ParseSdes(body, &compound);
    if (type == kBye) compound.bye = true;
    first = false;
    datagram.remove_prefix(size);
  }
  if (first) return std::nullopt;
  return compound;
}

std::vector<uint8_t> BuildRtcp(const RtcpCompound& compound) {
  Writer writer;
  WriteReport(compound, writer);
  const absl::string_view cname = absl::string_view(compound.cname).substr(0, 255);
  writer.Begin(kSdes, 1);
  writer.Put32(compound.sender_ssrc);
  writer.bytes.push_back(kSdesCname);
  writer.bytes.push_back(static_cast<uint8_t>(cname.size()));
  writer.bytes.insert(writer.bytes.end(), cname.begin(), cname.end());
  writer.bytes.push_back(0);  // A chunk ends with at least one zero.
  writer.End();
  if (compound.bye) {
    writer.Begin(kBye, 1);
    writer.Put32(compound.sender_ssrc);
    writer.End();
  }
  return std::move(writer.bytes);
}

uint64_t ToNtp(absl::Time time) {
  constexpr int64_t kFrom1900To1970 = 2'208'988'800;
  const int64_t nanoseconds = absl::ToUnixNanos(time);
  const int64_t seconds = nanoseconds / 1'000'000'000;
  const auto fraction = static_cast<uint64_t>(nanoseconds % 1'000'000'000);
  return (static_cast<uint64_t>(seconds + kFrom1900To1970) << 32) |
         ((fraction << 32) / 1'000'000'000);
}

}  // namespace zvon
