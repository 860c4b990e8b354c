// What we send: INVITEs of outgoing legs and requests within dialogs.

#include "absl/strings/str_cat.h"
#include "services/common/telemetry/log.h"
#include "services/signaling/digest/digest.h"
#include "services/signaling/server/sip_legs.h"

namespace zvon::signaling {
namespace {
constexpr char kAllow[] = "INVITE, ACK, BYE, CANCEL, OPTIONS, PRACK, UPDATE, INFO, REFER, NOTIFY";
constexpr int kAttemptsMax = 3;

bool IsPrivate(const sip::SocketAddress& address) {
  if (!address.is_v4()) return false;
  const auto& b = address.bytes();
  return b[12] == 10 || (b[12] == 172 && (b[13] & 0xf0) == 16) || (b[12] == 192 && b[13] == 168);
}
bool AllowsUpdate(const sip::Message& message) {
  for (std::string_view method : message.allow()) {
    if (method == "UPDATE") return true;
  }
  return false;
}
sip::ClientAccount AccountOf(const TrunkSettings& trunk) {
  return {trunk.outbound_username,
          {trunk.outbound_ha1_md5, trunk.outbound_ha1_sha256},
          trunk.outbound_realm};
}

}  // namespace

std::string SipLegs::OfferBody(SipBranch& branch, const SdpPart& part) {
  if (!part.verbatim.empty()) return part.verbatim;
  branch.local.address = part.address;
  branch.local.port = static_cast<uint16_t>(part.port);
  std::string body = sdp::MakeOffer(branch.local, branch.preferences, ToSdp(part.direction));
  if (auto parsed = sdp::Parse(body); parsed.ok()) branch.our_offer = *std::move(parsed);
  return body;
}

MediaDescription SipLegs::ReadAnswerOf(const SipBranch& branch, const sip::Message& message) const {
  MediaDescription nothing;
  nothing.port = 0;
  if (!branch.our_offer || message.sdp().empty()) return nothing;
  auto answer = sdp::Parse(message.sdp());
  if (!answer.ok()) return nothing;
  auto agreement = sdp::ReadAnswer(*branch.our_offer, *answer);
  if (!agreement.ok()) {
    LogWarning("SDP answer is unusable",
               {{"call_id", branch.call_id}, {"error", std::string(agreement.status().message())}});
    return nothing;
  }
  return ToMedia(*agreement);
}

void SipLegs::Invite(const CallState& call, const SendInvite& effect) {
  SipBranch& branch = Add(effect.branch_id, call);
  branch.outgoing = true;
  branch.trunk_id = effect.contact.trunk_id;
  const TrunkSettings* trunk = trunk_of_(call.tenant_id, effect.contact.trunk_id);
  branch.preferences = PreferencesOf(trunk);
  sip::OutRequest& invite = branch.invite;
  invite.method = "INVITE";
  invite.uri = effect.contact.uri;
  const std::string user =
      effect.from.number.empty() ? "anonymous" : sip::EscapeUser(effect.from.number);
  invite.from =
      sip::FormatAddress(effect.from.display_name, absl::StrCat("sip:", user, "@", options_.domain),
                         MakeTag(call, random_));
  invite.to = sip::FormatAddress("", invite.uri);
  invite.call_id = sip::MakeCallId(random_);
  invite.cseq = 1;
  invite.headers.Add("Allow", kAllow);
  if (!effect.interaction_id.empty())
    invite.headers.Add("X-Zvon-Interaction-Id", effect.interaction_id);
  branch.session.AddToRequest(invite.headers);
  if (effect.sdp.present) {
    invite.body = OfferBody(branch, effect.sdp);
    invite.content_type = "application/sdp";
  }
  if (!effect.contact.flow.empty()) branch.destination.flow = sip::Flow::Parse(effect.contact.flow);
  branch.destination.uri =
      trunk != nullptr && !trunk->outbound_uri.empty() ? trunk->outbound_uri : effect.contact.uri;
  SendInviteRequest(branch);
}

void SipLegs::SendInviteRequest(SipBranch& branch) {
  branch.invite_client =
      endpoint_.Request(branch.invite, branch.destination,
                        [this, id = branch.id, attempt = branch.attempts](const Outcome& outcome) {
                          const SipBranch* found = Find(id);
                          if (found != nullptr && found->attempts == attempt)
                            OnInviteOutcome(id, outcome);
                        });
}

void SipLegs::OnInviteOutcome(const std::string& branch_id, const Outcome& outcome) {
  SipBranch& branch = *Find(branch_id);
  if (outcome.code <= 100) return;
  if (outcome.code < 200) {
    if (!branch.dialog && !outcome.response.to().tag.empty()) {
      auto early = sip::Dialog::Start(branch.invite, outcome.response,
                                      endpoint_.ContactFor(outcome.flow, "zvon"), outcome.flow);
      if (early.ok()) {
        branch.dialog = *std::move(early);
        IndexDialog(branch);
      }
    }
    if (branch.cancelled) return;
    return Feed(branch,
                BranchProgress{branch_id, outcome.code, ReadAnswerOf(branch, outcome.response),
                               std::string(outcome.response.sdp())});
  }
  if (outcome.code < 300) return OnInviteAnswered(branch, outcome);
  if (!branch.cancelled && TryAgain(branch, outcome)) return;
  const std::string call_id = branch.call_id;
  const bool cancelled = branch.cancelled;
  Erase(branch_id);
  if (!cancelled) sink_(call_id, BranchFailed{branch_id, outcome.code, outcome.reason});
}

void SipLegs::OnInviteAnswered(SipBranch& branch, const Outcome& outcome) {
  auto started = sip::Dialog::Start(branch.invite, outcome.response,
                                    endpoint_.ContactFor(outcome.flow, "zvon"), outcome.flow);
  if (!started.ok()) {
    LogWarning("2xx without a usable dialog",
               {{"call_id", branch.call_id}, {"error", std::string(started.status().message())}});
    const std::string id = branch.id, call_id = branch.call_id;
    Erase(id);
    return sink_(call_id, BranchFailed{id, 502, "2xx without Contact or tag"});
  }
  started->Confirm();
  endpoint_.Ack(branch.invite_client, started->NewAck(branch.invite.cseq), DestinationOf(*started));
  if (branch.confirmed) {
    // The INVITE forked behind us: one of its answers is enough.
    if (branch.dialog && branch.dialog->id() == started->id()) return;
    endpoint_.Request(started->NewRequest(sip::Method::kBye), DestinationOf(*started),
                      [](const Outcome&) {});
    return;
  }
  if (branch.dialog) {
    started->SkipLocalCSeq(branch.dialog->local_cseq() - started->local_cseq());
    by_dialog_.erase(branch.dialog->id());
  }
  branch.dialog = *std::move(started);
  branch.confirmed = branch.acked = true;
  branch.peer_allows_update = AllowsUpdate(outcome.response);
  IndexDialog(branch);
  if (branch.cancelled) return Bye(SendBye{branch.id, EndCause::kCancelled});
  branch.session.ReceiveAnswer(outcome.response, runner_.Now());
  ArmSession(branch);
  Feed(branch, BranchAnswered{branch.id, ReadAnswerOf(branch, outcome.response),
                              std::string(outcome.response.sdp())});
}

// 401 and 407 by the trunk's account, 422 by a longer session.
bool SipLegs::TryAgain(SipBranch& branch, const Outcome& outcome) {
  if (branch.attempts >= kAttemptsMax || !outcome.response.is_set()) return false;
  sip::HeaderBlock more;
  if (outcome.code == 401 || outcome.code == 407) {
    const TrunkSettings* trunk = trunk_of_(branch.tenant_id, branch.trunk_id);
    if (trunk == nullptr || trunk->outbound_username.empty() || branch.attempts > 1) return false;
    auto answer = sip::AnswerChallenge(outcome.response, "INVITE", branch.invite.uri,
                                       AccountOf(*trunk), 1, random_);
    if (!answer) return false;
    more = *std::move(answer);
  } else if (outcome.code == 422 && branch.session.ReceiveTooSmall(outcome.response)) {
    sip::HeaderBlock headers;
    headers.Add("Allow", kAllow);
    branch.session.AddToRequest(headers);
    branch.invite.headers = headers;
  } else {
    return false;
  }
  branch.invite.headers.Append(more);
  ++branch.invite.cseq;
  ++branch.attempts;
  branch.dialog.reset();
  SendInviteRequest(branch);
  return true;
}

void SipLegs::Cancel(const CancelInvite& effect) {
  SipBranch* branch = Find(effect.branch_id);
  if (branch == nullptr) return;
  if (branch->confirmed) return Bye(SendBye{effect.branch_id, EndCause::kCancelled});
  branch->cancelled = true;  // Stays until the final response.
  endpoint_.Cancel(branch->invite_client);
}

void SipLegs::Bye(const SendBye& effect) {
  SipBranch* branch = Find(effect.branch_id);
  if (branch == nullptr || !branch->dialog) return;
  // RFC 3261 section 15: the called side waits for the ACK of its 200.
  if (!branch->outgoing && branch->confirmed && !branch->acked) {
    branch->bye_wanted = true;
    return;
  }
  RequestInDialog(*branch, branch->dialog->NewRequest(sip::Method::kBye),
                  [this, id = effect.branch_id](const Outcome& outcome) {
                    if (outcome.is_final()) Erase(id);
                  });
  if (SipBranch* still = Find(effect.branch_id)) {
    still->dialog->Terminate();
    runner_.Cancel(still->session_timer);
    still->session_timer = 0;
  }
}

// Over the stream or the hole in a NAT that the dialog came by; else to where
// the peer says it is.
sip::Destination SipLegs::DestinationOf(const sip::Dialog& dialog) const {
  sip::Destination destination;
  destination.uri = dialog.NextHop();
  const sip::Flow& flow = dialog.flow();
  if (sip::IsReliable(flow.protocol)) {
    destination.flow = flow;
    return destination;
  }
  if (!dialog.route_set().empty()) return destination;
  const auto uri = sip::ParseUri(dialog.remote_target());
  const auto host = uri ? sip::SocketAddress::FromHost(uri->host, uri->port == 0 ? 5060 : uri->port)
                        : std::nullopt;
  if (host && *host == flow.peer) destination.flow = flow;
  if (host && IsPrivate(*host) && host->Host() != flow.peer.Host()) destination.flow = flow;
  return destination;
}

void SipLegs::RequestInDialog(SipBranch& branch, sip::OutRequest request,
                              std::function<void(const Outcome&)> done) {
  sip::OutRequest copy = request;
  endpoint_.Request(
      std::move(request), DestinationOf(*branch.dialog),
      [this, id = branch.id, sent = std::move(copy),
       done = std::move(done)](const Outcome& outcome) {
        SipBranch* found = Find(id);
        if (found != nullptr && found->dialog && (outcome.code == 401 || outcome.code == 407)) {
          const TrunkSettings* trunk = trunk_of_(found->tenant_id, found->trunk_id);
          if (trunk != nullptr && !trunk->outbound_username.empty()) {
            auto answer = sip::AnswerChallenge(outcome.response, sent.method, sent.uri,
                                               AccountOf(*trunk), 1, random_);
            if (answer) {
              sip::OutRequest again = found->dialog->Again(sent);
              again.headers.Append(*answer);
              endpoint_.Request(std::move(again), DestinationOf(*found->dialog), done);
              return;
            }
          }
        }
        if (found != nullptr && found->dialog && outcome.response.is_set()) {
          found->dialog->ReceiveResponse(outcome.response);
        }
        done(outcome);
      });
}

void SipLegs::Reinvite(const SendReinvite& effect) {
  SipBranch* branch = Find(effect.branch_id);
  if (branch == nullptr || !branch->dialog || !branch->confirmed) return;
  sip::OutRequest request = branch->dialog->NewRequest(sip::Method::kInvite);
  request.headers.Add("Allow", kAllow);
  branch->session.AddToRequest(request.headers);
  request.body = OfferBody(*branch, effect.sdp);
  request.content_type = "application/sdp";
  branch->reinvite_pending = true;
  const uint32_t cseq = request.cseq;
  auto client = std::make_shared<sip::ClientId>(0);
  *client = endpoint_.Request(
      std::move(request), DestinationOf(*branch->dialog),
      [this, id = branch->id, cseq, effect, client](const Outcome& outcome) {
        if (!outcome.is_final()) return;
        SipBranch* found = Find(id);
        if (found != nullptr && outcome.code < 300) {
          endpoint_.Ack(*client, found->dialog->NewAck(cseq), DestinationOf(*found->dialog));
        }
        OnReinviteOutcome(id, cseq, effect, outcome);
      });
}

void SipLegs::OnReinviteOutcome(const std::string& branch_id, uint32_t, const SendReinvite& effect,
                                const Outcome& outcome) {
  SipBranch* branch = Find(branch_id);
  if (branch == nullptr) return;
  branch->reinvite_pending = false;
  if (outcome.response.is_set()) branch->dialog->ReceiveResponse(outcome.response);
  if (outcome.code == 491) {
    // Glare: again after a while of our own (RFC 3261 section 14.1).
    const absl::Duration wait = absl::Milliseconds(2100 + static_cast<int64_t>(random_() % 1900));
    runner_.RunAfter(wait, [this, effect, alive = std::weak_ptr<bool>(alive_)] {
      if (!alive.expired()) Reinvite(effect);
    });
    return;
  }
  if (outcome.code == 481 || outcome.code == 408) {
    return Feed(*branch, BranchLost{branch_id, EndCause::kFailure, 481});
  }
  ReinviteDone input;
  input.branch_id = branch_id;
  input.code = outcome.code;
  if (outcome.code < 300) {
    branch->session.ReceiveAnswer(outcome.response, runner_.Now());
    ArmSession(*branch);
    input.remote = ReadAnswerOf(*branch, outcome.response);
    input.body = std::string(outcome.response.sdp());
  }
  Feed(*branch, std::move(input));
}

void SipLegs::Talk(const NotifyTalk& effect) {
  SipBranch* branch = Find(effect.branch_id);
  if (branch == nullptr || !branch->dialog) return;
  sip::OutRequest notify = branch->dialog->NewRequest(sip::Method::kNotify);
  notify.headers.Add("Event", "talk").Add("Subscription-State", "active");
  RequestInDialog(*branch, std::move(notify), [](const Outcome&) {});
}

void SipLegs::Notify(const NotifyRefer& effect) {
  SipBranch* branch = Find(effect.branch_id);
  if (branch == nullptr || !branch->dialog) return;
  sip::OutRequest notify = branch->dialog->NewRequest(sip::Method::kNotify);
  notify.headers.Add("Event", "refer");
  notify.headers.Add("Subscription-State",
                     effect.last ? "terminated;reason=noresource" : "active;expires=60");
  notify.content_type = "message/sipfrag;version=2.0";
  notify.body = absl::StrCat("SIP/2.0 ", effect.code, " ",
                             std::string(sip::ReasonPhrase(effect.code)), "\r\n");
  RequestInDialog(*branch, std::move(notify), [](const Outcome&) {});
}

// --- Session timers.

void SipLegs::ArmSession(SipBranch& branch) {
  runner_.Cancel(branch.session_timer);
  branch.session_timer = 0;
  const absl::Time next = branch.session.NextWakeup();
  if (next == absl::InfiniteFuture()) return;
  branch.session_timer = runner_.RunAt(next, [this, id = branch.id] { SessionDue(id); });
}

void SipLegs::SessionDue(const std::string& branch_id) {
  SipBranch* branch = Find(branch_id);
  if (branch == nullptr || !branch->dialog) return;
  branch->session_timer = 0;
  const auto action = branch->session.Tick(runner_.Now());
  if (action == sip::SessionTimer::Action::kExpire) {
    return Feed(*branch, BranchLost{branch_id, EndCause::kSessionTimeout, 408});
  }
  if (action == sip::SessionTimer::Action::kRefresh) {
    if (branch->peer_allows_update) {
      sip::OutRequest update = branch->dialog->NewRequest(sip::Method::kUpdate);
      branch->session.AddToRequest(update.headers);
      RequestInDialog(*branch, std::move(update), [this, branch_id](const Outcome& outcome) {
        SipBranch* found = Find(branch_id);
        if (found == nullptr || !outcome.is_final()) return;
        if (outcome.code == 481 || outcome.code == 408) {
          return Feed(*found, BranchLost{branch_id, EndCause::kSessionTimeout, 481});
        }
        if (outcome.code < 300) found->session.ReceiveAnswer(outcome.response, runner_.Now());
        ArmSession(*found);
      });
    } else if (!branch->local.last_body.empty()) {
      SendReinvite again;
      again.branch_id = branch_id;
      again.sdp.present = true;
      again.sdp.address = branch->local.address;
      again.sdp.port = branch->local.port;
      Reinvite(again);
    }
  }
  ArmSession(*branch);
}

}  // namespace zvon::signaling
