#include <algorithm>

#include "services/common/sdp/sdp.h"
#include "services/common/sdp/sdp_text.h"

namespace zvon::sdp {

namespace {

struct StaticCodec {
  int payload_type;
  std::string_view name;
  uint32_t clock_rate;
};
// RFC 3551 table 4, audio.
constexpr StaticCodec kStatic[] = {
    {0, "PCMU", 8000}, {3, "GSM", 8000},   {4, "G723", 8000},  {5, "DVI4", 8000},
    {7, "LPC", 8000},  {8, "PCMA", 8000},  {9, "G722", 8000},  {12, "QCELP", 8000},
    {13, "CN", 8000},  {15, "G728", 8000}, {18, "G729", 8000},
};

constexpr size_t kFormatsMax = 64;
constexpr size_t kAttributesMax = 256;  // Per section; the rest is dropped.

std::optional<Connection> ReadConnection(std::string_view value) {
  const auto words = Words(value);
  if (words.size() != 3 || words[0] != "IN") return std::nullopt;
  Connection out;
  if (words[1] == "IP6") {
    out.v6 = true;
  } else if (words[1] != "IP4") {
    return std::nullopt;
  }
  const std::string_view host = words[2].substr(0, words[2].find('/'));  // TTL is multicast's.
  if (!IsHost(host)) return std::nullopt;
  out.address = host;
  return out;
}

// Numbers longer than 64 bits are legal; only their change matters.
std::optional<uint64_t> ReadSaturated(std::string_view text) {
  if (const auto number = ReadNumber<uint64_t>(text)) return number;
  const bool digits =
      !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
  return digits ? std::optional<uint64_t>(UINT64_MAX) : std::nullopt;
}

bool ReadOrigin(std::string_view value, Origin& out) {
  const auto words = Words(value);
  if (words.size() != 6) return false;
  const auto id = ReadSaturated(words[1]);
  const auto version = ReadSaturated(words[2]);
  const auto address =
      ReadConnection(value.substr(static_cast<size_t>(words[3].data() - value.data())));
  if (!id || !version || !address) return false;
  out = {std::string(words[0]), *id, *version, *address};
  return true;
}

std::optional<Direction> ReadDirection(const Attribute& attribute) {
  if (attribute.has_value) return std::nullopt;
  for (Direction d :
       {Direction::kSendRecv, Direction::kSendOnly, Direction::kRecvOnly, Direction::kInactive}) {
    if (attribute.name == DirectionName(d)) return d;
  }
  return std::nullopt;
}

Attribute ReadAttribute(std::string_view value) {
  const size_t colon = value.find(':');
  Attribute out;
  out.name = value.substr(0, colon);
  out.has_value = colon != std::string_view::npos;
  if (out.has_value) out.value = value.substr(colon + 1);
  return out;
}

class Parser {
 public:
  absl::StatusOr<Session> Run(std::string_view text);

 private:
  absl::Status Line(char type, std::string_view value);
  absl::Status SessionLine(char type, std::string_view value);
  void MediaLine(char type, std::string_view value);
  absl::Status StartMedia(std::string_view value);
  void EndMedia();
  void MediaAttribute(std::string_view value);
  void ReadRtpMap(std::string_view value);
  void ReadFormatParameters(std::string_view value);
  Codec* FindCodec(int payload_type);
  void Defect(std::string_view what) {
    if (media_->defect.empty()) media_->defect = what;
  }
  absl::Status Fail(std::string_view what) const {
    return absl::InvalidArgumentError("SDP line " + std::to_string(line_) + ": " +
                                      std::string(what));
  }

  Session session_;
  Media* media_ = nullptr;
  bool has_origin_ = false;
  size_t line_ = 0;
};

absl::StatusOr<Session> Parser::Run(std::string_view text) {
  if (text.size() > kBytesMax) return absl::InvalidArgumentError("SDP longer than 64 KiB");
  while (!text.empty()) {
    ++line_;
    const size_t end = text.find('\n');  // No final line end is forgiven.
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.find_first_of(std::string_view("\r\0", 2)) != std::string_view::npos) {
      return Fail("control byte");
    }
    if (line.empty()) continue;
    if (line.size() < 2 || line[1] != '=' || line[0] < 'a' || line[0] > 'z')
      return Fail("not <letter>=");
    if (line_ == 1 && line != "v=0") return Fail("not v=0");
    if (absl::Status status = Line(line[0], line.substr(2)); !status.ok()) return status;
  }
  if (line_ == 0) return absl::InvalidArgumentError("SDP is empty");
  if (!has_origin_) return absl::InvalidArgumentError("SDP has no o= line");
  EndMedia();
  return std::move(session_);
}

absl::Status Parser::Line(char type, std::string_view value) {
  if (type == 'm') return StartMedia(value);
  if (!media_) return SessionLine(type, value);
  MediaLine(type, value);
  return absl::OkStatus();
}

absl::Status Parser::SessionLine(char type, std::string_view value) {
  switch (type) {
    case 'o':
      if (has_origin_ || !ReadOrigin(value, session_.origin)) return Fail("bad o=");
      has_origin_ = true;
      break;
    case 's':
      session_.name = value.empty() ? "-" : std::string(value);
      break;
    case 'c':
      session_.connection = ReadConnection(value);
      if (!session_.connection) return Fail("bad c=");
      break;
    case 'b':
      if (value.find(':') != std::string_view::npos) session_.bandwidths.emplace_back(value);
      break;
    case 'a': {
      Attribute attribute = ReadAttribute(value);
      if (const auto direction = ReadDirection(attribute)) {
        session_.direction = direction;
      } else if (session_.attributes.size() < kAttributesMax) {
        session_.attributes.push_back(std::move(attribute));
      }
      break;
    }
    default:
      break;  // v, i, u, e, p, t, r, z, k and letters unknown: nothing for us.
  }
  return absl::OkStatus();
}

// A media line that is wrong in itself keeps its place, so that the answer has
// as many lines as the offer.
absl::Status Parser::StartMedia(std::string_view value) {
  EndMedia();
  if (session_.media.size() == kMediaMax) return Fail("too many m= lines");
  media_ = &session_.media.emplace_back();
  const auto words = Words(value);
  if (words.size() < 2 || !IsToken(words[0])) return Fail("bad m=");
  media_->type = words[0];
  const size_t slash = words[1].find('/');
  const auto port = ReadNumber<uint16_t>(words[1].substr(0, slash));
  const auto count = slash == std::string_view::npos
                         ? std::optional<uint32_t>(1)
                         : ReadNumber<uint32_t>(words[1].substr(slash + 1));
  media_->port = port.value_or(0);
  media_->port_count = count.value_or(1);
  if (!port || !count || *count == 0) Defect("bad port");
  if (words.size() >= 3) media_->protocol = words[2];
  if (!IsProtocol(media_->protocol)) Defect("bad protocol");
  for (size_t i = 3; i < words.size() && media_->formats.size() < kFormatsMax; ++i) {
    if (!IsToken(words[i])) Defect("bad format");
    media_->formats.emplace_back(words[i]);
  }
  if (media_->formats.empty()) Defect("no formats");
  if (media_->protocol.find("RTP/") == std::string::npos) return absl::OkStatus();
  for (const std::string& format : media_->formats) {
    const auto payload_type = ReadNumber<uint8_t>(format);
    if (!payload_type || *payload_type > 127 || FindCodec(*payload_type)) continue;
    media_->codecs.push_back({*payload_type, {}, 0, 1, {}});
  }
  return absl::OkStatus();
}

Codec* Parser::FindCodec(int payload_type) {
  for (Codec& codec : media_->codecs) {
    if (codec.payload_type == payload_type) return &codec;
  }
  return nullptr;
}

// Static types without an rtpmap get their names; dynamic ones without are of
// no use.
void Parser::EndMedia() {
  if (!media_) return;
  for (Codec& codec : media_->codecs) {
    if (!codec.name.empty()) continue;
    for (const StaticCodec& s : kStatic) {
      if (s.payload_type != codec.payload_type || media_->type != "audio") continue;
      codec.name = s.name;
      codec.clock_rate = s.clock_rate;
    }
  }
  std::erase_if(media_->codecs, [](const Codec& codec) { return codec.name.empty(); });
}

void Parser::MediaLine(char type, std::string_view value) {
  switch (type) {
    case 'c':
      // Several c= lines are layered multicast: the first one counts.
      if (media_->connection) break;
      media_->connection = ReadConnection(value);
      if (!media_->connection) Defect("bad c=");
      break;
    case 'b':
      if (value.find(':') == std::string_view::npos) return Defect("b= without colon");
      if (media_->bandwidths.size() < kFormatsMax) media_->bandwidths.emplace_back(value);
      break;
    case 'a':
      MediaAttribute(value);
      break;
    default:
      break;
  }
}

void Parser::MediaAttribute(std::string_view value) {
  Attribute attribute = ReadAttribute(value);
  if (const auto direction = ReadDirection(attribute)) {
    media_->direction = direction;
    return;
  }
  if (attribute.name == "rtpmap") return ReadRtpMap(attribute.value);
  if (attribute.name == "fmtp") return ReadFormatParameters(attribute.value);
  const auto number = [&attribute](uint32_t max) {
    const auto n = ReadNumber<uint32_t>(
        std::string_view(attribute.value).substr(0, attribute.value.find(' ')));
    return n && *n <= max ? *n : 0;
  };
  if (attribute.name == "ptime") media_->ptime_ms = number(1000);
  if (attribute.name == "maxptime") media_->maxptime_ms = number(1000);
  if (attribute.name == "rtcp") media_->rtcp_port = number(65535);
  if (attribute.name == "rtcp-mux") media_->rtcp_mux = true;
  if (media_->attributes.size() < kAttributesMax)
    media_->attributes.push_back(std::move(attribute));
}

// "97 opus/48000/2"
void Parser::ReadRtpMap(std::string_view value) {
  const auto words = Words(value);
  const auto payload_type = words.size() == 2 ? ReadNumber<uint8_t>(words[0]) : std::nullopt;
  Codec* codec = payload_type ? FindCodec(*payload_type) : nullptr;
  if (!codec || !codec->name.empty()) return;
  const size_t slash = words[1].find('/');
  if (slash == std::string_view::npos || !IsToken(words[1].substr(0, slash))) return;
  std::string_view rate = words[1].substr(slash + 1);
  const size_t second = rate.find('/');
  const auto channels = second == std::string_view::npos
                            ? std::optional<uint32_t>(1)
                            : ReadNumber<uint32_t>(rate.substr(second + 1));
  const auto clock_rate = ReadNumber<uint32_t>(rate.substr(0, second));
  if (!clock_rate || *clock_rate == 0 || !channels || *channels == 0) return;
  codec->name = words[1].substr(0, slash);
  codec->clock_rate = *clock_rate;
  codec->channels = *channels;
}

void Parser::ReadFormatParameters(std::string_view value) {
  const size_t space = value.find(' ');
  const auto payload_type = ReadNumber<uint8_t>(value.substr(0, space));
  Codec* codec =
      payload_type && space != std::string_view::npos ? FindCodec(*payload_type) : nullptr;
  if (codec && codec->fmtp.empty()) codec->fmtp = value.substr(space + 1);
}

}  // namespace

absl::StatusOr<Session> Parse(std::string_view text) { return Parser().Run(text); }

}  // namespace zvon::sdp
