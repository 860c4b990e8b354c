#pragma once
// Offer and answer (RFC 3264) for one audio stream of PCMA, PCMU and
// telephone-event: what a contact centre's media plane speaks today.
//
// Pure values: the call layer keeps a Local per leg, in its snapshot too.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/common/sdp/sdp.h"

namespace zvon::sdp {

// Our side of a leg: where its RTP arrives and how its o= line counts.
struct Local {
  std::string address;      // Numeric, for o= and c=.
  uint16_t port = 0;        // RTP; RTCP is port + 1.
  uint64_t session_id = 0;  // Never changes in a dialog.
  uint64_t version = 0;     // Grows by one per changed description; see Print functions.
  std::string last_body;    // Last description sent; an equal one keeps its version.
  friend bool operator==(const Local&, const Local&) = default;
};

struct Preferences {
  // PCMA, PCMU, best first in offers; an answer follows the offer's order.
  std::vector<std::string> codecs = {"PCMA", "PCMU"};
  uint32_t ptime_ms = 20;
  bool telephone_event = true;
};

// What both sides agreed on.
struct Agreement {
  std::string codec;           // "PCMA" or "PCMU"
  int payload_type = -1;       // To send with, as the peer numbered it.
  int dtmf_payload_type = -1;  // -1: none; DTMF in-band or by INFO.
  uint32_t dtmf_clock_rate = 8000;
  uint32_t ptime_ms = 20;      // To send with.
  std::string remote_address;  // May be a name (FQDN in c=); numeric otherwise.
  uint16_t remote_port = 0;
  uint16_t remote_rtcp_port = 0;
  // Ours: what we may do. kRecvOnly or kInactive: do not send.
  Direction direction = Direction::kSendRecv;
  // The peer holds us: sendonly, inactive, or the address 0.0.0.0.
  bool held_by_peer = false;
  size_t media_index = 0;  // Which m-line of the description.
  friend bool operator==(const Agreement&, const Agreement&) = default;
};

// First offer or re-offer. `direction`: ours; kSendOnly or kInactive holds the
// peer. `keep`: the description last agreed on, whose m-lines stay in place
// (refused ones with port 0) and whose payload types are kept; may be null.
std::string MakeOffer(Local& local, const Preferences& preferences, Direction direction,
                      const Session* keep = nullptr, const Agreement* agreed = nullptr);

struct Answered {
  std::string body;
  Agreement agreement;
};
// Answers an offer: same m-lines in the same order, all but the first usable
// audio one refused with port 0. InvalidArgumentError: no usable audio (488);
// `local` is then unchanged. `direction` is what we want, cut to what the
// offer allows.
absl::StatusOr<Answered> MakeAnswer(const Session& offer, Local& local,
                                    const Preferences& preferences,
                                    Direction direction = Direction::kSendRecv);

// Reads the answer to our offer. InvalidArgumentError when it refuses the
// stream, has other m-lines than the offer, or no codec that was offered.
absl::StatusOr<Agreement> ReadAnswer(const Session& offer, const Session& answer);

// True when the description holds its receiver (first audio line).
bool IsHold(const Session& session);

// RFC 3261 section 20.43: Warning value for a 488, e.g.
// `304 zvon "Media type not available"`.
std::string WarningFor(const absl::Status& status);

}  // namespace zvon::sdp
