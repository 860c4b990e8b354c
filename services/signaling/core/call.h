#pragma once
// A call: the state machine between SIP legs, media, the scenario run, the
// router and the agents' commands. Pure: inputs in, effects out.
//
//   Call call(BeginCall(...));
//   for (CallEffect& e : call.Handle(InviteReceived{...}, environment)) perform(e);
//   loop.RunAt(call.NextWakeup(), [] { call.Handle(TimerDue{}, environment); });
//
// Promises:
//  1. Effects are to be performed in order; the state at the end of Handle is
//     what the snapshot of this transition keeps.
//  2. An input that does not fit the state changes nothing; late and repeated
//     ones are the rule, not the exception.
//  3. After CallFinished no effect follows, whatever comes in.
//  4. Every leg that started is reported ended once; every recording likewise.
// Owned by the loop the call is pinned to. Not thread-safe.

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "services/signaling/core/call_effects.h"
#include "services/signaling/core/call_environment.h"
#include "services/signaling/core/call_inputs.h"
#include "services/signaling/core/call_state.h"

namespace zvon::signaling {

class Call {
 public:
  // New (ids, parties and direction set) or from a snapshot.
  explicit Call(CallState state);
  std::vector<CallEffect> Handle(const CallInput& input, const CallEnvironment& environment);
  // InfiniteFuture where nothing is set.
  absl::Time NextWakeup() const;
  const CallState& state() const { return state_; }
  bool finished() const { return state_.phase == CallPhase::kFinished; }
  // The first live leg with the customer's role.
  const Leg* Customer() const;

 private:
  // call_setup.cc: how a call begins.
  void On(const InviteReceived& in);
  void On(const StartCallOrdered& in);
  void On(const EndpointReady& in);
  void On(const BranchAcked& in);
  void On(const BranchCancelled& in);
  bool Anchor(Leg& leg);
  void AnswerCaller();
  void SendEarly(Leg& leg);
  void RejectCaller(int code, EndCause cause);

  // call_dial.cc: ringing somebody.
  struct DialOrder;
  bool StartDial(DialOrder order);
  void InviteBranches(Leg& leg);
  void AddBranch(Leg& leg, const DialContact& contact);
  void On(const BranchProgress& in);
  void On(const BranchAnswered& in);
  void On(const BranchFailed& in);
  void DialAnswered(Leg& leg);
  void DialFailed(Leg& leg, EndCause cause, int code);
  void GiveUpDial(EndCause cause, int code);
  void StopDial(EndCause cause);
  void DialNumberForAgent(Leg& agent_leg);

  // call_run.cc: the scenario run.
  void On(const RunCommandReceived& in);
  void On(const RunReplicaLost& in);
  void On(const RunReplicaUp& in);
  void On(const PlayFinished& in);
  void On(const DigitHeard& in);
  void On(const BranchDigit& in);
  void AttachRun();
  bool RunListens() const;
  void TellRun(RunOrder order);
  void RunPlay(const RunCommandReceived& in);
  void RunTransfer(const RunCommandReceived& in);
  void RunEnds();
  void RunGivenUp();
  void FailRunCommand(const std::string& command_id, int code, const std::string& message);

  // call_queue.cc: the router.
  void On(const QueuePositionTold& in);
  void On(const EnqueueRefused& in);
  void On(const OfferReceived& in);
  void On(const OfferRevoked& in);
  void On(const AgentAssigned& in);
  void On(const WaitExpired& in);
  void On(const RouterUp& in);
  void EnterQueue(const std::string& queue_id, std::vector<std::string> skill_ids, int priority,
                  absl::Duration wait_max);
  void SendEnqueue(bool republished);
  void SendOfferProgress(RoutingOrder::Progress progress, const std::string& message);
  void OfferOver();
  void QueueOver(RunOrder::QueueOutcome outcome, const std::string& message);
  void LeaveQueue(RoutingOrder::Outcome outcome);

  // call_talk.cc: two legs that hear each other.
  void On(const BranchOffer& in);
  void On(const ReinviteDone& in);
  void Connect(Leg& left, Leg& right);
  void StartRecording(const Leg& left, const Leg& right);
  void EndTalk(const std::string& cause);
  void ApplyHold(Leg& leg, bool was_held);
  void HoldMusic(Leg& leg);
  void Ringback(Leg& leg);
  void StopOwnPlay(Leg& leg);
  void PlayOwn(Leg& leg, std::vector<PlayItem> items, bool loop);
  Leg* Partner(const Leg& leg);
  bool Talking() const { return !state_.bridge_left.empty(); }

  // call_control.cc: agents' commands, REFER.
  void On(const AgentCommand& in);
  void On(const BranchRefer& in);
  void DoHold(Leg& leg, const AgentCommand& in, bool hold);
  struct TransferTarget;
  TransferTarget FindTransferTarget(const AgentCommand& in) const;
  void Transfer(Leg& leg, const TransferTarget& target);
  void Finish(const std::string& request_id, int code, const std::string& message);
  void TellAgent(Leg& leg);

  // call_media.cc: faults of media.
  void On(const MediaTimedOut& in);
  void On(const MediaFailed& in);
  void On(const MediaNodeLost& in);
  void On(const MediaNodeKept& in);
  void MoveMedia(const std::string& node);
  void MediaMoveDue();

  // call_end.cc: endings.
  void On(const BranchBye& in);
  void On(const BranchLost& in);
  void On(const EndpointClosed& in);
  void EndLeg(Leg& leg, EndCause cause, int code, bool by_peer);
  void LegGone(Leg& leg, EndCause cause);
  void FinishCall(EndCause cause, int code);
  void Apologize(EndCause cause);
  void Finalize();
  void ReportLeg(Leg& leg);

  // call.cc
  void On(const TimerDue& in);
  void TimerFired(CallTimer timer, const std::string& leg_id);
  void SetTimer(CallTimer timer, absl::Duration delay, const std::string& leg_id = "");
  void CancelTimer(CallTimer timer, const std::string& leg_id = "");
  void Emit(CallEffect effect) { effects_.push_back(std::move(effect)); }
  void Respond(const Leg& leg, int code, SdpPart sdp = {});
  void Order(MediaOrder::Kind kind, const std::string& endpoint_id);
  Fact& AddFact(Fact::Kind kind);
  SdpPart LocalSdp(const Leg& leg, Direction direction = Direction::kSendRecv) const;
  Leg* CustomerLeg();
  void SetState(Leg& leg) { leg.state_time = now(); }
  absl::Time now() const { return environment_->Now(); }
  std::string NewId() const { return MakeId(now(), environment_->Random()); }

  CallState state_;
  const CallEnvironment* environment_ = nullptr;  // Only within Handle.
  std::vector<CallEffect> effects_;
};

}  // namespace zvon::signaling
