// What peers send us: the INVITE of a call, and requests within dialogs.

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "services/common/telemetry/log.h"
#include "services/signaling/server/sip_legs.h"

namespace zvon::signaling {
namespace {

constexpr char kAllow[] =
    "INVITE, ACK, BYE, CANCEL, OPTIONS, PRACK, UPDATE, INFO, REFER, NOTIFY, REGISTER";

sip::OutResponse Refusal(int code) {
  sip::OutResponse response;
  response.code = code;
  return response;
}
sip::OutResponse Refusal(int code, const absl::Status& why) {
  sip::OutResponse response = Refusal(code);
  response.headers.Add("Warning", sdp::WarningFor(why));
  return response;
}
bool AllowsUpdate(const sip::Message& message) {
  for (std::string_view method : message.allow()) {
    if (method == "UPDATE") return true;
  }
  return false;
}
// "Signal=5" of application/dtmf-relay, or the digit alone.
std::string DigitOf(std::string_view body) {
  const size_t at = body.find("Signal");
  if (at != std::string_view::npos)
    body = body.substr(body.find('=', at) == std::string_view::npos ? body.size()
                                                                    : body.find('=', at) + 1);
  for (char c : body) {
    if (std::string_view("0123456789*#ABCD").find(c) != std::string_view::npos)
      return std::string(1, c);
    if (c != ' ' && c != '\t') break;
  }
  return "";
}

}  // namespace

void SipLegs::Reply(sip::ServerId id, int code) { endpoint_.Respond(id, Refusal(code)); }

std::optional<sip::OutResponse> SipLegs::Begin(const CallState& call, sip::ServerId id,
                                               const sip::Message& invite, const sip::Flow& flow,
                                               InviteReceived* input) {
  sdp::Preferences preferences = PreferencesOf(trunk_of_(call.tenant_id, call.trunk_id));
  std::optional<sdp::Session> offer;
  if (invite.has_sdp() || !invite.sdp().empty()) {
    auto parsed = sdp::Parse(invite.sdp());
    if (!parsed.ok()) return Refusal(400, parsed.status());
    // The local address does not matter for what is agreed on.
    sdp::Local probe{"0.0.0.0", 9, 1, 1, ""};
    auto answered = sdp::MakeAnswer(*parsed, probe, preferences);
    if (!answered.ok()) return Refusal(488, answered.status());
    input->remote = ToMedia(answered->agreement);
    input->body = std::string(invite.sdp());
    offer = *std::move(parsed);
  }
  sip::SessionTimer session(options_.session);
  if (const int code = session.ReceiveRequest(invite); code != 0) {
    sip::OutResponse response = Refusal(code);
    session.AddToRefusal(response.headers);
    return response;
  }
  SipBranch& branch = Add(input->branch_id, call);
  branch.trunk_id = call.trunk_id;
  branch.session = session;
  branch.preferences = std::move(preferences);
  branch.remote_offer = std::move(offer);
  branch.invite_server = id;
  branch.to_tag = MakeTag(call, random_);
  branch.peer_allows_update = AllowsUpdate(invite);
  branch.dialog =
      sip::Dialog::Accept(invite, branch.to_tag, endpoint_.ContactFor(flow, "zvon"), flow);
  if (invite.Requires("100rel")) {
    branch.reliable = std::make_unique<sip::ReliableSender>(
        static_cast<uint32_t>(random_() % 0x7fffffff) + 1, invite.cseq().number, options_.t1);
  }
  by_server_[id] = branch.id;
  IndexDialog(branch);
  return std::nullopt;
}

void SipLegs::Respond(const CallState&, const SendResponse& effect) {
  SipBranch* branch = Find(effect.branch_id);
  if (branch == nullptr || branch->invite_server == 0) return;
  if (effect.code >= 200) {
    // RFC 3262 section 5: no 2xx while an offer or answer awaits its PRACK.
    if (effect.code < 300 && branch->reliable != nullptr && !branch->reliable->idle()) {
      branch->final_waits = effect;
      return;
    }
    return SendFinal(*branch, effect);
  }
  sip::OutResponse response = Refusal(effect.code);
  if (effect.code == 100) return endpoint_.Respond(branch->invite_server, response);
  response.to_tag = branch->to_tag;
  response.contact = branch->dialog->contact();
  response.headers.Add("Allow", kAllow);
  if (effect.sdp.present) {
    response.body = AnswerBody(*branch, effect.sdp);
    response.content_type = "application/sdp";
  }
  SendProvisional(*branch, std::move(response));
}

void SipLegs::SendProvisional(SipBranch& branch, sip::OutResponse response) {
  if (branch.reliable == nullptr) return endpoint_.Respond(branch.invite_server, response);
  if (auto now = branch.reliable->Send(std::move(response), runner_.Now())) {
    endpoint_.Respond(branch.invite_server, *now);
  }
  ArmReliable(branch);
}

void SipLegs::ArmReliable(SipBranch& branch) {
  runner_.Cancel(branch.reliable_timer);
  branch.reliable_timer = 0;
  const absl::Time next =
      branch.reliable == nullptr ? absl::InfiniteFuture() : branch.reliable->NextWakeup();
  if (next == absl::InfiniteFuture()) return;
  branch.reliable_timer = runner_.RunAt(next, [this, id = branch.id] {
    SipBranch* found = Find(id);
    if (found == nullptr || found->reliable == nullptr) return;
    found->reliable_timer = 0;
    if (auto again = found->reliable->Tick(runner_.Now()))
      endpoint_.Respond(found->invite_server, *again);
    if (found->reliable->failed()) return Feed(*found, BranchCancelled{id});
    ArmReliable(*found);
  });
}

void SipLegs::SendFinal(SipBranch& branch, const SendResponse& effect) {
  sip::OutResponse response = Refusal(effect.code);
  response.to_tag = branch.to_tag;
  if (branch.reliable != nullptr) branch.reliable->Stop();
  if (effect.retry_after > absl::ZeroDuration()) {
    response.headers.Add("Retry-After",
                         static_cast<uint64_t>(absl::ToInt64Seconds(effect.retry_after)));
  }
  if (effect.code >= 300) {
    endpoint_.Respond(branch.invite_server, response);
    return Erase(branch.id);
  }
  response.contact = branch.dialog->contact();
  response.headers.Add("Allow", kAllow).Add("Supported", "timer, 100rel");
  branch.session.AddToAnswer(response.headers, runner_.Now());
  if (effect.sdp.present) {
    response.body = AnswerBody(branch, effect.sdp);
    response.content_type = "application/sdp";
  }
  branch.dialog->Confirm();
  branch.confirmed = true;
  endpoint_.Respond(branch.invite_server, response);
  ArmSession(branch);
}

// The answer to the peer's offer, or our offer where it made none.
std::string SipLegs::AnswerBody(SipBranch& branch, const SdpPart& part) {
  if (!part.verbatim.empty()) return part.verbatim;
  branch.local.address = part.address;
  branch.local.port = static_cast<uint16_t>(part.port);
  if (branch.remote_offer) {
    auto answered = sdp::MakeAnswer(*branch.remote_offer, branch.local, branch.preferences,
                                    ToSdp(part.direction));
    if (answered.ok()) return answered->body;
    LogError("an accepted offer cannot be answered", {{"call_id", branch.call_id}});
    return "";
  }
  return OfferBody(branch, part);
}

bool SipLegs::OnRequest(sip::ServerId id, const sip::Message& request, const sip::Flow& flow) {
  SipBranch* branch = FindByDialog(request);
  if (branch == nullptr || !branch->dialog) return false;
  if (const int code = branch->dialog->ReceiveRequest(request); code != 0) {
    Reply(id, code);
    return true;
  }
  // A stream that the peer opened anew is the way back from now on.
  if (sip::IsReliable(flow.protocol)) branch->dialog->set_flow(flow);
  switch (request.method()) {
    case sip::Method::kBye: {
      Reply(id, 200);
      const std::string branch_id = branch->id;
      branch->dialog->Terminate();
      Feed(*branch, BranchBye{branch_id});
      Erase(branch_id);
      return true;
    }
    case sip::Method::kInvite:
    case sip::Method::kUpdate:
      OnOffer(*branch, id, request);
      return true;
    case sip::Method::kPrack:
      OnPrack(*branch, id, request);
      return true;
    case sip::Method::kInfo:
      OnInfo(*branch, id, request);
      return true;
    case sip::Method::kRefer:
      OnRefer(*branch, id, request);
      return true;
    case sip::Method::kNotify:
    case sip::Method::kOptions:
      Reply(id, 200);
      return true;
    default:
      Reply(id, 405);
      return true;
  }
}

void SipLegs::OnOffer(SipBranch& branch, sip::ServerId id, const sip::Message& request) {
  const bool is_invite = request.method() == sip::Method::kInvite;
  if (branch.offer_server != 0 || branch.reinvite_pending) return Reply(id, 491);
  if (const int code = branch.session.ReceiveRequest(request); code != 0) {
    sip::OutResponse response = Refusal(code);
    branch.session.AddToRefusal(response.headers);
    return endpoint_.Respond(id, response);
  }
  BranchOffer input;
  input.branch_id = branch.id;
  branch.remote_offer.reset();
  if (!request.sdp().empty()) {
    auto offer = sdp::Parse(request.sdp());
    if (!offer.ok()) return endpoint_.Respond(id, Refusal(400, offer.status()));
    sdp::Local probe = branch.local;
    if (probe.address.empty()) probe.address = "0.0.0.0";
    auto answered = sdp::MakeAnswer(*offer, probe, branch.preferences);
    if (!answered.ok()) return endpoint_.Respond(id, Refusal(488, answered.status()));
    input.remote = ToMedia(answered->agreement);
    input.body = std::string(request.sdp());
    branch.remote_offer = *std::move(offer);
  } else if (!is_invite) {
    // Only a refresh of the session.
    sip::OutResponse response = Refusal(200);
    response.contact = branch.dialog->contact();
    branch.session.AddToAnswer(response.headers, runner_.Now());
    ArmSession(branch);
    return endpoint_.Respond(id, response);
  }
  branch.offer_server = id;
  branch.offer_is_invite = is_invite;
  Feed(branch, std::move(input));
}

void SipLegs::Answer(const AnswerOffer& effect) {
  SipBranch* branch = Find(effect.branch_id);
  if (branch == nullptr || branch->offer_server == 0) return;
  const sip::ServerId id = std::exchange(branch->offer_server, 0);
  sip::OutResponse response = Refusal(effect.code);
  if (effect.code < 300) {
    response.contact = branch->dialog->contact();
    response.headers.Add("Allow", kAllow).Add("Supported", "timer, 100rel");
    branch->session.AddToAnswer(response.headers, runner_.Now());
    if (effect.sdp.present) {
      response.body = AnswerBody(*branch, effect.sdp);
      response.content_type = "application/sdp";
    }
    ArmSession(*branch);
  }
  endpoint_.Respond(id, response);
}

void SipLegs::OnPrack(SipBranch& branch, sip::ServerId id, const sip::Message& request) {
  const int code = branch.reliable == nullptr ? 481 : branch.reliable->ReceivePrack(request);
  Reply(id, code == 0 ? 200 : code);
  if (code != 0) return;
  if (auto next = branch.reliable->Next(runner_.Now()))
    endpoint_.Respond(branch.invite_server, *next);
  ArmReliable(branch);
  if (branch.final_waits && branch.reliable->idle()) {
    const SendResponse waiting = *std::exchange(branch.final_waits, std::nullopt);
    SendFinal(branch, waiting);
  }
}

void SipLegs::OnInfo(SipBranch& branch, sip::ServerId id, const sip::Message& request) {
  const std::string digit =
      absl::StartsWith(std::string(request.content_type()), "application/dtmf")
          ? DigitOf(request.body())
          : "";
  Reply(id, 200);
  if (!digit.empty()) Feed(branch, BranchDigit{branch.id, digit});
}

void SipLegs::OnRefer(SipBranch& branch, sip::ServerId id, const sip::Message& request) {
  const sip::AddressView* target = request.refer_to();
  if (target == nullptr) return Reply(id, 400);
  // Refer-To with Replaces is an attended transfer, which is not offered.
  if (!target->uri.headers.empty()) return Reply(id, 603);
  if (branch.refer_server != 0) return Reply(id, 491);
  branch.refer_server = id;
  Feed(branch, BranchRefer{branch.id, NormalizeNumber(target->uri.DecodedUser())});
}

void SipLegs::Refer(const AnswerRefer& effect) {
  SipBranch* branch = Find(effect.branch_id);
  if (branch == nullptr || branch->refer_server == 0) return;
  sip::OutResponse response = Refusal(effect.code);
  response.contact = branch->dialog->contact();
  endpoint_.Respond(std::exchange(branch->refer_server, 0), response);
}

void SipLegs::OnCancel(sip::ServerId invite) {
  if (SipBranch* branch = FindByServer(invite)) Feed(*branch, BranchCancelled{branch->id});
}

void SipLegs::OnAck(sip::ServerId invite, const sip::Message& ack) {
  SipBranch* branch = FindByServer(invite);
  if (branch == nullptr) branch = FindByDialog(ack);
  if (branch == nullptr || !branch->confirmed) return;
  const bool first = !std::exchange(branch->acked, true);
  BranchAcked input;
  input.branch_id = branch->id;
  if (!ack.sdp().empty() && branch->our_offer) {
    input.remote = ReadAnswerOf(*branch, ack);
    input.body = std::string(ack.sdp());
  }
  if (branch->bye_wanted) {
    branch->bye_wanted = false;
    return Bye(SendBye{branch->id, EndCause::kUnspecified});
  }
  if (first || input.remote.known()) Feed(*branch, std::move(input));
}

void SipLegs::OnAckMissing(sip::ServerId invite) {
  SipBranch* branch = FindByServer(invite);
  if (branch == nullptr) return;
  branch->acked = true;
  if (branch->bye_wanted) {
    branch->bye_wanted = false;
    return Bye(SendBye{branch->id, EndCause::kFailure});
  }
  Feed(*branch, BranchLost{branch->id, EndCause::kFailure, 408});
}

}  // namespace zvon::signaling
