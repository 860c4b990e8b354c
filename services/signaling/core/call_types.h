#pragma once
// Values that calls are made of. Numbers of the enums equal those of
// zvon.call.v1, zvon.events.v1 and zvon.media.v1 (checked in server/convert.cc).

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace zvon::signaling {

enum class LegKind { kUnspecified = 0, kCustomer = 1, kAgent = 2, kOther = 3 };
enum class CallDirection { kUnspecified = 0, kInbound = 1, kOutbound = 2, kInternal = 3 };
// What the outside is told of a leg.
enum class LegState { kUnspecified = 0, kRinging = 1, kAnswered = 2, kHeld = 3, kEnded = 4 };
enum class EndCause {
  kUnspecified = 0,
  kCustomerHangup = 1,
  kAgentHangup = 2,
  kScenarioHangup = 3,
  kTransferred = 4,
  kNoAnswer = 5,
  kBusy = 6,
  kRejected = 7,
  kUnreachable = 8,
  kCancelled = 9,
  kMediaTimeout = 10,
  kSessionTimeout = 11,
  kFailure = 12,
  kOverload = 13,
};
enum class Codec { kUnspecified = 0, kPcmu = 1, kPcma = 2 };
// As seen from us.
enum class Direction {
  kUnspecified = 0,
  kSendRecv = 1,
  kSendOnly = 2,
  kRecvOnly = 3,
  kInactive = 4
};

struct Party {
  std::string number;
  std::string display_name;
  bool operator==(const Party& other) const {
    return number == other.number && display_name == other.display_name;
  }
};

// The far side's media as negotiated. Port 0 or no address: not known yet.
struct MediaDescription {
  std::string address;
  int port = 0;
  Codec codec = Codec::kPcma;
  int payload_type = 8;
  int dtmf_payload_type = 0;
  absl::Duration packet_time = absl::Milliseconds(20);
  Direction direction = Direction::kSendRecv;
  bool known() const { return port != 0 && !address.empty(); }
  bool operator==(const MediaDescription& o) const {
    return address == o.address && port == o.port && codec == o.codec &&
           payload_type == o.payload_type && dtmf_payload_type == o.dtmf_payload_type &&
           packet_time == o.packet_time && direction == o.direction;
  }
};

// One of: a prompt, silence, a tone.
struct PlayItem {
  std::string prompt;
  absl::Duration silence;
  int tone_hz = 0;
  absl::Duration duration;  // Of a tone.
};

struct MediaQuality {
  uint64_t packets_received = 0;
  uint64_t packets_sent = 0;
  uint64_t packets_lost = 0;
  uint64_t packets_refused = 0;
  absl::Duration jitter;
};

// Never reused: the epoch rises with every leading router.
struct FencingToken {
  int64_t epoch = 0;
  int64_t counter = 0;
  bool operator<(const FencingToken& o) const {
    return epoch != o.epoch ? epoch < o.epoch : counter < o.counter;
  }
  bool operator==(const FencingToken& o) const { return epoch == o.epoch && counter == o.counter; }
};

// One way to reach somebody: a registered contact, or a trunk.
struct DialContact {
  std::string uri;   // Request-URI of the INVITE.
  std::string flow;  // Where to send it when not to the URI's host: "udp:10.0.0.1:5060".
  std::string trunk_id;
  bool direct_media = false;
};

// What a dialled number means.
struct DialTarget {
  enum class Kind { kNone, kScenario, kUser, kTrunks };
  Kind kind = Kind::kNone;
  std::string scenario_id;
  std::string user_id;
  // kTrunks: in order of trial.
  std::vector<DialContact> routes;
};

}  // namespace zvon::signaling
