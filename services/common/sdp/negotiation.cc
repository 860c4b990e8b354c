#include "services/common/sdp/negotiation.h"

#include <algorithm>

#include "services/common/sdp/sdp_text.h"

namespace zvon::sdp {

namespace {

constexpr uint32_t kRate = 8000;
constexpr std::string_view kTelephoneEvent = "telephone-event";
constexpr int kTelephoneEventType = 101;

int StaticType(std::string_view codec) { return EqualsNoCase(codec, "PCMA") ? 8 : 0; }

bool Sends(Direction d) { return d == Direction::kSendRecv || d == Direction::kSendOnly; }
bool Receives(Direction d) { return d == Direction::kSendRecv || d == Direction::kRecvOnly; }
Direction MakeDirection(bool sends, bool receives) {
  if (sends) return receives ? Direction::kSendRecv : Direction::kSendOnly;
  return receives ? Direction::kRecvOnly : Direction::kInactive;
}

bool IsUnspecified(const Connection& c) { return c.address == "0.0.0.0" || c.address == "::"; }

// What the peer can do, the old way of holding (RFC 3264 section 8.4) included.
Direction PeerDirection(const Session& session, const Media& media) {
  const Direction said = session.DirectionOf(media);
  if (IsUnspecified(*session.ConnectionOf(media))) return MakeDirection(Sends(said), false);
  return said;
}

bool IsAllowed(const Preferences& preferences, const Codec& codec) {
  return codec.channels == 1 &&
         std::any_of(preferences.codecs.begin(), preferences.codecs.end(),
                     [&codec](const std::string& name) { return codec.Is(name, kRate); });
}

// The peer's order decides (RFC 3264 section 6.1).
const Codec* ChooseCodec(const Media& media, const Preferences& preferences) {
  for (const Codec& codec : media.codecs) {
    if (IsAllowed(preferences, codec)) return &codec;
  }
  return nullptr;
}

const Codec* FindTelephoneEvent(const Media& media) {
  for (const Codec& codec : media.codecs) {
    if (codec.Is(kTelephoneEvent, kRate)) return &codec;
  }
  return nullptr;
}

// Packet length to send with: what the peer asks for, if we make such packets.
uint32_t ChoosePtime(const Media& media, uint32_t preferred) {
  uint32_t ptime = media.ptime_ms ? media.ptime_ms : preferred;
  if (media.maxptime_ms != 0) ptime = std::min(ptime, media.maxptime_ms);
  return ptime >= 10 && ptime <= 60 && ptime % 10 == 0 ? ptime : preferred;
}

std::string UpperCase(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c & ~0x20);
  }
  return text;
}

// Everything but the direction of ours.
Agreement Read(const Session& peer, size_t index, const Codec& codec,
               const Preferences& preferences) {
  const Media& media = peer.media[index];
  const Direction direction = PeerDirection(peer, media);
  Agreement out;
  out.codec = UpperCase(codec.name);
  out.payload_type = codec.payload_type;
  out.ptime_ms = ChoosePtime(media, preferences.ptime_ms);
  out.remote_address = peer.ConnectionOf(media)->address;
  out.remote_port = static_cast<uint16_t>(media.port);
  out.remote_rtcp_port = static_cast<uint16_t>(media.rtcp_port ? media.rtcp_port : media.port + 1);
  out.held_by_peer = !Receives(direction);
  out.media_index = index;
  if (const Codec* event = FindTelephoneEvent(media); event && preferences.telephone_event) {
    out.dtmf_payload_type = event->payload_type;
    out.dtmf_clock_rate = event->clock_rate;
  }
  return out;
}

// The line stays in its place, refused (RFC 3264 section 6).
Media Refused(const Media& media) {
  Media out;
  out.type = media.type;
  out.protocol = media.protocol.empty() ? "RTP/AVP" : media.protocol;
  out.formats = media.formats;
  if (out.formats.empty()) out.formats.emplace_back("0");
  return out;
}

Media OurMedia(const Local& local, Direction direction, uint32_t ptime_ms) {
  Media media;
  media.type = "audio";
  media.protocol = "RTP/AVP";
  media.port = local.port;
  media.direction = direction;
  media.ptime_ms = ptime_ms;
  return media;
}

void AddCodec(Media& media, int payload_type, std::string name, std::string fmtp = {}) {
  media.formats.push_back(std::to_string(payload_type));
  media.codecs.push_back({payload_type, std::move(name), kRate, 1, std::move(fmtp)});
}

// The version grows when the text changes, and only then (RFC 3264 section 8).
std::string PrintOurs(Session session, Local& local) {
  const bool v6 = local.address.find(':') != std::string::npos;
  session.connection = Connection{v6, local.address};
  session.origin = {"-", local.session_id, std::max<uint64_t>(local.version, 1),
                    *session.connection};
  session.name = "zvon";
  std::string body = Print(session);
  if (body == local.last_body) return body;
  if (!local.last_body.empty()) {
    ++session.origin.version;
    body = Print(session);
  }
  local.version = session.origin.version;
  local.last_body = body;
  return body;
}

// Why a line of an offer cannot be used; empty: it can.
std::string WhyNot(const Session& session, const Media& media, const Preferences& preferences) {
  if (!media.defect.empty()) return media.defect;
  if (!media.is_rtp_audio()) return "not audio over RTP/AVP";
  if (media.port == 0) return "port 0";
  if (!session.ConnectionOf(media)) return "no c= line";
  if (!ChooseCodec(media, preferences)) return "no common codec";
  return {};
}

}  // namespace

std::string MakeOffer(Local& local, const Preferences& preferences, Direction direction,
                      const Session* keep, const Agreement* agreed) {
  Media ours = OurMedia(local, direction, preferences.ptime_ms);
  for (const std::string& codec : preferences.codecs) {
    const bool same = agreed && EqualsNoCase(agreed->codec, codec);
    AddCodec(ours, same ? agreed->payload_type : StaticType(codec), codec);
  }
  if (preferences.telephone_event) {
    const bool same = agreed && agreed->dtmf_payload_type >= 0;
    AddCodec(ours, same ? agreed->dtmf_payload_type : kTelephoneEventType,
             std::string(kTelephoneEvent), "0-16");
  }
  Session session;
  const size_t index = agreed ? agreed->media_index : 0;
  for (size_t i = 0; keep && i < keep->media.size(); ++i) {
    session.media.push_back(i == index ? ours : Refused(keep->media[i]));
  }
  if (session.media.size() <= index) session.media.push_back(ours);
  return PrintOurs(std::move(session), local);
}

absl::StatusOr<Answered> MakeAnswer(const Session& offer, Local& local,
                                    const Preferences& preferences, Direction direction) {
  Session session;
  Answered out;
  std::string why = "no m= line";
  bool found = false;
  for (size_t i = 0; i < offer.media.size(); ++i) {
    const Media& media = offer.media[i];
    std::string why_this = WhyNot(offer, media, preferences);
    if (found || !why_this.empty()) {
      session.media.push_back(Refused(media));
      if (!found) why = media.type + ": " + why_this;
      continue;
    }
    found = true;
    const Codec& codec = *ChooseCodec(media, preferences);
    out.agreement = Read(offer, i, codec, preferences);
    const Direction peer = PeerDirection(offer, media);
    out.agreement.direction =
        MakeDirection(Sends(direction) && Receives(peer), Receives(direction) && Sends(peer));
    Media ours = OurMedia(local, out.agreement.direction, preferences.ptime_ms);
    ours.protocol = media.protocol;
    AddCodec(ours, codec.payload_type, out.agreement.codec);
    if (out.agreement.dtmf_payload_type >= 0) {
      AddCodec(ours, out.agreement.dtmf_payload_type, std::string(kTelephoneEvent), "0-16");
    }
    session.media.push_back(std::move(ours));
  }
  if (!found) return absl::InvalidArgumentError("offer has no usable audio: " + why);
  out.body = PrintOurs(std::move(session), local);
  return out;
}

absl::StatusOr<Agreement> ReadAnswer(const Session& offer, const Session& answer) {
  if (answer.media.size() != offer.media.size()) {
    return absl::InvalidArgumentError("answer has " + std::to_string(answer.media.size()) +
                                      " m= lines, the offer " + std::to_string(offer.media.size()));
  }
  for (size_t i = 0; i < offer.media.size(); ++i) {
    const Media& offered = offer.media[i];
    if (offered.port == 0 || !offered.is_rtp_audio()) continue;
    const Media& media = answer.media[i];
    Preferences ours;
    ours.codecs.clear();
    for (const Codec& codec : offered.codecs) {
      if (!codec.Is(kTelephoneEvent, kRate)) ours.codecs.push_back(codec.name);
    }
    ours.telephone_event = FindTelephoneEvent(offered) != nullptr;
    if (offered.ptime_ms != 0) ours.ptime_ms = offered.ptime_ms;
    if (const std::string why = WhyNot(answer, media, ours); !why.empty()) {
      return absl::InvalidArgumentError("answer refuses the audio: " + why);
    }
    Agreement out = Read(answer, i, *ChooseCodec(media, ours), ours);
    const Direction peer = PeerDirection(answer, media);
    const Direction wanted = offer.DirectionOf(offered);
    out.direction = MakeDirection(Sends(wanted) && Receives(peer), Receives(wanted) && Sends(peer));
    // An answer of recvonly to our sendonly is obedience, not hold.
    out.held_by_peer = Sends(wanted) && !Receives(peer);
    return out;
  }
  return absl::InvalidArgumentError("the offer had no audio");
}

bool IsHold(const Session& session) {
  for (const Media& media : session.media) {
    if (!media.is_rtp_audio() || media.port == 0 || !session.ConnectionOf(media)) continue;
    return !Receives(PeerDirection(session, media));
  }
  return false;
}

std::string WarningFor(const absl::Status& status) {
  const std::string message(status.message());
  const char* code = message.find("codec") != std::string::npos       ? "305"
                     : message.find("no usable") != std::string::npos ? "304"
                                                                      : "399";
  std::string out = std::string(code) + " zvon \"";
  for (char c : message)
    out += c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20 ? '\'' : c;
  return out + "\"";
}

}  // namespace zvon::sdp
