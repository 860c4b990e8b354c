#include "services/signaling/transaction/sip_endpoint.h"

#include <deque>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "services/signaling/sip/grammar.h"
#include "services/signaling/sip/parse.h"
#include "services/signaling/transaction/outgoing_request.h"
#include "services/signaling/transaction/server_transaction.h"
#include "services/signaling/transaction/transaction_layer.h"
#include "services/signaling/transport/transport_set.h"

namespace zvon::sip {

namespace {

constexpr int kDrainRetryAfter_s = 5;

TransactionLayer::Options LayerOptions(const SipEndpoint::Options& options) {
  TransactionLayer::Options out;
  out.times = options.times;
  return out;
}

// Whose bytes were sent: tokens that go through a transport and back.
uint64_t TokenOf(const SendBytes& send) {
  if (send.server != 0) return send.server << 1 | 1;
  return send.client << 1;
}

}  // namespace

struct SipEndpoint::Impl final : TransportHandler {
  Options options;
  Loop& loop;
  RandomSource random;
  EndpointHandler& handler;
  Resolver& resolver;
  TransactionLayer layer;
  Admission admission;
  TransportSet transports;
  EndpointStats stats;
  bool draining = false;
  std::shared_ptr<bool> alive = std::make_shared<bool>(true);

  // Requests by our id, and the id behind each transaction of the layer.
  absl::flat_hash_map<ClientId, std::unique_ptr<OutgoingRequest>> requests;
  absl::flat_hash_map<ClientId, ClientId> request_of;
  ClientId next_request = 1;

  std::deque<Effect> notices;  // For the handler; never from inside its calls.
  bool in_notices = false;
  bool settle_due = false;
  TimerId timer = 0;
  absl::Time timer_at = absl::InfiniteFuture();

  Impl(Options o, Loop& l, RandomSource r, EndpointHandler& h, Resolver& res)
      : options(std::move(o)),
        loop(l),
        random(std::move(r)),
        handler(h),
        resolver(res),
        layer(LayerOptions(options), random),
        admission(options.admission),
        transports(loop) {}

  // --- From transports -------------------------------------------------------
  void OnMessage(const Flow& flow, std::string_view bytes) override;
  void OnBroken(const Flow& flow, std::string_view head) override;
  void OnClosed(const Flow& flow) override { handler.OnFlowClosed(flow); }
  void OnSendFailed(const Flow& flow, uint64_t token) override;
  bool Admit(const SocketAddress& source) override { return admission.Admit(source, loop.Now()); }
  void Refuse(const Message& request, const Flow& flow, int code, std::string_view reason);

  // --- Effects ---------------------------------------------------------------
  // Sends at once, keeps the rest for RunNotices.
  void Perform(Effects& effects);
  void RunNotices();
  // After a call from outside: notices run and the timer is set at turn end.
  void SettleLater();
  void SetTimer();
  void Notice(const SendBytes&) {}
  void Notice(const RequestArrived& e);
  void Notice(const CancelArrived& e) { handler.OnCancel(e.invite, e.cancel); }
  void Notice(const AckArrived& e) { handler.OnAck(e.invite, e.ack, e.flow); }
  void Notice(const AckMissing& e) { handler.OnAckMissing(e.invite); }
  void Notice(const ServerEnded&) {}
  void Notice(const ResponseArrived& e);
  void Notice(const ClientFailed& e);
  void Notice(const ClientEnded& e);

  // --- Outgoing requests -----------------------------------------------------
  OutgoingRequest* FindRequest(ClientId id);
  OutgoingRequest* RequestBehind(ClientId transaction);
  void Resolve(ClientId id);
  void OnResolved(ClientId id, const absl::StatusOr<Targets>& targets);
  // The next way to try; false: there is none left.
  bool TryNext(ClientId id, OutgoingRequest& request);
  void Attempt(ClientId id, OutgoingRequest& request, const Flow& flow);
  void Finish(ClientId id, int code, std::string reason);
  void SendAck(ClientId transaction, const OutRequest& ack, const Flow& flow,
               std::string_view server_name);
};

// --- From transports -----------------------------------------------------------

void SipEndpoint::Impl::OnMessage(const Flow& flow, std::string_view bytes) {
  ++stats.received;
  constexpr size_t kKeepaliveBytesMax = 8;  // CRLF, "jaK" and the like on UDP.
  if (bytes.size() <= kKeepaliveBytesMax) return;
  ParseResult parsed = Parse(bytes);
  if (parsed.code != 0) {
    ++stats.malformed;
    if (!parsed.drop()) Refuse(parsed.message, flow, parsed.code, parsed.reason);
    return;
  }
  const Message& message = parsed.message;
  if (message.is_request() && message.method() == Method::kCancel &&
      !layer.KnowsServer(TransactionLayer::ServerKey(message))) {
    handler.OnUnknownCancel(message, flow);  // It may restore the INVITE now.
  }
  Effects effects;
  layer.Receive(message, flow, loop.Now(), effects);
  Perform(effects);
  RunNotices();
  SetTimer();
}

void SipEndpoint::Impl::OnBroken(const Flow& flow, std::string_view head) {
  ++stats.received;
  ++stats.malformed;
  const ParseResult parsed = Parse(head);
  if (parsed.drop() || parsed.message.is_response()) return;
  Refuse(parsed.message, flow, parsed.code ? parsed.code : 400,
         parsed.code ? parsed.reason : "Missing Content-Length");
}

// Without a transaction: a malformed request is not worth any memory.
void SipEndpoint::Impl::Refuse(const Message& request, const Flow& flow, int code,
                               std::string_view reason) {
  OutResponse response;
  response.code = code;
  response.reason = reason;
  response.to_tag = MakeTag(random);
  ++stats.sent;
  transports.Send(ReplyFlow(request, flow), Serialize(response, request, flow.peer), 0, {});
}

void SipEndpoint::Impl::OnSendFailed(const Flow& flow, uint64_t token) {
  Effects effects;
  const uint64_t id = token >> 1;
  layer.SendFailed(token & 1 ? id : 0, token & 1 ? 0 : id, loop.Now(), effects);
  Perform(effects);
  RunNotices();
  SetTimer();
}

// --- Effects -------------------------------------------------------------------

void SipEndpoint::Impl::Perform(Effects& effects) {
  for (Effect& effect : effects) {
    auto* send = std::get_if<SendBytes>(&effect);
    if (!send) {
      notices.push_back(std::move(effect));
      continue;
    }
    ++stats.sent;
    const uint64_t token = TokenOf(*send);
    const OutgoingRequest* request = RequestBehind(send->client);
    transports.Send(send->flow, std::move(send->bytes), token,
                    request ? std::string_view(request->server_name) : std::string_view());
  }
}

void SipEndpoint::Impl::RunNotices() {
  if (in_notices) return;
  in_notices = true;
  const std::shared_ptr<bool> still = alive;
  while (*still && !notices.empty()) {
    const Effect effect = std::move(notices.front());
    notices.pop_front();
    std::visit([this](const auto& e) { Notice(e); }, effect);
  }
  if (*still) in_notices = false;
}

void SipEndpoint::Impl::SettleLater() {
  if (settle_due) return;
  settle_due = true;
  loop.AtTurnEnd([this, still = alive] {
    if (!*still) return;
    settle_due = false;
    RunNotices();
    if (*still) SetTimer();
  });
}

void SipEndpoint::Impl::SetTimer() {
  const absl::Time next = layer.NextWakeup();
  if (next >= timer_at) return;
  loop.Cancel(timer);
  timer_at = next;
  timer = loop.RunAt(next, [this] {
    timer_at = absl::InfiniteFuture();
    timer = 0;
    Effects effects;
    layer.Tick(loop.Now(), effects);
    Perform(effects);
    RunNotices();
    SetTimer();
  });
}

void SipEndpoint::Impl::Notice(const RequestArrived& e) {
  OutResponse refusal = CheckRequest(e.request, options.capabilities);
  if (refusal.code == 0 && draining && e.request.to().tag.empty()) {
    refusal.code = 503;
    refusal.headers.Add("Retry-After", kDrainRetryAfter_s);
    ++stats.overload_503;
  }
  if (refusal.code == 0) return handler.OnRequest(e.id, e.request, e.flow);
  Effects effects;
  layer.RespondOnce(e.id, refusal, loop.Now(), effects);
  Perform(effects);
}

void SipEndpoint::Impl::Notice(const ResponseArrived& e) {
  const auto behind = request_of.find(e.id);
  if (behind == request_of.end()) return;
  const ClientId id = behind->second;
  OutgoingRequest* request = FindRequest(id);
  if (!request) return;
  // RFC 3263 section 4.3: 503 means the next target.
  if (e.response.status() == 503 && !request->is_final && !request->cancelled &&
      TryNext(id, *request)) {
    return;
  }
  const int code = e.response.status();
  request->is_final |= code >= 200;
  const OutcomeHandler on_outcome = request->on_outcome;
  on_outcome(Outcome{e.response, e.flow, code, std::string(e.response.reason())});
}

void SipEndpoint::Impl::Notice(const ClientFailed& e) {
  const auto behind = request_of.find(e.id);
  if (behind == request_of.end()) return;
  const ClientId id = behind->second;
  OutgoingRequest* request = FindRequest(id);
  if (!request || request->is_final) return;
  if (!request->cancelled && TryNext(id, *request)) return;
  // A flow that is gone, not one whose peer is silent: that took its 64*T1.
  const bool gone = !e.timeout && !request->cancelled;
  if (gone && !request->resolved && request->has_fallback) return Resolve(id);
  Finish(id, e.timeout ? 408 : 503,
         e.timeout ? "timeout" : "cannot reach " + request->last_flow.ToString());
}

void SipEndpoint::Impl::Notice(const ClientEnded& e) {
  const auto behind = request_of.find(e.id);
  if (behind == request_of.end()) return;
  const ClientId id = behind->second;
  request_of.erase(behind);
  const auto it = requests.find(id);
  // A later attempt may be under way under another transaction.
  if (it != requests.end() && it->second->transaction == e.id && it->second->is_final)
    requests.erase(it);
}

// --- Outgoing requests -----------------------------------------------------------

OutgoingRequest* SipEndpoint::Impl::FindRequest(ClientId id) {
  const auto it = requests.find(id);
  return it == requests.end() ? nullptr : it->second.get();
}

OutgoingRequest* SipEndpoint::Impl::RequestBehind(ClientId transaction) {
  const auto it = request_of.find(transaction);
  return it == request_of.end() ? nullptr : FindRequest(it->second);
}

void SipEndpoint::Impl::Resolve(ClientId id) {
  OutgoingRequest* request = FindRequest(id);
  request->resolved = true;
  const auto uri = ParseUri(request->next_hop);
  if (!uri || !uri->is_sip()) {
    return Finish(id, 503, "no SIP address to send to: " + request->next_hop);
  }
  request->server_name = TargetHost(*uri);
  resolver.Resolve(*uri, [this, id, still = alive](const absl::StatusOr<Targets>& targets) {
    if (*still) OnResolved(id, targets);
  });
}

void SipEndpoint::Impl::OnResolved(ClientId id, const absl::StatusOr<Targets>& targets) {
  OutgoingRequest* request = FindRequest(id);
  if (!request || request->is_final) return;
  if (request->cancelled) return Finish(id, 487, "cancelled");
  if (!targets.ok()) return Finish(id, 503, std::string(targets.status().message()));
  for (const Target& target : *targets) {
    if (const auto flow = transports.FlowTo(target.protocol, target.address))
      request->ways.push_back(*flow);
  }
  if (!TryNext(id, *request)) Finish(id, 503, "no transport to " + request->next_hop);
}

bool SipEndpoint::Impl::TryNext(ClientId id, OutgoingRequest& request) {
  if (request.ways.empty()) return false;
  const Flow flow = request.ways.front();
  request.ways.pop_front();
  Attempt(id, request, flow);
  return true;
}

void SipEndpoint::Impl::Attempt(ClientId id, OutgoingRequest& request, const Flow& flow) {
  request.last_flow = flow;
  OutRequest out = request.request;
  if (out.contact.empty() && NeedsContact(out.method))
    out.contact = transports.ContactFor(flow, "zvon");
  if (!options.user_agent.empty()) out.headers.Add("User-Agent", options.user_agent);
  Effects effects;
  request.transaction =
      layer.Request(std::move(out), flow, transports.LocalHostPort(flow), loop.Now(), effects);
  request_of[request.transaction] = id;
  Perform(effects);
  SettleLater();
}

void SipEndpoint::Impl::Finish(ClientId id, int code, std::string reason) {
  OutgoingRequest* request = FindRequest(id);
  if (!request || request->is_final) return;
  request->is_final = true;
  Outcome outcome;
  outcome.code = code;
  outcome.reason = std::move(reason);
  outcome.flow = request->last_flow;
  // Never from inside the caller's Request.
  loop.AtTurnEnd([still = alive, this, id, on_outcome = request->on_outcome, outcome] {
    if (!*still) return;
    requests.erase(id);
    on_outcome(outcome);
  });
}

void SipEndpoint::Impl::SendAck(ClientId transaction, const OutRequest& ack, const Flow& flow,
                                std::string_view) {
  Effects effects;
  layer.Ack(transaction, ack, flow, transports.LocalHostPort(flow), loop.Now(), effects);
  Perform(effects);
}

// --- The outside -----------------------------------------------------------------

SipEndpoint::SipEndpoint(Options options, Loop& loop, RandomSource random, EndpointHandler& handler,
                         Resolver& resolver)
    : impl_(
          std::make_unique<Impl>(std::move(options), loop, std::move(random), handler, resolver)) {}

SipEndpoint::~SipEndpoint() { Stop(); }

absl::Status SipEndpoint::Start() {
  TransportSet::Options options;
  const Options& own = impl_->options;
  for (const Listen& listen : own.listen) {
    options.listen.push_back(
        {listen.protocol, listen.address, listen.advertised_host, listen.advertised_port});
  }
  options.tls = own.tls;
  options.stream.connections_max = own.connections_max;
  options.stream.connections_per_source_max = own.connections_per_source_max;
  options.stream.half_message_max = own.half_message_max;
  options.stream.idle_max = own.idle_max;
  return impl_->transports.Start(options, *impl_);
}

void SipEndpoint::Stop() {
  if (!*impl_->alive) return;
  *impl_->alive = false;
  impl_->loop.Cancel(impl_->timer);
  impl_->transports.Stop();
}

void SipEndpoint::Drain() { impl_->draining = true; }

SocketAddress SipEndpoint::LocalAddress(size_t listener) const {
  return impl_->transports.LocalAddress(listener);
}
std::string SipEndpoint::LocalHostPort(const Flow& flow) const {
  return impl_->transports.LocalHostPort(flow);
}
std::string SipEndpoint::ContactFor(const Flow& flow, std::string_view user) const {
  return impl_->transports.ContactFor(flow, user);
}

void SipEndpoint::Respond(ServerId id, const OutResponse& response) {
  Effects effects;
  impl_->layer.Respond(id, response, impl_->loop.Now(), effects);
  impl_->Perform(effects);
  impl_->SettleLater();
}

void SipEndpoint::RespondOnce(ServerId id, const OutResponse& response) {
  Effects effects;
  impl_->layer.RespondOnce(id, response, impl_->loop.Now(), effects);
  impl_->Perform(effects);
  impl_->SettleLater();
}

const Message* SipEndpoint::ServerRequest(ServerId id) const {
  return impl_->layer.ServerRequest(id);
}
bool SipEndpoint::ServerIsOpen(ServerId id) const { return impl_->layer.ServerIsOpen(id); }

ClientId SipEndpoint::Request(OutRequest request, Destination destination,
                              OutcomeHandler on_outcome) {
  const ClientId id = impl_->next_request++;
  auto owned = std::make_unique<OutgoingRequest>();
  OutgoingRequest& out = *owned;
  out.next_hop = NextHopOf(request, destination);
  out.has_fallback = !destination.uri.empty();
  out.request = std::move(request);
  out.on_outcome = std::move(on_outcome);
  impl_->requests.emplace(id, std::move(owned));
  if (destination.flow) {
    impl_->Attempt(id, out, *destination.flow);
  } else {
    impl_->Resolve(id);
  }
  impl_->SettleLater();
  return id;
}

void SipEndpoint::Cancel(ClientId invite) {
  OutgoingRequest* request = impl_->FindRequest(invite);
  if (!request) return;
  request->cancelled = true;
  Effects effects;
  impl_->layer.Cancel(request->transaction, impl_->loop.Now(), effects);
  impl_->Perform(effects);
  impl_->SettleLater();
}

void SipEndpoint::Ack(ClientId invite, OutRequest ack, Destination destination) {
  const OutgoingRequest* request = impl_->FindRequest(invite);
  const ClientId transaction = request ? request->transaction : 0;
  if (destination.flow) return impl_->SendAck(transaction, ack, *destination.flow, {});
  const std::string next_hop = NextHopOf(ack, destination);
  const auto uri = ParseUri(next_hop);
  if (!uri || !uri->is_sip()) return;
  impl_->resolver.Resolve(*uri, [impl = impl_.get(), still = impl_->alive, transaction,
                                 ack = std::move(ack)](const absl::StatusOr<Targets>& targets) {
    if (!*still || !targets.ok())
      return;  // Its 2xx comes again and finds no ACK: AckMissing there.
    const auto flow = impl->transports.FlowTo(targets->front().protocol, targets->front().address);
    if (flow) impl->SendAck(transaction, ack, *flow, {});
  });
}

std::string SipEndpoint::Snapshot(ServerId id) const { return impl_->layer.Snapshot(id); }

absl::StatusOr<ServerId> SipEndpoint::Restore(std::string_view snapshot) {
  const auto raw = TransactionLayer::SnapshotRequest(snapshot);
  if (!raw.ok()) return raw.status();
  const ParseResult parsed = Parse(*raw);
  if (parsed.code != 0) return absl::InvalidArgumentError("transaction snapshot: " + parsed.reason);
  Effects effects;
  auto id = impl_->layer.Restore(snapshot, parsed.message, impl_->loop.Now(), effects);
  impl_->Perform(effects);
  impl_->SettleLater();
  return id;
}

absl::Status SipEndpoint::SetTls(const TlsFiles& files) { return impl_->transports.SetTls(files); }
void SipEndpoint::SetAdmission(const AdmissionLimits& limits) {
  impl_->admission.SetLimits(limits);
}

EndpointStats SipEndpoint::Stats() const {
  EndpointStats stats = impl_->stats;
  stats.dropped_by_admission = impl_->admission.refused();
  stats.server_transactions = impl_->layer.server_count();
  stats.client_transactions = impl_->layer.client_count();
  stats.connections = impl_->transports.connections();
  return stats;
}

}  // namespace zvon::sip
