// What goes out by the clock.

#include <algorithm>
#include <cstring>

#include "services/media/core/media_core.h"

namespace zvon::media {
namespace {

constexpr double kDigitLevel = 0.2;  // Each of the two tones.

}  // namespace

void MediaCore::Tick(absl::Time now, Effects& out) {
  for (const auto& e : slots_) {
    if (e) TickEndpoint(*e, now, out);
  }
  TickRecordings(now, out);
}

void MediaCore::TickEndpoint(Endpoint& e, absl::Time now, Effects& out) {
  if (e.port == 0) return;
  if (const auto digit = e.digits_in.OnTick(now)) {
    DigitEnded(e, digit->digit, digit->duration, now, out);
  }
  if (e.digits_out.active()) {
    SendDigit(e, now, out);
  } else if (e.player) {
    SendPlayed(e, now, out);
  } else if (options_.comfort_silence && e.peer == nullptr && !e.echo && e.MaySend()) {
    uint8_t codes[kTickSamples];
    std::memset(codes, Silence(LawOf(e.remote->codec)), sizeof codes);
    SendAudio(e, codes, now, out);
  }
  if (now >= e.next_report) {
    SendReport(e, /*bye=*/false, now, out);
    e.next_report = now + options_.report_interval;
  }
  CheckTimeout(e, now, out);
}

void MediaCore::SendAudio(Endpoint& e, absl::Span<const uint8_t> codes, absl::Time now,
                          Effects& out) {
  const RtpHeader header =
      e.out.NextAudio(e.remote->payload_type, static_cast<uint32_t>(codes.size()), now);
  absl::Span<uint8_t> bytes =
      out.Add(e.slot, false, e.source.target(), kRtpHeaderSize + codes.size());
  WriteRtpHeader(header, bytes);
  std::memcpy(bytes.data() + kRtpHeaderSize, codes.data(), codes.size());
  e.out.CountSent(codes.size());
  ++counts_.rtp_sent;
}

void MediaCore::SendDigit(Endpoint& e, absl::Time now, Effects& out) {
  const DtmfSender::Step step = e.digits_out.Next();
  if (!e.MaySend()) return;
  if (e.remote->dtmf_payload_type == 0) {
    if (!step.sounding) return;
    if (step.first) {
      const DtmfTones tones = TonesOfDigit(step.digit);
      e.tone_low = ToneGenerator(tones.low_hz, 8000, kDigitLevel);
      e.tone_high = ToneGenerator(tones.high_hz, 8000, kDigitLevel);
    }
    int16_t pcm[kTickSamples];
    uint8_t codes[kTickSamples];
    for (int16_t& sample : pcm)
      sample = static_cast<int16_t>(e.tone_low.Next() + e.tone_high.Next());
    Encode(LawOf(e.remote->codec), pcm, absl::MakeSpan(codes));
    SendAudio(e, codes, now, out);
    return;
  }
  if (!step.send) return;
  const RtpHeader header = e.out.NextEvent(e.remote->dtmf_payload_type, step.first, now);
  absl::Span<uint8_t> bytes =
      out.Add(e.slot, false, e.source.target(), kRtpHeaderSize + kDtmfEventSize);
  WriteRtpHeader(header, bytes);
  WriteDtmfEvent(step.event, bytes.subspan(kRtpHeaderSize));
  e.out.CountSent(kDtmfEventSize);
  ++counts_.rtp_sent;
}

// The player keeps its pace whether or not anybody can hear it: a leg on hold
// by its phone, or not yet described, must not stop a scenario.
void MediaCore::SendPlayed(Endpoint& e, absl::Time now, Effects& out) {
  const Codec codec = e.remote ? e.remote->codec : Codec::kPcma;
  uint8_t codes[kTickSamples];
  e.player->Fill(LawOf(codec), absl::MakeSpan(codes));
  const bool finished = e.player->finished();
  if (e.MaySend()) {
    const size_t packet = static_cast<size_t>(e.remote->packet_ms) * 8;
    if (packet == kTickSamples && e.played.empty()) {
      SendAudio(e, codes, now, out);
    } else {
      e.played.insert(e.played.end(), codes, codes + kTickSamples);
      if (finished && e.played.size() % packet != 0) {
        e.played.resize((e.played.size() / packet + 1) * packet, Silence(LawOf(codec)));
      }
      size_t at = 0;
      for (; e.played.size() - at >= packet; at += packet) {
        SendAudio(e, absl::MakeConstSpan(e.played).subspan(at, packet), now, out);
      }
      e.played.erase(e.played.begin(), e.played.begin() + static_cast<int64_t>(at));
    }
  }
  if (finished) FinishPlay(e, PlayFinished::Reason::kEnd, now, out);
}

// RFC 3550 section 6: to the port above the one that the audio goes to.
void MediaCore::SendReport(Endpoint& e, bool bye, absl::Time now, Effects& out) {
  if (!e.remote || e.source.target().port == 0 || e.source.target().port == 0xFFFF) return;
  if (e.out.packets() == 0 && !e.received.active()) return;
  RtcpCompound compound;
  compound.sender_ssrc = e.out.ssrc();
  if (e.out.packets() > e.packets_at_last_report) compound.sender = e.out.SenderInfo(now);
  if (e.received.active()) compound.blocks.push_back(e.received.TakeReportBlock(now));
  compound.cname = e.cname;
  compound.bye = bye;
  e.packets_at_last_report = e.out.packets();
  const std::vector<uint8_t> packet = BuildRtcp(compound);
  SocketAddress to = e.source.target();
  ++to.port;
  std::memcpy(out.Add(e.slot, true, to, packet.size()).data(), packet.data(), packet.size());
}

void MediaCore::CheckTimeout(Endpoint& e, absl::Time now, Effects& out) {
  if (e.timed_out || !e.Expects() || now - e.last_received < options_.rtp_timeout) return;
  e.timed_out = true;
  Tell(e.call_id, MediaTimeout{e.endpoint_id}, now, out);
}

}  // namespace zvon::media
