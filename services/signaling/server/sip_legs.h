#pragma once
// The SIP side of calls: carries out their SIP effects and tells them what
// their peers sent. Knows dialogs, transactions and SDP; decides nothing.

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "services/common/executor/task_runner.h"
#include "services/common/ids/ids.h"
#include "services/signaling/core/call_inputs.h"
#include "services/signaling/core/dial_plan.h"
#include "services/signaling/ports/call_ports.h"
#include "services/signaling/server/sip_branch.h"

namespace zvon::signaling {

class SipLegs final : public SipPort {
 public:
  struct Options {
    std::string domain = "zvon";  // Host part of From in our INVITEs.
    sip::SessionTimer::Options session;
    absl::Duration t1 = absl::Milliseconds(500);
  };
  // Both run on the loop.
  using Sink = std::function<void(const std::string& call_id, CallInput)>;
  using TrunkOf = std::function<const TrunkSettings*(const std::string& tenant_id,
                                                     const std::string& trunk_id)>;
  SipLegs(Options options, sip::SipEndpoint& endpoint, TaskRunner& runner, RandomSource random,
          Sink sink, TrunkOf trunk_of);
  ~SipLegs() override;

  // A new INVITE becomes the first branch of a call. A refusal to be sent, or
  // nothing and `input` filled with what the call must know.
  std::optional<sip::OutResponse> Begin(const CallState& call, sip::ServerId id,
                                        const sip::Message& invite, const sip::Flow& flow,
                                        InviteReceived* input);
  // An in-dialog request; false where no dialog here has it.
  bool OnRequest(sip::ServerId id, const sip::Message& request, const sip::Flow& flow);
  void OnCancel(sip::ServerId invite);
  void OnAck(sip::ServerId invite, const sip::Message& ack);
  void OnAckMissing(sip::ServerId invite);

  void Respond(const CallState& call, const SendResponse& effect) override;
  void Invite(const CallState& call, const SendInvite& effect) override;
  void Cancel(const CancelInvite& effect) override;
  void Bye(const SendBye& effect) override;
  void Reinvite(const SendReinvite& effect) override;
  void Answer(const AnswerOffer& effect) override;
  void Talk(const NotifyTalk& effect) override;
  void Refer(const AnswerRefer& effect) override;
  void Notify(const NotifyRefer& effect) override;
  std::string Snapshot(const CallState& call) override;
  void Restore(const CallState& call, const std::string& snapshot) override;
  void Forget(const CallState& call) override;
  // Our tags name the tenant and the call, so that any replica that gets an
  // in-dialog request finds the snapshot: "<call id>.<tenant>.<chance>".
  static std::string MakeTag(const CallState& call, const RandomSource& random);
  static bool ParseTag(std::string_view tag, std::string* tenant_id, std::string* call_id);
  // True where the SIP half of a snapshot holds that dialog.
  static bool HasDialog(const std::string& snapshot, const sip::DialogId& id);
  size_t size() const { return branches_.size(); }

 private:
  using Outcome = sip::Outcome;
  SipBranch* Find(const std::string& branch_id);
  SipBranch* FindByServer(sip::ServerId id);
  SipBranch* FindByDialog(const sip::Message& request);
  SipBranch& Add(const std::string& branch_id, const CallState& call);
  void Erase(const std::string& branch_id);
  void IndexDialog(SipBranch& branch);
  void Feed(const SipBranch& branch, CallInput input) { sink_(branch.call_id, std::move(input)); }

  // sip_legs_uas.cc
  void SendFinal(SipBranch& branch, const SendResponse& effect);
  std::string AnswerBody(SipBranch& branch, const SdpPart& part);
  void SendProvisional(SipBranch& branch, sip::OutResponse response);
  void ArmReliable(SipBranch& branch);
  void OnOffer(SipBranch& branch, sip::ServerId id, const sip::Message& request);
  void OnPrack(SipBranch& branch, sip::ServerId id, const sip::Message& request);
  void OnInfo(SipBranch& branch, sip::ServerId id, const sip::Message& request);
  void OnRefer(SipBranch& branch, sip::ServerId id, const sip::Message& request);
  void Reply(sip::ServerId id, int code);

  // sip_legs_uac.cc
  void SendInviteRequest(SipBranch& branch);
  void OnInviteOutcome(const std::string& branch_id, const Outcome& outcome);
  void OnInviteAnswered(SipBranch& branch, const Outcome& outcome);
  bool TryAgain(SipBranch& branch, const Outcome& outcome);
  void RequestInDialog(SipBranch& branch, sip::OutRequest request,
                       std::function<void(const Outcome&)> done);
  sip::Destination DestinationOf(const sip::Dialog& dialog) const;
  void OnReinviteOutcome(const std::string& branch_id, uint32_t cseq, const SendReinvite& effect,
                         const Outcome& outcome);
  std::string OfferBody(SipBranch& branch, const SdpPart& part);
  // What the peer's answer to our offer says; unknown where it is unusable.
  MediaDescription ReadAnswerOf(const SipBranch& branch, const sip::Message& message) const;
  void ArmSession(SipBranch& branch);
  void SessionDue(const std::string& branch_id);

  Options options_;
  sip::SipEndpoint& endpoint_;
  TaskRunner& runner_;
  RandomSource random_;
  Sink sink_;
  TrunkOf trunk_of_;
  absl::flat_hash_map<std::string, std::unique_ptr<SipBranch>> branches_;
  absl::flat_hash_map<sip::ServerId, std::string> by_server_;
  absl::flat_hash_map<sip::DialogId, std::string> by_dialog_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

// Conversions between SDP's words and the core's.
MediaDescription ToMedia(const sdp::Agreement& agreement);
sdp::Direction ToSdp(Direction direction);
sdp::Preferences PreferencesOf(const TrunkSettings* trunk);

}  // namespace zvon::signaling
