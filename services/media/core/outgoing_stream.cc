#include "services/media/core/outgoing_stream.h"

#include <algorithm>
#include <cstdlib>

namespace zvon::media {
namespace {

// Own packets farther apart than this begin a talkspurt.
constexpr absl::Duration kPauseMin = absl::Milliseconds(100);
constexpr int kSequenceJumpMax = 3000;
constexpr int32_t kTimestampJumpMax = 8000 * 10;

}  // namespace

uint32_t OutgoingStream::TimestampAt(absl::Time now) const {
  if (last_sent_ == absl::InfinitePast()) return next_timestamp_;
  // next_timestamp_ belongs to last_sent_ + the packet's length.
  const int64_t elapsed = absl::ToInt64Microseconds(now - last_sent_) / 125;
  const int64_t ahead = elapsed - int64_t{last_samples_};
  return next_timestamp_ + static_cast<uint32_t>(std::max<int64_t>(0, ahead));
}

RtpHeader OutgoingStream::NextAudio(uint8_t payload_type, uint32_t samples, absl::Time now) {
  const bool goes_on = mode_ == Mode::kAudio && now - last_sent_ < kPauseMin;
  const uint32_t timestamp = goes_on ? next_timestamp_ : TimestampAt(now);
  mode_ = Mode::kAudio;
  next_timestamp_ = timestamp + samples;
  last_sent_ = now;
  last_samples_ = samples;
  return {payload_type, !goes_on, next_sequence_++, timestamp, ssrc_};
}

RtpHeader OutgoingStream::NextEvent(uint8_t payload_type, bool first, absl::Time now) {
  if (first || mode_ != Mode::kEvent) event_timestamp_ = TimestampAt(now);
  mode_ = Mode::kEvent;
  constexpr uint32_t kTick = 160;
  next_timestamp_ = TimestampAt(now) + kTick;
  last_sent_ = now;
  last_samples_ = kTick;
  return {payload_type, first, next_sequence_++, event_timestamp_, ssrc_};
}

void OutgoingStream::Rebase(const RtpHeader& in, uint64_t source, absl::Time now) {
  mode_ = Mode::kRelay;
  source_ = source;
  source_ssrc_ = in.ssrc;
  source_first_ = source_last_ = in.sequence;
  sequence_offset_ = static_cast<uint16_t>(next_sequence_ - in.sequence);
  timestamp_offset_ = TimestampAt(now) - in.timestamp;
}

std::optional<RtpHeader> OutgoingStream::Relay(const RtpHeader& in, uint64_t source,
                                               uint8_t payload_type, uint32_t samples,
                                               absl::Time now) {
  const bool same = mode_ == Mode::kRelay && source == source_ && in.ssrc == source_ssrc_;
  const int jump = SequenceDifference(in.sequence, source_last_);
  const int32_t skew = TimestampDifference(in.timestamp + timestamp_offset_, TimestampAt(now));
  const bool begins =
      !same || std::abs(jump) > kSequenceJumpMax || std::abs(skew) > kTimestampJumpMax;
  if (begins) Rebase(in, source, now);
  if (SequenceDifference(in.sequence, source_first_) < 0) return std::nullopt;
  // The window moves along, or it would close after 2^15 packets.
  if (SequenceDifference(in.sequence, source_first_) > 4 * kSequenceJumpMax) {
    source_first_ = static_cast<uint16_t>(in.sequence - kSequenceJumpMax);
  }
  RtpHeader out{payload_type, in.marker || begins,
                static_cast<uint16_t>(in.sequence + sequence_offset_),
                in.timestamp + timestamp_offset_, ssrc_};
  if (begins || jump > 0) {
    source_last_ = in.sequence;
    next_sequence_ = static_cast<uint16_t>(out.sequence + 1);
    next_timestamp_ = out.timestamp + samples;
    last_sent_ = now;
    last_samples_ = samples;
  }
  return out;
}

RtcpSenderInfo OutgoingStream::SenderInfo(absl::Time now) const {
  return {ToNtp(now), TimestampAt(now), static_cast<uint32_t>(packets_), octets_};
}

}  // namespace zvon::media
