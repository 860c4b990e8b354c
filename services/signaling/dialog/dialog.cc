#include "services/signaling/dialog/dialog.h"

#include <algorithm>

#include "services/signaling/sip/field_codec.h"
#include "services/signaling/sip/grammar.h"

namespace zvon::sip {

namespace {

std::string TagOf(std::string_view value) {
  const auto parts = SplitNameAddr(value);
  const auto tag = parts ? FindParam(parts->params, "tag") : std::nullopt;
  return std::string(tag.value_or(std::string_view()));
}

std::string WithTag(const std::string& value, const std::string& tag) {
  return tag.empty() ? value : value + ";tag=" + tag;
}

// The URI inside <…>; the text itself without brackets.
std::string_view UriText(const AddressView& address) {
  const auto parts = SplitNameAddr(address.raw);
  return parts ? parts->uri : address.raw;
}

bool IsPrivate(const SocketAddress& a) {
  const auto& b = a.bytes();
  if (!a.is_v4()) return (b[0] & 0xfe) == 0xfc;  // fc00::/7
  return b[12] == 10 || (b[12] == 172 && (b[13] & 0xf0) == 16) || (b[12] == 192 && b[13] == 168) ||
         (b[12] == 100 && (b[13] & 0xc0) == 64);
}

bool RefreshesTarget(Method method) {
  switch (method) {
    case Method::kInvite:
    case Method::kUpdate:
    case Method::kSubscribe:
    case Method::kNotify:
    case Method::kRefer:
      return true;
    default:
      return false;
  }
}

}  // namespace

DialogId DialogId::OfRequest(const Message& request) {
  return {std::string(request.call_id()), std::string(request.to().tag),
          std::string(request.from().tag)};
}

DialogId DialogId::OfResponse(const Message& response) {
  return {std::string(response.call_id()), std::string(response.from().tag),
          std::string(response.to().tag)};
}

Dialog Dialog::Accept(const Message& invite, std::string local_tag, std::string contact,
                      const Flow& flow) {
  Dialog d;
  d.id_ = {std::string(invite.call_id()), std::move(local_tag), std::string(invite.from().tag)};
  d.secure_ = IsSecure(flow.protocol) && invite.request_uri().is_sips();
  d.local_ = WithoutTag(invite.to().raw);
  d.remote_ = WithoutTag(invite.from().raw);
  d.contact_ = std::move(contact);
  d.remote_cseq_ = invite.cseq().number;
  d.flow_ = flow;
  // Without a Contact (RFC 2543) the From is the best guess.
  d.remote_target_ = UriText(invite.contacts().empty() ? invite.from() : invite.contacts().front());
  for (const AddressView& route : invite.record_routes()) d.route_set_.emplace_back(route.raw);
  return d;
}

absl::StatusOr<Dialog> Dialog::Start(const OutRequest& invite, const Message& response,
                                     std::string contact, const Flow& flow) {
  const bool accepted = response.status() / 100 == 2;
  if (response.to().tag.empty()) return absl::InvalidArgumentError("response without a To tag");
  if (accepted && response.contacts().empty())
    return absl::InvalidArgumentError("2xx without Contact");
  Dialog d;
  d.id_ = {invite.call_id, TagOf(invite.from), std::string(response.to().tag)};
  d.state_ = accepted ? State::kConfirmed : State::kEarly;
  d.secure_ = IsSecure(flow.protocol) && EqualsNoCase(invite.uri.substr(0, 5), "sips:");
  d.local_ = WithoutTag(invite.from);
  d.remote_ = WithoutTag(response.to().raw);
  d.contact_ = std::move(contact);
  d.local_cseq_ = invite.cseq;
  d.flow_ = flow;
  d.remote_target_ =
      response.contacts().empty() ? invite.uri : UriText(response.contacts().front());
  for (const AddressView& route : response.record_routes()) d.route_set_.emplace_back(route.raw);
  std::reverse(d.route_set_.begin(), d.route_set_.end());
  return d;
}

void Dialog::Confirm() {
  if (state_ == State::kEarly) state_ = State::kConfirmed;
}

void Dialog::Terminate() { state_ = State::kTerminated; }

// RFC 3261 section 12.2.1.1.
OutRequest Dialog::NewRequest(Method method) {
  ++local_cseq_;
  OutRequest r = NewAck(local_cseq_);
  r.method = MethodName(method);
  if (RefreshesTarget(method)) r.contact = contact_;
  return r;
}

OutRequest Dialog::NewAck(uint32_t invite_cseq) const {
  OutRequest r;
  r.method = MethodName(Method::kAck);
  r.uri = remote_target_;
  r.routes = route_set_;
  r.from = WithTag(local_, id_.local_tag);
  r.to = WithTag(remote_, id_.remote_tag);
  r.call_id = id_.call_id;
  r.cseq = invite_cseq;
  if (route_set_.empty()) return r;
  const auto first = SplitNameAddr(route_set_.front());
  const auto uri = first ? ParseUri(first->uri) : std::nullopt;
  if (!uri || uri->HasParam("lr")) return r;
  // A strict router wants itself as the Request-URI, the target last.
  r.uri = uri->ToString();
  r.routes.erase(r.routes.begin());
  r.routes.push_back("<" + remote_target_ + ">");
  return r;
}

OutRequest Dialog::Again(const OutRequest& request) {
  OutRequest r = request;
  r.cseq = ++local_cseq_;
  return r;
}

std::string Dialog::NextHop() const {
  if (route_set_.empty()) return remote_target_;
  const auto first = SplitNameAddr(route_set_.front());
  return first ? std::string(first->uri) : remote_target_;
}

Destination Dialog::destination() const {
  Destination out{std::nullopt, NextHop()};
  if (IsReliable(flow_.protocol)) {
    out.flow = flow_;
    return out;
  }
  if (!route_set_.empty()) return out;
  const auto target = ParseUri(remote_target_);
  const auto address = target ? SocketAddress::FromHost(target->host, 0) : std::nullopt;
  const bool differs = address && address->bytes() != flow_.peer.bytes();
  if (differs && (IsPrivate(*address) || address->is_any())) out.flow = flow_;
  return out;
}

int Dialog::ReceiveRequest(const Message& request) {
  const uint32_t number = request.cseq().number;
  if (request.method() == Method::kAck || request.method() == Method::kCancel) return 0;
  if (remote_cseq_ && number <= *remote_cseq_) return 500;
  remote_cseq_ = number;
  if (RefreshesTarget(request.method()) && !request.contacts().empty()) {
    remote_target_ = UriText(request.contacts().front());
  }
  if (request.method() == Method::kBye) state_ = State::kTerminated;
  return 0;
}

void Dialog::ReceiveResponse(const Message& response) {
  const int code = response.status();
  const Method method = response.cseq().method;
  if (code / 100 == 2) {
    if (method == Method::kInvite) Confirm();
    if (RefreshesTarget(method) && !response.contacts().empty()) {
      remote_target_ = UriText(response.contacts().front());
    }
    if (method == Method::kBye) state_ = State::kTerminated;
  } else if (code == 481 || code == 408) {
    state_ = State::kTerminated;
  }
}

std::string Dialog::Serialize() const {
  FieldWriter w("dialog1");
  w.Add(id_.call_id).Add(id_.local_tag).Add(id_.remote_tag);
  w.Add(static_cast<uint64_t>(state_)).Add(secure_ ? 1 : 0);
  w.Add(local_).Add(remote_).Add(remote_target_).Add(contact_);
  w.Add(local_cseq_).Add(remote_cseq_ ? 1 : 0).Add(remote_cseq_.value_or(0));
  w.Add(flow_.ToString()).Add(route_set_.size());
  for (const std::string& route : route_set_) w.Add(route);
  return w.Take();
}

absl::StatusOr<Dialog> Dialog::Restore(std::string_view snapshot) {
  constexpr uint64_t kRoutesMax = 100;
  FieldReader r("dialog1", snapshot);
  Dialog d;
  d.id_.call_id = r.Text();
  d.id_.local_tag = r.Text();
  d.id_.remote_tag = r.Text();
  d.state_ = static_cast<State>(r.Number(static_cast<uint64_t>(State::kTerminated)));
  d.secure_ = r.Number(1) != 0;
  d.local_ = r.Text();
  d.remote_ = r.Text();
  d.remote_target_ = r.Text();
  d.contact_ = r.Text();
  d.local_cseq_ = static_cast<uint32_t>(r.Number(UINT32_MAX));
  const bool has_remote = r.Number(1) != 0;
  const auto remote_cseq = static_cast<uint32_t>(r.Number(UINT32_MAX));
  if (has_remote) d.remote_cseq_ = remote_cseq;
  const auto flow = Flow::Parse(r.Text());
  const uint64_t routes = r.Number(kRoutesMax);
  for (uint64_t i = 0; i < routes && r.ok(); ++i) d.route_set_.emplace_back(r.Text());
  if (!r.ok() || !r.at_end() || !flow)
    return absl::InvalidArgumentError("dialog snapshot: damaged");
  d.flow_ = *flow;
  return d;
}

}  // namespace zvon::sip
