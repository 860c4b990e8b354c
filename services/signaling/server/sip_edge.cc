#include "services/signaling/server/sip_edge.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/common/telemetry/log.h"
#include "services/common/telemetry/trace.h"

namespace zvon::signaling {

void SipEdge::Refuse(sip::ServerId id, int code, const char* reason) {
  probe_.Refused(reason);
  sip::OutResponse response;
  response.code = code;
  if (code == 503) {
    response.headers.Add("Retry-After",
                         static_cast<uint64_t>(absl::ToInt64Seconds(options_.retry_after)));
  }
  parts_.endpoint->Respond(id, response);
}

void SipEdge::OnRequest(sip::ServerId id, const sip::Message& request, const sip::Flow& flow) {
  probe_.Request(sip::MethodName(request.method()));
  if (!request.to().tag.empty()) {
    if (!parts_.legs->OnRequest(id, request, flow)) OnStrayRequest(id, request, flow);
    return;
  }
  switch (request.method()) {
    case sip::Method::kInvite:
      return OnInvite(id, request, flow);
    case sip::Method::kRegister:
      return parts_.registrations->OnRegister(id, request, flow);
    case sip::Method::kOptions: {
      sip::OutResponse response;
      response.code = overloaded_ ? 503 : 200;
      response.headers.Add(
          "Allow",
          "INVITE, ACK, BYE, CANCEL, OPTIONS, PRACK, UPDATE, INFO, REFER, NOTIFY, REGISTER");
      response.headers.Add("Accept", "application/sdp");
      return parts_.endpoint->Respond(id, response);
    }
    case sip::Method::kBye:
    case sip::Method::kPrack:
    case sip::Method::kUpdate:
    case sip::Method::kInfo:
    case sip::Method::kNotify:
    case sip::Method::kRefer:
      return Refuse(id, 481, "no_dialog");
    default:
      return Refuse(id, 405, "method");
  }
}

// A dialog of another replica, perhaps a dead one: its snapshot says.
void SipEdge::OnStrayRequest(sip::ServerId id, const sip::Message& request, const sip::Flow& flow) {
  std::string tenant_id, call_id;
  if (!adopt_ || !SipLegs::ParseTag(request.to().tag, &tenant_id, &call_id) ||
      plan_->Tenant(tenant_id) == nullptr || parts_.calls->Find(call_id) != nullptr) {
    return Refuse(id, 481, "no_dialog");
  }
  adopt_(tenant_id, call_id, sip::DialogId::OfRequest(request),
         [this, id, request, flow](bool adopted) {
           if (!adopted || !parts_.legs->OnRequest(id, request, flow)) Refuse(id, 481, "no_dialog");
         });
}

void SipEdge::OnCancel(sip::ServerId invite, const sip::Message&) { parts_.legs->OnCancel(invite); }
void SipEdge::OnAck(sip::ServerId invite, const sip::Message& ack, const sip::Flow&) {
  parts_.legs->OnAck(invite, ack);
}
void SipEdge::OnAckMissing(sip::ServerId invite) { parts_.legs->OnAckMissing(invite); }

void SipEdge::OnInvite(sip::ServerId id, const sip::Message& invite, const sip::Flow& flow) {
  if (overloaded_ || parts_.calls->size() >= options_.calls_max) return Refuse(id, 503, "overload");
  const std::string number = NormalizeNumber(invite.request_uri().DecodedUser());
  if (number.empty()) return Refuse(id, 404, "no_number");
  const std::optional<Source> source = FindSource(id, invite, flow, number);
  if (!source) return;
  if (source->trunk != nullptr && !AdmitTrunk(id, *source)) return;
  BeginCall(id, invite, flow, *source, number);
}

// A phone of ours, as its From says, and not a carrier that happens to have
// the same number: the host part is ours, or it answers a challenge.
bool SipEdge::ClaimsEndpoint(const sip::Message& invite, const sip::Flow& flow) const {
  const sip::UriView& from = invite.from().uri;
  const auto match = plan_->FindEndpoint(from.DecodedUser(), from.host);
  if (match.endpoint == nullptr) return false;
  if (parts_.registrations->ClaimedUser(invite)) return true;
  const std::string local = parts_.endpoint->LocalHostPort(flow);
  return from.host == options_.domain || from.host == options_.advertised_address ||
         from.host == local.substr(0, local.rfind(':')) ||
         plan_->Tenant(from.host.substr(0, from.host.find('.'))) != nullptr;
}

std::optional<SipEdge::Source> SipEdge::FindSource(sip::ServerId id, const sip::Message& invite,
                                                   const sip::Flow& flow,
                                                   const std::string& number) {
  Source source;
  if (ClaimsEndpoint(invite, flow)) {
    const auto identity = parts_.registrations->Authenticate(id, invite, invite.from().uri.host);
    if (!identity.known) return std::nullopt;
    source.tenant = identity.match.tenant;
    source.endpoint = identity.match.endpoint;
    return source;
  }
  DialPlan::TrunkMatch match = plan_->FindTrunk(flow.peer.bytes(), number);
  if (match.trunk == nullptr) {
    const auto user = parts_.registrations->ClaimedUser(invite);
    if (user) match = plan_->FindTrunkByUsername(*user);
    if (match.trunk != nullptr &&
        !parts_.registrations->AuthenticateTrunk(id, invite, *match.trunk)) {
      return std::nullopt;
    }
  }
  if (match.trunk == nullptr) {
    LogWarning("INVITE from an unknown source",
               {{"peer", flow.peer.ToString()}, {"number", number}});
    Refuse(id, 403, "unknown_source");
    return std::nullopt;
  }
  source.tenant = match.tenant;
  source.trunk = match.trunk;
  // Numbers that the trunk may not dial in to, but which a route passes on.
  const bool routed = match.number_refused && match.tenant->Resolve(number, match.trunk->id).kind ==
                                                  DialTarget::Kind::kTrunks;
  if (match.number_refused && !routed) {
    Refuse(id, 404, "number_not_accepted");
    return std::nullopt;
  }
  return source;
}

bool SipEdge::AdmitTrunk(sip::ServerId id, const Source& source) {
  const std::string& tenant_id = source.tenant->tenant_id();
  const int most = source.trunk->calls_max;
  if (most > 0 &&
      parts_.calls->CallsOfTrunk(tenant_id, source.trunk->id) >= static_cast<size_t>(most)) {
    Refuse(id, 503, "trunk_calls_max");
    return false;
  }
  if (!parts_.trunks->Admit(tenant_id, *source.trunk)) {
    Refuse(id, 503, "trunk_rate_max");
    return false;
  }
  return true;
}

void SipEdge::CompleteRoutes(const TenantPlan& tenant, DialTarget* target) const {
  for (DialContact& contact : target->routes) {
    const TrunkSettings* trunk = tenant.Trunk(contact.trunk_id);
    const auto uri = trunk == nullptr ? std::nullopt : sip::ParseUri(trunk->outbound_uri);
    if (!uri) continue;
    std::string text =
        absl::StrCat("sip:", sip::EscapeUser(contact.uri), "@", std::string(uri->host));
    if (uri->port != 0) absl::StrAppend(&text, ":", uri->port);
    if (!uri->params.empty()) absl::StrAppend(&text, ";", std::string(uri->params));
    contact.uri = std::move(text);
  }
  std::stable_partition(
      target->routes.begin(), target->routes.end(), [&](const DialContact& contact) {
        return parts_.trunks->HealthOf(tenant.tenant_id(), contact.trunk_id).healthy;
      });
}

void SipEdge::BeginCall(sip::ServerId id, const sip::Message& invite, const sip::Flow& flow,
                        const Source& source, const std::string& number) {
  const TenantPlan& tenant = *source.tenant;
  DialTarget target = tenant.Resolve(number, source.trunk == nullptr ? "" : source.trunk->id);
  if (target.kind == DialTarget::Kind::kNone) return Refuse(id, 404, "unknown_number");
  if (target.kind == DialTarget::Kind::kTrunks) CompleteRoutes(tenant, &target);

  const absl::Time now = runner_.Now();
  CallState call;
  call.call_id = MakeId(now, random_);
  call.interaction_id = MakeId(now, random_);
  call.tenant_id = tenant.tenant_id();
  call.called_number = number;
  call.start_time = now;
  const auto trace = ParseTrace(invite.Header("traceparent"));
  call.traceparent = (trace ? ChildOf(*trace, random_) : NewTrace(random_)).ToHeader();

  InviteReceived input;
  input.leg_id = MakeId(now, random_);
  input.branch_id = input.leg_id + "/0";
  if (source.trunk != nullptr) {
    call.trunk_id = source.trunk->id;
    call.caller = {NormalizeNumber(invite.from().uri.DecodedUser()), invite.from().DisplayText()};
    call.direction = target.kind == DialTarget::Kind::kTrunks ? CallDirection::kOutbound
                                                              : CallDirection::kInbound;
  } else {
    const UserSettings* user = tenant.User(source.endpoint->user_id);
    input.agent_id = source.endpoint->user_id;
    call.caller.number = user != nullptr && !user->internal_number.empty()
                             ? user->internal_number
                             : source.endpoint->sip_username;
    call.caller.display_name = user != nullptr ? user->display_name : invite.from().DisplayText();
    call.direction = target.kind == DialTarget::Kind::kTrunks ? CallDirection::kOutbound
                                                              : CallDirection::kInternal;
    if (target.kind == DialTarget::Kind::kTrunks) input.kind = LegKind::kAgent;
    if (target.kind == DialTarget::Kind::kUser) input.kind = LegKind::kOther;
  }
  input.target = std::move(target);
  if (auto refusal = parts_.legs->Begin(call, id, invite, flow, &input)) {
    probe_.Refused("media");
    return parts_.endpoint->Respond(id, *refusal);
  }
  LogInfo("call began", {{"call_id", call.call_id},
                         {"interaction_id", call.interaction_id},
                         {"tenant_id", call.tenant_id},
                         {"called", number},
                         {"trunk_id", call.trunk_id},
                         {"sip_call_id", invite.call_id()}});
  parts_.calls->Begin(std::move(call), input);
}

}  // namespace zvon::signaling
