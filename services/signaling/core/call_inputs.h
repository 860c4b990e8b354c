#pragma once
// What happens to a call, as values. See call.h.

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "services/signaling/core/call_types.h"

namespace zvon::signaling {

// An INVITE that passed admission and the dial plan; the first input.
struct InviteReceived {
  std::string branch_id;  // Given by the SIP side; "<leg id>/0".
  std::string leg_id;
  LegKind kind = LegKind::kCustomer;
  std::string agent_id;  // Caller is this user's phone.
  DialTarget target;
  MediaDescription remote;  // !known(): INVITE without SDP.
  std::string body;
};
// First input of a call that an agent starts from the desktop.
struct StartCallOrdered {
  std::string request_id;
  std::string agent_id;
  std::string number;
};

// --- SIP, by branch.
struct BranchProgress {  // 18x to our INVITE.
  std::string branch_id;
  int code = 180;
  MediaDescription remote;  // Of early media.
  std::string body;
};
struct BranchAnswered {  // 2xx; the ACK has gone out.
  std::string branch_id;
  MediaDescription remote;
  std::string body;
};
struct BranchFailed {  // 3xx-6xx, or 408/503 made up for time-out/transport.
  std::string branch_id;
  int code = 0;
  std::string reason;
};
struct BranchAcked {  // ACK of our 200; with the answer where we offered.
  std::string branch_id;
  MediaDescription remote;
  std::string body;
};
struct BranchCancelled {
  std::string branch_id;
};
struct BranchBye {
  std::string branch_id;
};
struct BranchLost {  // No ACK, session timer, 481 or 408 within the dialog.
  std::string branch_id;
  EndCause cause = EndCause::kSessionTimeout;
  int code = 408;
};
// re-INVITE or UPDATE with an offer; the answer is effect AnswerOffer.
struct BranchOffer {
  std::string branch_id;
  MediaDescription remote;  // Direction as seen from us.
  std::string body;
};
// Outcome of effect SendReinvite.
struct ReinviteDone {
  std::string branch_id;
  int code = 200;
  MediaDescription remote;
  std::string body;
};
struct BranchRefer {
  std::string branch_id;
  std::string number;
};
struct BranchDigit {  // INFO with application/dtmf-relay.
  std::string branch_id;
  std::string digit;
};

// --- Media.
struct EndpointReady {
  std::string endpoint_id;
  std::string address;
  int port = 0;
};
struct EndpointClosed {
  std::string endpoint_id;
  MediaQuality quality;
};
struct PlayFinished {
  std::string endpoint_id;
  std::string play_id;
  bool by_digit = false;
  bool failed = false;
  bool stopped = false;
};
struct DigitHeard {
  std::string endpoint_id;
  std::string digit;
};
struct MediaTimedOut {
  std::string endpoint_id;
};
struct MediaFailed {
  std::string command;
  std::string endpoint_id;
  std::string message;
};
// The call's node went away, or came back without this call.
struct MediaNodeLost {
  bool emptied = false;
};
// The node is there and knows the call.
struct MediaNodeKept {};

// --- Scenario.
struct RunCommandReceived {
  enum class Kind {
    kAnswer,
    kPlay,
    kStopPlay,
    kEnqueue,
    kLeaveQueue,
    kTransfer,
    kHangUp,
    kEcho,
    kEnd,
    kRefused,
  };
  Kind kind = Kind::kAnswer;
  std::string command_id;
  std::string play_id;
  std::vector<PlayItem> items;
  bool loop = false;
  bool stop_on_digit = false;
  std::string queue_id;
  std::vector<std::string> skill_ids;
  int priority = 0;
  absl::Duration wait_max;
  std::map<std::string, std::string> customer_data;
  std::string number;
  std::string user_id;
  absl::Duration ring_timeout;
  std::string message;
};
struct RunReplicaLost {
  std::string replica;
};
// Some replica is up (again): attach what hangs.
struct RunReplicaUp {};

// --- Routing.
struct QueuePositionTold {
  int position = 0;
};
struct EnqueueRefused {
  std::string message;
};
struct OfferReceived {
  std::string offer_id;
  FencingToken token;
  std::string queue_id;
  std::string agent_id;
  absl::Time deadline;
};
struct OfferRevoked {
  std::string offer_id;
};
struct AgentAssigned {
  std::string offer_id;
  std::string agent_id;
};
struct WaitExpired {};
// A leading router greeted us: tell it what we hold.
struct RouterUp {};

// --- Agents' commands.
struct AgentCommand {
  enum class Kind { kAnswer, kHold, kResume, kHangUp, kBlindTransfer, kSendDigits };
  Kind kind = Kind::kAnswer;
  std::string request_id;
  std::string agent_id;
  std::string number, queue_id, target_agent_id;  // Of a transfer: one of them.
  std::string digits;
};

struct TimerDue {};

using CallInput =
    std::variant<InviteReceived, StartCallOrdered, BranchProgress, BranchAnswered, BranchFailed,
                 BranchAcked, BranchCancelled, BranchBye, BranchLost, BranchOffer, ReinviteDone,
                 BranchRefer, BranchDigit, EndpointReady, EndpointClosed, PlayFinished, DigitHeard,
                 MediaTimedOut, MediaFailed, MediaNodeLost, MediaNodeKept, RunCommandReceived,
                 RunReplicaLost, RunReplicaUp, QueuePositionTold, EnqueueRefused, OfferReceived,
                 OfferRevoked, AgentAssigned, WaitExpired, RouterUp, AgentCommand, TimerDue>;

}  // namespace zvon::signaling
