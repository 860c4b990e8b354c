#pragma once
// Session descriptions (RFC 8866): our own parser and printer. sofia-sip's is
// never called (docs/adr: one packet hangs it).
//
//   absl::StatusOr<Session> s = Parse(body);  std::string text = Print(*s);
//
// Total: any bytes give a session or an error naming the line; time and memory
// are linear in the input (64 KiB and 200 media at most).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace zvon::sdp {

inline constexpr size_t kBytesMax = 65536;
inline constexpr size_t kMediaMax = 200;

enum class Direction : uint8_t { kSendRecv, kSendOnly, kRecvOnly, kInactive };
std::string_view DirectionName(Direction direction);
// What the answerer's side is called: sendonly ↔ recvonly.
Direction Reverse(Direction direction);

struct Connection {
  bool v6 = false;
  std::string address;  // Numeric or a name.
  friend bool operator==(const Connection&, const Connection&) = default;
};

struct Origin {
  std::string user = "-";
  uint64_t session_id = 0;
  uint64_t version = 0;
  Connection address;
  friend bool operator==(const Origin&, const Origin&) = default;
};

// a=name or a=name:value, in order, also those that are typed below.
struct Attribute {
  std::string name;
  std::string value;
  bool has_value = false;
  friend bool operator==(const Attribute&, const Attribute&) = default;
};

// A payload type with its rtpmap and fmtp; static types (RFC 3551) are filled
// in when they have no rtpmap.
struct Codec {
  int payload_type = -1;
  std::string name;  // As written; compare with EqualsName.
  uint32_t clock_rate = 0;
  uint32_t channels = 1;
  std::string fmtp;
  bool Is(std::string_view other_name, uint32_t rate) const;
  friend bool operator==(const Codec&, const Codec&) = default;
};

struct Media {
  std::string type;   // "audio"
  uint32_t port = 0;  // 0: refused or ended.
  uint32_t port_count = 1;
  std::string protocol;                  // "RTP/AVP", "UDP/TLS/RTP/SAVPF", "udp"
  std::vector<std::string> formats;      // Tokens after the protocol, as written.
  std::optional<Connection> connection;  // Own c= line; else the session's.
  std::vector<std::string> bandwidths;   // "AS:64"
  std::optional<Direction> direction;    // Own one; else the session's.
  std::vector<Attribute> attributes;     // All but rtpmap, fmtp, direction.
  std::vector<Codec> codecs;             // In the order of `formats`, RTP only.
  uint32_t ptime_ms = 0;                 // 0: not given.
  uint32_t maxptime_ms = 0;              // 0: not given.
  uint32_t rtcp_port = 0;                // a=rtcp; 0: port + 1.
  bool rtcp_mux = false;
  // Lines of this section that were not understood ("b= without colon"); such a
  // section is refused in the answer, the session goes on.
  std::string defect;

  bool is_rtp_audio() const;  // audio over RTP/AVP (plain RTP).
  const Attribute* Find(std::string_view name) const;
  friend bool operator==(const Media&, const Media&) = default;
};

struct Session {
  Origin origin;
  std::string name = "-";
  std::optional<Connection> connection;
  std::vector<std::string> bandwidths;
  std::optional<Direction> direction;
  std::vector<Attribute> attributes;  // All but the direction.
  std::vector<Media> media;

  const Connection* ConnectionOf(const Media& media) const;  // nullptr: none.
  Direction DirectionOf(const Media& media) const;
  friend bool operator==(const Session&, const Session&) = default;
};

absl::StatusOr<Session> Parse(std::string_view text);
// CRLF lines. What Parse gave prints to an equal session where no media line
// has a defect.
std::string Print(const Session& session);

}  // namespace zvon::sdp
