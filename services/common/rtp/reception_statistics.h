#pragma once
// What a receiver knows of one source: RFC 3550 appendices A.1, A.3 and A.8.
// Pure.

#include <cstdint>

#include "absl/time/time.h"
#include "services/common/rtp/rtcp_packet.h"
#include "services/common/rtp/rtp_packet.h"

namespace zvon {

class ReceptionStatistics {
 public:
  explicit ReceptionStatistics(int clock_rate = 8000) : clock_rate_(clock_rate) {}

  // A change of SSRC or a large jump of the sequence begins a new source; what
  // was counted before stays in the totals.
  void OnPacket(const RtpHeader& header, absl::Time arrival);
  void OnSenderReport(uint64_t ntp_time, absl::Time arrival);

  bool active() const { return started_; }
  uint32_t ssrc() const { return ssrc_; }
  uint64_t packets_received() const { return earlier_received_ + received_; }
  // Never negative: duplicates can make A.3's figure so.
  uint64_t packets_lost() const;
  absl::Duration jitter() const;

  // The block for the next report; moves the interval on.
  RtcpReportBlock TakeReportBlock(absl::Time now);

 private:
  void Start(const RtpHeader& header);
  int64_t Expected() const { return int64_t{ExtendedHighest()} - base_sequence_ + 1; }
  uint32_t ExtendedHighest() const { return cycles_ + highest_; }
  void UpdateJitter(const RtpHeader& header, absl::Time arrival);

  int clock_rate_;
  bool started_ = false;
  uint32_t ssrc_ = 0;
  uint16_t base_sequence_ = 0;
  uint16_t highest_ = 0;
  uint32_t cycles_ = 0;
  int bad_sequence_ = -1;
  uint64_t received_ = 0;
  uint64_t earlier_received_ = 0;
  uint64_t earlier_lost_ = 0;
  int64_t expected_prior_ = 0;
  int64_t received_prior_ = 0;
  bool has_transit_ = false;
  uint32_t transit_ = 0;
  uint32_t last_timestamp_ = 0;
  int64_t jitter_q4_ = 0;  // In 1/16 timestamp units, as A.8.
  uint32_t last_sr_ = 0;
  absl::Time last_sr_arrival_ = absl::InfinitePast();
};

}  // namespace zvon
