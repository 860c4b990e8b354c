#include "services/common/rtp/reception_statistics.h"

#include <catch2/catch.hpp>

namespace zvon {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'750'000'000);

// Packet number `i` of a 20 ms stream, `late` after its time.
void Feed(ReceptionStatistics& statistics, int i, absl::Duration late = absl::ZeroDuration(),
          uint32_t ssrc = 1, int first_sequence = 65000) {
  RtpHeader header{8, false, static_cast<uint16_t>(first_sequence + i),
                   static_cast<uint32_t>(160 * i), ssrc};
  statistics.OnPacket(header, kStart + absl::Milliseconds(20) * i + late);
}

}  // namespace

TEST_CASE("a clean stream has neither loss nor jitter, across wraps", "[rtp]") {
  ReceptionStatistics statistics;
  for (int i = 0; i < 200'000; ++i) Feed(statistics, i);
  CHECK(statistics.packets_received() == 200'000);
  CHECK(statistics.packets_lost() == 0);
  CHECK(statistics.jitter() == absl::ZeroDuration());
}

TEST_CASE("losses are counted in whole and by interval", "[rtp]") {
  ReceptionStatistics statistics;
  for (int i = 0; i < 1000; ++i) {
    if (i % 10 != 5) Feed(statistics, i);
  }
  CHECK(statistics.packets_lost() == 100);
  RtcpReportBlock block = statistics.TakeReportBlock(kStart + absl::Seconds(20));
  CHECK(block.cumulative_lost == 100);
  CHECK(block.fraction_lost == 25);  // 10 % of 256.
  for (int i = 1000; i < 1100; ++i) Feed(statistics, i);
  CHECK(statistics.TakeReportBlock(kStart + absl::Seconds(22)).fraction_lost == 0);
}

TEST_CASE("late and doubled packets are no loss", "[rtp]") {
  ReceptionStatistics statistics;
  for (const int i : {0, 2, 1, 3, 3, 5, 4, 6}) Feed(statistics, i);
  CHECK(statistics.packets_received() == 8);
  CHECK(statistics.packets_lost() == 0);
}

TEST_CASE("jitter follows A.8", "[rtp]") {
  ReceptionStatistics statistics;
  // Alternating 0 and 10 ms late: |D| is always 10 ms, J converges to it.
  for (int i = 0; i < 500; ++i) Feed(statistics, i, absl::Milliseconds(i % 2 == 0 ? 0 : 10));
  CHECK(absl::ToDoubleMilliseconds(statistics.jitter()) == Approx(10).margin(0.5));
}

TEST_CASE("a new SSRC or a restarted sequence goes on counting", "[rtp]") {
  ReceptionStatistics statistics;
  for (int i = 0; i < 100; ++i) Feed(statistics, i);
  for (int i = 100; i < 200; ++i) Feed(statistics, i, {}, 2, 7);
  CHECK(statistics.packets_received() == 200);
  CHECK(statistics.packets_lost() == 0);
  // Same SSRC, sequence far away: taken as a restart by the second packet.
  for (int i = 200; i < 300; ++i) Feed(statistics, i, {}, 2, 30'000);
  CHECK(statistics.packets_received() == 299);
  CHECK(statistics.packets_lost() == 0);
}

TEST_CASE("a report says how long ago the last sender report came", "[rtp]") {
  ReceptionStatistics statistics;
  Feed(statistics, 0);
  CHECK(statistics.TakeReportBlock(kStart).last_sr == 0);
  statistics.OnSenderReport(0x1122334455667788, kStart);
  const RtcpReportBlock block = statistics.TakeReportBlock(kStart + absl::Milliseconds(1500));
  CHECK(block.last_sr == 0x33445566);
  CHECK(block.delay_since_last_sr == 98304);
}

}  // namespace zvon
