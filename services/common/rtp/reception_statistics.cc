#include "services/common/rtp/reception_statistics.h"

#include <algorithm>
#include <cstdlib>

namespace zvon {
namespace {

// RFC 3550 A.1.
constexpr int kMaxDropout = 3000;
constexpr int kMaxMisorder = 100;

}  // namespace

void ReceptionStatistics::Start(const RtpHeader& header) {
  if (started_) {
    earlier_lost_ = packets_lost();
    earlier_received_ += received_;
  }
  started_ = true;
  ssrc_ = header.ssrc;
  base_sequence_ = highest_ = header.sequence;
  cycles_ = 0;
  bad_sequence_ = -1;
  received_ = 0;
  expected_prior_ = received_prior_ = 0;
  has_transit_ = false;
}

void ReceptionStatistics::OnPacket(const RtpHeader& header, absl::Time arrival) {
  if (!started_ || header.ssrc != ssrc_) Start(header);
  const auto delta = static_cast<uint16_t>(header.sequence - highest_);
  if (delta < kMaxDropout) {
    if (header.sequence < highest_) cycles_ += 1u << 16;
    highest_ = header.sequence;
  } else if (delta <= 0xFFFF - kMaxMisorder) {
    // Two in a row after a jump: the other side began anew.
    if (header.sequence != bad_sequence_) {
      bad_sequence_ = static_cast<uint16_t>(header.sequence + 1);
      return;
    }
    Start(header);
  }
  ++received_;
  UpdateJitter(header, arrival);
}

void ReceptionStatistics::UpdateJitter(const RtpHeader& header, absl::Time arrival) {
  // Events of one key press share a timestamp; they say nothing of jitter.
  if (has_transit_ && header.timestamp == last_timestamp_) return;
  last_timestamp_ = header.timestamp;
  // In two parts: the product of all microseconds and the rate overflows.
  const int64_t micros = absl::ToUnixMicros(arrival);
  const auto units = static_cast<uint32_t>(micros / 1'000'000 * clock_rate_ +
                                           micros % 1'000'000 * clock_rate_ / 1'000'000);
  const uint32_t transit = units - header.timestamp;
  if (has_transit_) {
    const int64_t d = std::abs(int64_t{static_cast<int32_t>(transit - transit_)});
    // A timestamp that jumps (a new talkspurt of some phones) is not jitter.
    if (d < clock_rate_) jitter_q4_ += d - ((jitter_q4_ + 8) >> 4);
  }
  has_transit_ = true;
  transit_ = transit;
}

void ReceptionStatistics::OnSenderReport(uint64_t ntp_time, absl::Time arrival) {
  last_sr_ = MiddleOfNtp(ntp_time);
  last_sr_arrival_ = arrival;
}

uint64_t ReceptionStatistics::packets_lost() const {
  const int64_t lost = started_ ? Expected() - static_cast<int64_t>(received_) : 0;
  return earlier_lost_ + static_cast<uint64_t>(std::max<int64_t>(lost, 0));
}

absl::Duration ReceptionStatistics::jitter() const {
  return absl::Microseconds((jitter_q4_ >> 4) * 1'000'000 / clock_rate_);
}

RtcpReportBlock ReceptionStatistics::TakeReportBlock(absl::Time now) {
  RtcpReportBlock block;
  block.ssrc = ssrc_;
  block.highest_sequence = ExtendedHighest();
  block.jitter = static_cast<uint32_t>(jitter_q4_ >> 4);
  const int64_t expected = Expected();
  const auto received = static_cast<int64_t>(received_);
  block.cumulative_lost =
      static_cast<int32_t>(std::clamp<int64_t>(expected - received, -0x800000, 0x7FFFFF));
  const int64_t expected_interval = expected - expected_prior_;
  const int64_t lost_interval = expected_interval - (received - received_prior_);
  if (expected_interval > 0 && lost_interval > 0) {
    block.fraction_lost =
        static_cast<uint8_t>(std::min<int64_t>(255, (lost_interval << 8) / expected_interval));
  }
  expected_prior_ = expected;
  received_prior_ = received;
  if (last_sr_arrival_ > absl::InfinitePast()) {
    block.last_sr = last_sr_;
    block.delay_since_last_sr = static_cast<uint32_t>(
        std::clamp<int64_t>(absl::ToInt64Microseconds(now - last_sr_arrival_), 0, 65'535'000'000) *
        65536 / 1'000'000);
  }
  return block;
}

}  // namespace zvon
