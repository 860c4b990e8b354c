#pragma once
// One RTP stream as its receiver sees it: one SSRC, sequence numbers and
// timestamps without a jump, though what is sent comes in turn from our own
// player, from the other leg of a bridge, from a key press. Pure.

#include <cstdint>
#include <optional>

#include "absl/time/time.h"
#include "services/common/rtp/rtcp_packet.h"
#include "services/common/rtp/rtp_packet.h"

namespace zvon::media {

class OutgoingStream {
 public:
  OutgoingStream(uint32_t ssrc, uint16_t first_sequence, uint32_t first_timestamp)
      : ssrc_(ssrc), next_sequence_(first_sequence), next_timestamp_(first_timestamp) {}

  // Our own audio of `samples` samples. After a pause the timestamp moves on
  // by the time that went by, and the marker begins a talkspurt.
  RtpHeader NextAudio(uint8_t payload_type, uint32_t samples, absl::Time now);

  // A packet of a key press: all have the timestamp of the first (RFC 4733).
  RtpHeader NextEvent(uint8_t payload_type, bool first, absl::Time now);

  // A packet that came from another stream, `source` naming which: loss and
  // order are kept as they came. Nothing for packets older than the moment
  // the relaying began.
  std::optional<RtpHeader> Relay(const RtpHeader& in, uint64_t source, uint8_t payload_type,
                                 uint32_t samples, absl::Time now);

  void CountSent(size_t payload_bytes) {
    ++packets_;
    octets_ += static_cast<uint32_t>(payload_bytes);
  }
  uint32_t ssrc() const { return ssrc_; }
  uint64_t packets() const { return packets_; }
  RtcpSenderInfo SenderInfo(absl::Time now) const;

 private:
  enum class Mode { kNone, kAudio, kEvent, kRelay };
  // The timestamp at `now` when something new begins.
  uint32_t TimestampAt(absl::Time now) const;
  void Rebase(const RtpHeader& in, uint64_t source, absl::Time now);

  uint32_t ssrc_;
  uint16_t next_sequence_;
  uint32_t next_timestamp_;  // Follows what was sent last.
  absl::Time last_sent_ = absl::InfinitePast();
  uint32_t last_samples_ = 0;
  Mode mode_ = Mode::kNone;
  uint32_t event_timestamp_ = 0;

  // The relayed stream: out = in + offset.
  uint64_t source_ = 0;
  uint32_t source_ssrc_ = 0;
  uint16_t source_first_ = 0;
  uint16_t source_last_ = 0;
  uint16_t sequence_offset_ = 0;
  uint32_t timestamp_offset_ = 0;

  uint64_t packets_ = 0;
  uint32_t octets_ = 0;
};

}  // namespace zvon::media
