#include "services/common/rtp/rtcp_packet.h"

#include <catch2/catch.hpp>
#include <vector>

namespace zvon {
namespace {

using Bytes = std::vector<uint8_t>;

RtcpCompound Example() {
  RtcpCompound compound;
  compound.sender_ssrc = 0x01020304;
  compound.sender = RtcpSenderInfo{0x1122334455667788, 1600, 10, 1600};
  compound.blocks.push_back({0x0A0B0C0D, 128, -3, 0x00010002, 40, 0x33445566, 65536});
  compound.cname = "zvon-7";
  compound.bye = true;
  return compound;
}

}  // namespace

TEST_CASE("a compound packet is read back as written", "[rtcp]") {
  const auto read = ParseRtcp(BuildRtcp(Example()));
  REQUIRE(read);
  CHECK(read->sender_ssrc == 0x01020304);
  REQUIRE(read->sender);
  CHECK(read->sender->ntp_time == 0x1122334455667788);
  CHECK(read->sender->packets == 10);
  REQUIRE(read->blocks.size() == 1);
  CHECK(read->blocks[0].ssrc == 0x0A0B0C0D);
  CHECK(read->blocks[0].fraction_lost == 128);
  CHECK(read->blocks[0].cumulative_lost == -3);
  CHECK(read->blocks[0].highest_sequence == 0x00010002);
  CHECK(read->blocks[0].delay_since_last_sr == 65536);
  CHECK(read->cname == "zvon-7");
  CHECK(read->bye);
}

TEST_CASE("a receiver report carries no sender", "[rtcp]") {
  RtcpCompound compound = Example();
  compound.sender.reset();
  compound.bye = false;
  const Bytes bytes = BuildRtcp(compound);
  CHECK(bytes.size() % 4 == 0);
  CHECK(bytes[1] == 201);
  const auto read = ParseRtcp(bytes);
  REQUIRE(read);
  CHECK_FALSE(read->sender);
  CHECK_FALSE(read->bye);
}

TEST_CASE("broken compounds are refused", "[rtcp]") {
  const Bytes good = BuildRtcp(Example());
  Bytes wrong_version = good;
  wrong_version[0] = 0x41;
  Bytes too_many_blocks = good;
  too_many_blocks[0] = 0x9F;
  Bytes length_lies = good;
  length_lies[2] = 0xFF;
  Bytes cut(good.begin(), good.end() - 1);
  // BYE alone, and a BYE whose reason claims 255 bytes.
  const Bytes bye_first = {0x81, 203, 0, 1, 1, 2, 3, 4};
  CHECK_FALSE(ParseRtcp({}));
  CHECK_FALSE(ParseRtcp(wrong_version));
  CHECK_FALSE(ParseRtcp(too_many_blocks));
  CHECK_FALSE(ParseRtcp(length_lies));
  CHECK_FALSE(ParseRtcp(cut));
  CHECK_FALSE(ParseRtcp(bye_first));
  Bytes bye_reason = good;
  bye_reason.insert(bye_reason.end(), {0x81, 203, 0, 2, 1, 2, 3, 4, 255, 'x', 'y', 'z'});
  CHECK(ParseRtcp(bye_reason));  // Well framed: the reason is not read at all.
}

TEST_CASE("NTP time counts from 1900", "[rtcp]") {
  const uint64_t ntp = ToNtp(absl::FromUnixMillis(1500));
  CHECK((ntp >> 32) == 2'208'988'801u);
  CHECK(static_cast<uint32_t>(ntp) == 0x80000000u);
}

}  // namespace zvon
