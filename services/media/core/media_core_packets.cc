// What comes in.

#include <algorithm>
#include <cstring>

#include "services/media/core/media_core.h"

namespace zvon::media {
namespace {

// RFC 3389 comfort noise: not agreed upon, but some phones send it unasked.
constexpr uint8_t kComfortNoise = 13;

}  // namespace

void MediaCore::HandleRtp(Slot slot, const SocketAddress& source,
                          absl::Span<const uint8_t> datagram, absl::Time now, Effects& out) {
  Endpoint& e = *slots_[slot];
  const std::optional<RtpPacket> packet = ParseRtp(datagram);
  const bool audio = packet && e.remote && packet->header.payload_type == e.remote->payload_type;
  const bool event = packet && e.remote && e.remote->dtmf_payload_type != 0 &&
                     packet->header.payload_type == e.remote->dtmf_payload_type;
  // A source is never learnt from a packet that was not agreed upon.
  if ((!audio && !event) || !e.source.Accept(source, now)) {
    const bool harmless = packet && packet->header.payload_type == kComfortNoise &&
                          e.source.locked() && source == e.source.target();
    if (!harmless) {
      ++e.refused;
      ++counts_.rtp_refused;
    }
    return;
  }
  ++counts_.rtp_received;
  e.received.OnPacket(packet->header, now);
  e.last_received = now;
  e.timed_out = false;
  if (!Receives(e.remote->direction)) return;
  if (event) {
    HandleEvent(e, *packet, now, out);
  } else {
    if (e.remote->dtmf_payload_type == 0) HearDigits(e, *packet, now, out);
    if (!e.taps.empty()) Record(e, *packet, now);
  }
  if (e.peer != nullptr) Forward(e, *e.peer, *packet, now, out);
  if (e.echo) Forward(e, e, *packet, now, out);
}

void MediaCore::HandleEvent(Endpoint& e, const RtpPacket& packet, absl::Time now, Effects& out) {
  const std::optional<DtmfEvent> event = ParseDtmfEvent(packet.payload);
  if (!event) return;
  const DtmfReceiver::Result result = e.digits_in.OnEvent(*event, packet.header.timestamp, now);
  if (result.started) {
    DigitStarted(e, now, out);
    SoundDigit(e, DigitOfEvent(event->code));
  }
  if (result.digit) DigitEnded(e, result.digit->digit, result.digit->duration, now, out);
}

// A peer that takes no events gets the tone, once a press.
void MediaCore::SoundDigit(Endpoint& from, char digit) {
  const Endpoint* to = from.peer;
  if (to != nullptr && to->remote && to->remote->dtmf_payload_type == 0) {
    from.peer->digits_out.Add({&digit, 1});
  }
}

void MediaCore::HearDigits(Endpoint& e, const RtpPacket& packet, absl::Time now, Effects& out) {
  if (!e.detector) {
    if (!make_detector_) return;
    e.detector = make_detector_();
  }
  int16_t pcm[1500];
  const size_t n = std::min(packet.payload.size(), std::size(pcm));
  Decode(LawOf(e.remote->codec), packet.payload.first(n), absl::MakeSpan(pcm, n));
  for (const HeardDigit& heard : e.detector->Hear(absl::MakeConstSpan(pcm, n))) {
    if (heard.started) {
      DigitStarted(e, now, out);
    } else {
      DigitEnded(e, heard.digit, absl::Microseconds(heard.samples * 125), now, out);
    }
  }
}

void MediaCore::DigitStarted(Endpoint& e, absl::Time now, Effects& out) {
  if (e.player && e.player->stop_on_digit()) FinishPlay(e, PlayFinished::Reason::kDigit, now, out);
}

void MediaCore::DigitEnded(Endpoint& e, char digit, absl::Duration duration, absl::Time now,
                           Effects& out) {
  // A press of which only the end came begins and ends at once.
  DigitStarted(e, now, out);
  Tell(e.call_id, DigitReceived{e.endpoint_id, digit, duration}, now, out);
}

void MediaCore::Forward(Endpoint& from, Endpoint& to, const RtpPacket& packet, absl::Time now,
                        Effects& out) {
  if (to.port == 0 || !to.MaySend() || to.Busy()) return;
  const bool event = packet.header.payload_type != from.remote->payload_type;
  if (event && to.remote->dtmf_payload_type == 0) return;  // HandleEvent gave it the tone.
  const uint8_t type = event ? to.remote->dtmf_payload_type : to.remote->payload_type;
  const auto samples = static_cast<uint32_t>(event ? kTickSamples : packet.payload.size());
  // Never 0 and never the same for two endpoints that live at once.
  const uint64_t source = uint64_t{from.slot} + 1;
  const std::optional<RtpHeader> header = to.out.Relay(packet.header, source, type, samples, now);
  if (!header) return;
  absl::Span<uint8_t> bytes =
      out.Add(to.slot, false, to.source.target(), kRtpHeaderSize + packet.payload.size());
  WriteRtpHeader(*header, bytes);
  bytes.remove_prefix(kRtpHeaderSize);
  if (!bytes.empty()) std::memcpy(bytes.data(), packet.payload.data(), bytes.size());
  if (!event) Transcode(LawOf(from.remote->codec), LawOf(to.remote->codec), bytes);
  to.out.CountSent(bytes.size());
  ++counts_.rtp_sent;
}

void MediaCore::HandleRtcp(Slot slot, const SocketAddress& source,
                           absl::Span<const uint8_t> datagram, absl::Time now, Effects& out) {
  Endpoint& e = *slots_[slot];
  // The host that sends the audio; its port may be mapped by a NAT. Reports
  // are only read for statistics: nothing else follows from them.
  const bool expected =
      e.remote && e.source.target().port != 0 && source.SameHost(e.source.target());
  const std::optional<RtcpCompound> compound = expected ? ParseRtcp(datagram) : std::nullopt;
  if (!compound) {
    ++counts_.rtcp_refused;
    return;
  }
  ++counts_.rtcp_received;
  if (compound->sender && e.received.active() && compound->sender_ssrc == e.received.ssrc()) {
    e.received.OnSenderReport(compound->sender->ntp_time, now);
  }
}

}  // namespace zvon::media
