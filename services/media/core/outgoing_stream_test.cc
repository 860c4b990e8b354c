#include "services/media/core/outgoing_stream.h"

#include <catch2/catch.hpp>

namespace zvon::media {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'750'000'000);
absl::Time After(int64_t ms) { return kStart + absl::Milliseconds(ms); }

RtpHeader In(uint16_t sequence, uint32_t timestamp, uint32_t ssrc = 7) {
  return {8, false, sequence, timestamp, ssrc};
}

}  // namespace

TEST_CASE("own audio runs on without a jump; a pause moves the time", "[stream]") {
  OutgoingStream stream(1, 100, 5000);
  for (int i = 0; i < 50; ++i) {
    const RtpHeader header = stream.NextAudio(8, 160, After(20 * i));
    CHECK(header.sequence == 100 + i);
    CHECK(header.timestamp == 5000u + 160 * i);
    CHECK(header.marker == (i == 0));
  }
  const RtpHeader later = stream.NextAudio(8, 160, After(20 * 49 + 2000));
  CHECK(later.marker);
  CHECK(later.sequence == 150);
  CHECK(later.timestamp == 5000u + 160 * 49 + 16000);
}

TEST_CASE("a relayed stream keeps its losses and order under our own numbers", "[stream]") {
  OutgoingStream stream(1, 65530, 5000);
  stream.NextAudio(8, 160, After(0));
  struct Row {
    uint16_t in;
    int out;  // Relative to the first; -1 = dropped.
  };
  const Row rows[] = {{1000, 0}, {1001, 1}, {1003, 3}, {1002, 2}, {999, -1}, {1004, 4}};
  int64_t ms = 20;
  for (const Row& row : rows) {
    const auto out = stream.Relay(In(row.in, row.in * 160u), 1, 0, 160, After(ms));
    CAPTURE(row.in);
    CHECK(out.has_value() == (row.out >= 0));
    if (out) {
      CHECK(out->sequence == static_cast<uint16_t>(65531 + row.out));
      CHECK(out->timestamp == 5160u + 160 * row.out);
      CHECK(out->ssrc == 1);
      CHECK(out->marker == (row.in == 1000));
      ms += 20;
    }
  }
  const RtpHeader own = stream.NextAudio(8, 160, After(ms));
  CHECK(own.sequence == static_cast<uint16_t>(65531 + 5));
}

TEST_CASE("another source or a jump goes on where the last one ended", "[stream]") {
  OutgoingStream stream(1, 10, 0);
  stream.Relay(In(1000, 160000), 1, 8, 160, After(0));
  const auto other_leg = stream.Relay(In(5, 7), 2, 8, 160, After(20));
  REQUIRE(other_leg);
  CHECK(other_leg->sequence == 11);
  CHECK(other_leg->timestamp == 160);
  CHECK(other_leg->marker);
  const auto other_ssrc = stream.Relay(In(40000, 9, 8), 2, 8, 160, After(40));
  CHECK(other_ssrc->sequence == 12);
  CHECK(other_ssrc->timestamp == 320);
  const auto time_jump = stream.Relay(In(40001, 0x80000000, 8), 2, 8, 160, After(60));
  CHECK(time_jump->sequence == 13);
  CHECK(time_jump->timestamp == 480);
}

TEST_CASE("four hours of relaying wrap both counters unseen", "[stream]") {
  OutgoingStream stream(1, 1, 1);
  uint16_t expected = 0;
  for (uint32_t i = 0; i < 720'000; ++i) {
    const auto out = stream.Relay(In(static_cast<uint16_t>(i), 0xF0000000u + i * 160), 1, 8, 160,
                                  After(20 * int64_t{i}));
    REQUIRE(out);
    if (i > 0) REQUIRE(out->sequence == expected);
    expected = static_cast<uint16_t>(out->sequence + 1);
    REQUIRE(out->marker == (i == 0));
  }
}

TEST_CASE("the packets of a key press share one timestamp", "[stream]") {
  OutgoingStream stream(1, 1, 0);
  stream.NextAudio(8, 160, After(0));
  uint32_t timestamp = 0;
  for (int i = 0; i < 7; ++i) {
    const RtpHeader header = stream.NextEvent(101, i == 0, After(20 * (i + 1)));
    if (i == 0) timestamp = header.timestamp;
    CHECK(header.timestamp == timestamp);
    CHECK(header.sequence == 2 + i);
    CHECK(header.marker == (i == 0));
  }
  CHECK(timestamp == 160);
  CHECK(stream.NextAudio(8, 160, After(160)).timestamp == 160 * 8);
}

}  // namespace zvon::media
