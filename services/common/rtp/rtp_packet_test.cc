#include "services/common/rtp/rtp_packet.h"

#include <catch2/catch.hpp>
#include <vector>

namespace zvon {
namespace {

using Bytes = std::vector<uint8_t>;

Bytes Header(uint8_t first = 0x80, uint8_t second = 8) {
  return {first, second, 0x12, 0x34, 0, 0, 0, 160, 0xDE, 0xAD, 0xBE, 0xEF};
}

Bytes Join(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

}  // namespace

TEST_CASE("a written RTP header is read back", "[rtp]") {
  const RtpHeader header{101, true, 65535, 0xFFFFFF60, 0xCAFEBABE};
  Bytes bytes(kRtpHeaderSize + 4, 7);
  WriteRtpHeader(header, absl::MakeSpan(bytes));
  const auto packet = ParseRtp(bytes);
  REQUIRE(packet);
  CHECK(packet->header.payload_type == 101);
  CHECK(packet->header.marker);
  CHECK(packet->header.sequence == 65535);
  CHECK(packet->header.timestamp == 0xFFFFFF60);
  CHECK(packet->header.ssrc == 0xCAFEBABE);
  CHECK(packet->payload.size() == 4);
}

TEST_CASE("RTP packets are taken or refused by RFC 3550 section 5", "[rtp]") {
  struct Row {
    const char* name;
    Bytes bytes;
    int payload;  // -1 = refused.
  };
  const Row rows[] = {
      {"empty", {}, -1},
      {"one byte", {0x80}, -1},
      {"11 bytes", Bytes(11, 0x80), -1},
      {"header alone", Header(), 0},
      {"version 0 (STUN)", Join(Header(0x00), {1}), -1},
      {"version 1", Join(Header(0x40), {1}), -1},
      {"version 3", Join(Header(0xC0), {1}), -1},
      {"payload", Join(Header(), {1, 2, 3}), 3},
      {"one CSRC", Join(Header(0x81), {0, 0, 0, 1, 9}), 1},
      {"15 CSRCs claimed, none there", Join(Header(0x8F), {1, 2}), -1},
      {"extension of one word", Join(Header(0x90), {0xBE, 0xDE, 0, 1, 1, 2, 3, 4, 9}), 1},
      {"extension cut in its header", Join(Header(0x90), {0xBE, 0xDE}), -1},
      {"extension longer than the packet", Join(Header(0x90), {0xBE, 0xDE, 0xFF, 0xFF}), -1},
      {"padding of 2", Join(Header(0xA0), {1, 0, 2}), 1},
      {"all padding", Join(Header(0xA0), {0, 0, 3}), 0},
      {"padding of 0", Join(Header(0xA0), {1, 0, 0}), -1},
      {"padding beyond the payload", Join(Header(0xA0), {1, 0, 4}), -1},
      {"padding flag on an empty payload", Header(0xA0), -1},
      {"RTCP sender report on an RTP port", Join(Header(0x80, 200), Bytes(16)), -1},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const auto packet = ParseRtp(row.bytes);
    CHECK(packet.has_value() == (row.payload >= 0));
    if (packet) CHECK(static_cast<int>(packet->payload.size()) == row.payload);
  }
}

TEST_CASE("sequence differences know the wrap", "[rtp]") {
  CHECK(SequenceDifference(0, 65535) == 1);
  CHECK(SequenceDifference(65535, 0) == -1);
  CHECK(SequenceDifference(100, 90) == 10);
  CHECK(TimestampDifference(10, 0xFFFFFFF0) == 26);
}

}  // namespace zvon
