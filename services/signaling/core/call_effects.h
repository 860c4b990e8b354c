#pragma once
// What a call wants done, in order, as values. See call.h.

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "services/signaling/core/call_types.h"

namespace zvon::signaling {

// SDP of a message: none, ours (made from the leg's local address), or the
// other side's as it came (media past us).
struct SdpPart {
  bool present = false;
  std::string verbatim;
  std::string address;
  int port = 0;
  Direction direction = Direction::kSendRecv;
};

// --- SIP.
struct SendResponse {  // To the INVITE of an incoming branch.
  std::string branch_id;
  int code = 100;
  SdpPart sdp;
  absl::Duration retry_after;  // 0 = none.
};
struct SendInvite {
  std::string branch_id;
  std::string leg_id;
  DialContact contact;
  Party from;
  std::string interaction_id;  // X-Zvon-Interaction-Id, agents' phones only.
  SdpPart sdp;
};
struct CancelInvite {
  std::string branch_id;
  bool answered_elsewhere = false;
};
struct SendBye {
  std::string branch_id;
  EndCause cause = EndCause::kUnspecified;
};
struct SendReinvite {
  std::string branch_id;
  SdpPart sdp;
};
struct AnswerOffer {  // To BranchOffer.
  std::string branch_id;
  int code = 200;
  SdpPart sdp;
};
struct NotifyTalk {  // Event: talk makes the phone answer.
  std::string branch_id;
};
struct AnswerRefer {
  std::string branch_id;
  int code = 202;
};
struct NotifyRefer {
  std::string branch_id;
  int code = 100;
  bool last = false;
};

// --- Media.
struct MediaOrder {
  enum class Kind {
    kCreateEndpoint,
    kUpdateEndpoint,
    kDeleteEndpoint,
    kPlay,
    kStopPlay,
    kBridge,
    kUnbridge,
    kStartRecording,
    kStopRecording,
    kSendDigits,
    kEcho,
    kDeleteCall,
  };
  Kind kind = Kind::kCreateEndpoint;
  std::string endpoint_id;
  std::string other_endpoint_id;
  std::string object_id;  // Play or recording.
  MediaDescription remote;
  int port = 0;
  std::vector<PlayItem> items;
  bool loop = false;
  bool stop_on_digit = false;
  absl::Duration offset;
  std::string agent_id;
  std::string digits;
};

// --- Scenario.
struct RunOrder {
  enum class Kind {
    kStart,
    kResume,
    kAnswered,
    kPlayFinished,
    kDigit,
    kQueueProgress,
    kQueueEnded,
    kTransferEnded,
    kCallEnded,
    kCommandFailed,
  };
  enum class QueueOutcome {
    kUnspecified = 0,
    kConnected = 1,
    kTimedOut = 2,
    kRefused = 3,
    kTalkEnded = 4
  };
  Kind kind = Kind::kStart;
  std::string replica;
  std::string play_id;
  bool by_digit = false;
  bool failed = false;
  std::string digit;
  int position = 0;
  absl::Duration waited;
  QueueOutcome outcome = QueueOutcome::kUnspecified;
  std::string agent_id;
  std::string message;
  bool connected = false;
  bool answered = false;
  bool queued = false;
  EndCause cause = EndCause::kUnspecified;
  std::string command_id;
  int code = 0;
};

// --- Routing.
struct RoutingOrder {
  enum class Kind { kEnqueue, kWithdraw, kOfferProgress, kAssignmentEnded };
  // Numbers of OfferProgress.Progress and QueueEntryOutcome.
  enum class Progress {
    kUnspecified = 0,
    kRinging = 1,
    kAnswered = 2,
    kDeclined = 3,
    kFailed = 4,
    kExpired = 5
  };
  enum class Outcome { kUnspecified = 0, kAbandoned = 2, kFlowedOut = 3 };
  Kind kind = Kind::kEnqueue;
  bool republished = false;
  std::string assigned_agent_id;
  Outcome outcome = Outcome::kUnspecified;
  std::string offer_id;
  FencingToken token;
  Progress progress = Progress::kUnspecified;
  std::string message;
  std::string agent_id;
  std::string cause;
};

// --- Agents.
// The leg's part in the call changed; the shell tells the watching gateways.
struct AgentCallChanged {
  std::string leg_id;
};
struct CommandDone {
  std::string request_id;
  int code = 0;  // google.rpc.Code.
  std::string message;
};

// --- Facts, for Kafka.
struct Fact {
  enum class Kind {
    kCallStarted,
    kCallAnswered,
    kCallEnded,
    kLegStarted,
    kLegAnswered,
    kLegEnded,
    kHoldStarted,
    kHoldEnded,
    kCallTransferred,
    kLegsBridged,
    kRecordingStarted,
    kRecordingEnded,
    kMediaMoved,
  };
  Kind kind = Kind::kCallStarted;
  absl::Time time;
  int64_t sequence = 0;
  std::string agent_id;
  std::string leg_id;
  std::string other_leg_id;
  LegKind leg_kind = LegKind::kUnspecified;
  std::string text;  // Number of a leg, target of a transfer.
  EndCause cause = EndCause::kUnspecified;
  int sip_code = 0;
  MediaQuality quality;
  std::string recording_id;
  absl::Duration length;
  bool succeeded = false;
};

// Nothing is left: forget the call, delete its snapshot.
struct CallFinished {};

using CallEffect =
    std::variant<SendResponse, SendInvite, CancelInvite, SendBye, SendReinvite, AnswerOffer,
                 NotifyTalk, AnswerRefer, NotifyRefer, MediaOrder, RunOrder, RoutingOrder,
                 AgentCallChanged, CommandDone, Fact, CallFinished>;

}  // namespace zvon::signaling
