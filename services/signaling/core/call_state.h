#pragma once
// Everything that is known of a call: what the snapshot keeps, but for the SIP
// dialogs and transactions, which the sip_legs of the server add.

#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "services/signaling/core/call_types.h"

namespace zvon::signaling {

enum class BranchState { kCalling = 0, kRinging = 1, kAnswered = 2, kEnded = 3 };

// One INVITE dialog (or would-be dialog) of a leg. An outgoing leg forks to
// all contacts of a user; at most one branch survives the answer.
struct Branch {
  std::string id;  // "<leg id>/<n>", n rising within the leg.
  BranchState state = BranchState::kCalling;
  DialContact contact;
};

enum class LegProgress {
  kWaitingMedia = 0,  // Outgoing: no local address to offer yet.
  kCalling = 1,       // INVITE received or sent, no final answer.
  kAnswered = 2,
  kEnded = 3,
};
enum class MediaAnchor {
  kNone = 0,      // No endpoint: media goes past us.
  kCreating = 1,  // Ordered, local address not known.
  kReady = 2,
  kClosing = 3,  // Deleted, its quality not told yet.
  kClosed = 4,
};

struct Leg {
  std::string id;  // UUIDv7; names the media endpoint, too.
  LegKind kind = LegKind::kCustomer;
  bool outgoing = false;
  LegProgress progress = LegProgress::kCalling;
  Party party;
  std::string agent_id;  // The user whose phone it is; may be empty.
  std::string trunk_id;
  std::vector<Branch> branches;
  int branches_made = 0;
  std::string branch;  // The live one; empty before an outgoing leg's answer.

  MediaAnchor media = MediaAnchor::kNone;
  std::string local_address;
  int local_port = 0;
  MediaDescription remote;
  std::string body;  // Last SDP of the far side; kept where media goes past us.

  bool early_wanted = false;  // 183 with SDP as soon as the media is ready.
  bool early_sent = false;
  bool answer_wanted = false;  // 200 as soon as the media is ready.
  bool ringing = false;        // 180/183 seen (outgoing) or sent (incoming).
  bool acked = false;
  bool held_by_phone = false;
  bool held_by_desktop = false;
  bool moving = false;           // Media lost; being made anew.
  bool reinvite_wanted = false;  // Its address changed before it could be told.
  bool reported = false;         // LegEnded was published.

  absl::Time start_time;
  absl::Time answer_time = absl::InfinitePast();
  absl::Time state_time;
  absl::Time end_time = absl::InfinitePast();
  EndCause cause = EndCause::kUnspecified;
  int sip_code = 0;
  MediaQuality quality;
  bool told_agent = false;  // An AgentCall was published for it.

  bool live() const { return progress != LegProgress::kEnded; }
  bool answered() const { return progress == LegProgress::kAnswered; }
  bool held() const { return held_by_phone || held_by_desktop; }
};

enum class RunState {
  kNone = 0,
  kStarting = 1,  // StartRun is to be sent or was; no command came yet.
  kRunning = 2,
  kLost = 3,  // Its stream broke; ResumeRun as soon as a replica is found.
  kEnded = 4,
};
struct Run {
  RunState state = RunState::kNone;
  std::string scenario_id;
  std::string replica;  // Address it is attached to; empty = to be found.
  std::string transfer_command_id;
  // The run must not hear of the queue: an agent put the call there.
  bool queue_is_agents = false;
};

enum class QueueState {
  kNone = 0,
  kWaiting = 1,
  kOffered = 2,    // An agent's phone is being rung.
  kAnswering = 3,  // The agent has answered; the router's word is awaited.
  kAssigned = 4,
};
struct QueueStay {
  QueueState state = QueueState::kNone;
  std::string queue_id;
  std::vector<std::string> skill_ids;
  int priority = 0;
  absl::Duration wait_max;
  absl::Time enqueue_time = absl::InfinitePast();  // Of the first entry; kept.
  std::map<std::string, std::string> customer_data;
  std::string offer_id;
  FencingToken token;
  absl::Time deadline = absl::InfiniteFuture();
  std::string agent_id;
};

enum class DialPurpose {
  kNone = 0,
  kOffer = 1,            // For an offer of the router.
  kDirect = 2,           // The caller waits for it, unanswered.
  kRunTransfer = 3,      // For the run; the caller hears what it plays.
  kAgentTransfer = 4,    // An agent sent the call away.
  kStartCallAgent = 5,   // The agent's own phone, first leg of StartCall.
  kStartCallNumber = 6,  // The number, second leg.
};
struct Dial {
  DialPurpose purpose = DialPurpose::kNone;
  std::string leg_id;
  std::vector<DialContact> fallbacks;  // Trunks not tried yet.
  std::string target;                  // As dialled, for events.
  std::string request_id;              // Of the command that waits for it.
  std::string referrer_branch;         // REFER's subscription to be told.
};

struct Playing {
  std::string leg_id;
  std::string play_id;
  std::vector<PlayItem> items;
  bool loop = false;
  bool stop_on_digit = false;
  bool ours = false;  // Hold music or ringing, not the run's.
  absl::Time start_time;
};

struct Recording {
  std::string id;  // Empty = none.
  std::string left_leg_id;
  std::string right_leg_id;
  std::string agent_id;
  absl::Time start_time;
};

enum class CallTimer {
  kDeadline = 1,   // Offer or ring time-out.
  kDuration = 2,   // Longest call.
  kSetup = 3,      // Unanswered caller.
  kAssigned = 4,   // The router's word after the agent's answer.
  kClosing = 5,    // Quality of closed endpoints.
  kApology = 6,    // Longest apology before the hang-up.
  kMediaMove = 7,  // The lost media node has not come back.
  kRunLost = 8,    // No replica takes the run.
};

enum class CallPhase { kLive = 0, kApologizing = 1, kClosing = 2, kFinished = 3 };

// Invariants: at most two legs are live, but while a dial is under way; the
// bridge names two live legs or none; a recording needs a bridge or
// a hold of one.
struct CallState {
  std::string call_id;
  std::string tenant_id;
  std::string interaction_id;
  CallDirection direction = CallDirection::kInbound;
  Party caller;
  std::string called_number;
  std::string trunk_id;
  std::string traceparent;
  absl::Time start_time;
  CallPhase phase = CallPhase::kLive;
  bool answered = false;
  EndCause cause = EndCause::kUnspecified;
  int sip_code = 0;
  std::deque<Leg> legs;    // Ended ones go when they have been reported.
  std::string media_node;  // Address of the media process; empty = none used.
  bool media_down = false;
  std::string bridge_left, bridge_right;  // Leg ids that talk (held or not).
  std::string talk_agent;                 // Of the talk, for events.
  bool assignment = false;                // The talk came by the router.
  Run run;
  QueueStay queue;
  Dial dial;
  Playing playing;
  Recording recording;
  std::string reoffer_branch;  // Waits for the other side's answer (media past us).
  std::map<std::pair<CallTimer, std::string>, absl::Time> timers;
  int64_t fact_sequence = 0;
  int64_t play_counter = 0;

  Leg* FindLeg(const std::string& id);
  const Leg* FindLeg(const std::string& id) const;
  Leg* LegOfBranch(const std::string& branch_id);
  Leg* LegOfAgent(const std::string& agent_id);  // Live ones only.
  Branch* FindBranch(const std::string& branch_id);
};

}  // namespace zvon::signaling
