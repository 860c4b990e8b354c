#include "services/common/sdp/sdp.h"

namespace zvon::sdp {

namespace {

void AppendConnection(std::string& out, const Connection& connection) {
  out += connection.v6 ? "IN IP6 " : "IN IP4 ";
  out += connection.address;
  out += "\r\n";
}

void AppendAttribute(std::string& out, const Attribute& attribute) {
  out += "a=" + attribute.name;
  if (attribute.has_value) out += ":" + attribute.value;
  out += "\r\n";
}

void AppendDirection(std::string& out, const std::optional<Direction>& direction) {
  if (direction) out.append("a=").append(DirectionName(*direction)).append("\r\n");
}

void AppendCodec(std::string& out, const Codec& codec) {
  const std::string number = std::to_string(codec.payload_type);
  out += "a=rtpmap:" + number + " " + codec.name + "/" + std::to_string(codec.clock_rate);
  if (codec.channels != 1) out += "/" + std::to_string(codec.channels);
  out += "\r\n";
  if (!codec.fmtp.empty()) out += "a=fmtp:" + number + " " + codec.fmtp + "\r\n";
}

void AppendMedia(std::string& out, const Media& media) {
  out += "m=" + media.type + " " + std::to_string(media.port);
  if (media.port_count != 1) out += "/" + std::to_string(media.port_count);
  out += " " + media.protocol;
  for (const std::string& format : media.formats) out += " " + format;
  out += "\r\n";
  if (media.connection) AppendConnection(out += "c=", *media.connection);
  for (const std::string& bandwidth : media.bandwidths) out += "b=" + bandwidth + "\r\n";
  for (const Codec& codec : media.codecs) AppendCodec(out, codec);
  if (media.ptime_ms != 0 && !media.Find("ptime")) {
    out += "a=ptime:" + std::to_string(media.ptime_ms) + "\r\n";
  }
  for (const Attribute& attribute : media.attributes) AppendAttribute(out, attribute);
  AppendDirection(out, media.direction);
}

}  // namespace

std::string Print(const Session& session) {
  std::string out = "v=0\r\n";
  const Origin& o = session.origin;
  out += "o=" + o.user + " " + std::to_string(o.session_id) + " " + std::to_string(o.version) + " ";
  AppendConnection(out, o.address);
  out += "s=" + session.name + "\r\n";
  if (session.connection) AppendConnection(out += "c=", *session.connection);
  for (const std::string& bandwidth : session.bandwidths) out += "b=" + bandwidth + "\r\n";
  out += "t=0 0\r\n";
  for (const Attribute& attribute : session.attributes) AppendAttribute(out, attribute);
  AppendDirection(out, session.direction);
  for (const Media& media : session.media) AppendMedia(out, media);
  return out;
}

}  // namespace zvon::sdp
