#include "services/common/sdp/sdp.h"

#include <array>

#include "services/common/sdp/sdp_text.h"

namespace zvon::sdp {

namespace {

constexpr std::array<std::string_view, 4> kDirections = {"sendrecv", "sendonly", "recvonly",
                                                         "inactive"};

}  // namespace

std::string_view DirectionName(Direction direction) {
  return kDirections[static_cast<size_t>(direction)];
}

Direction Reverse(Direction direction) {
  if (direction == Direction::kSendOnly) return Direction::kRecvOnly;
  if (direction == Direction::kRecvOnly) return Direction::kSendOnly;
  return direction;
}

bool Codec::Is(std::string_view other_name, uint32_t rate) const {
  return clock_rate == rate && EqualsNoCase(name, other_name);
}

bool Media::is_rtp_audio() const {
  return EqualsNoCase(type, "audio") &&
         (EqualsNoCase(protocol, "RTP/AVP") || EqualsNoCase(protocol, "RTP/AVPF"));
}

const Attribute* Media::Find(std::string_view name) const {
  for (const Attribute& a : attributes) {
    if (EqualsNoCase(a.name, name)) return &a;
  }
  return nullptr;
}

const Connection* Session::ConnectionOf(const Media& m) const {
  if (m.connection) return &*m.connection;
  return connection ? &*connection : nullptr;
}

Direction Session::DirectionOf(const Media& m) const {
  return m.direction.value_or(direction.value_or(Direction::kSendRecv));
}

}  // namespace zvon::sdp
