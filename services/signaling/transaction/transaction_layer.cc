#include "services/signaling/transaction/transaction_layer.h"

#include <functional>
#include <queue>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/hash/hash.h"
#include "services/signaling/sip/field_codec.h"
#include "services/signaling/sip/grammar.h"
#include "services/signaling/transaction/client_transaction.h"
#include "services/signaling/transaction/server_transaction.h"

namespace zvon::sip {

namespace {

constexpr std::string_view kCookie = "z9hG4bK";

std::string Join(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (std::string_view part : parts) {
    out += part;
    out += '\n';  // In none of the parts.
  }
  return out;
}

// Which server transaction a request belongs to, ACK and CANCEL taken for the
// INVITE when `as_invite`.
std::string KeyOf(const Message& request, bool as_invite) {
  const ViaView& via = request.top_via();
  const std::string_view method = as_invite ? MethodName(Method::kInvite) : request.method_name();
  const std::string number = std::to_string(request.cseq().number);
  if (via.branch.size() > kCookie.size() && via.branch.substr(0, kCookie.size()) == kCookie) {
    return Join({via.branch, LowerCase(via.host), std::to_string(via.port), method});
  }
  // RFC 2543 (section 17.2.3): no To tag, as an ACK's differs from its INVITE's.
  return Join(
      {via.raw, request.call_id(), request.from().tag, number, request.request_uri_text(), method});
}

// What an INVITE shares with the ACK of its 2xx and with its merged copies.
std::string DialogKeyOf(const Message& request) {
  return Join({request.call_id(), request.from().tag, std::to_string(request.cseq().number)});
}

struct Due {
  int64_t when_ns;
  uint64_t id;
  bool operator>(const Due& other) const {
    return std::pair(when_ns, id) > std::pair(other.when_ns, other.id);
  }
};

}  // namespace

struct TransactionLayer::Impl {
  Options options;
  RandomSource random;
  absl::flat_hash_map<ServerId, std::unique_ptr<ServerTransaction>> servers;
  absl::flat_hash_map<std::string, ServerTransaction*> servers_by_key;
  // INVITEs only.
  absl::flat_hash_map<std::string, ServerTransaction*> servers_by_dialog;
  absl::flat_hash_map<ClientId, std::unique_ptr<ClientTransaction>> clients;
  absl::flat_hash_map<std::string, ClientTransaction*> clients_by_key;
  // Both kinds share one row of ids. Entries outlive their transactions; each
  // transaction has one entry not later than its deadline.
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due;
  uint64_t next_id = 1;
  uint64_t tag_seed = 0;

  template <class Transaction>
  void Schedule(Transaction& t) {
    const absl::Time deadline = t.Deadline();
    if (deadline >= t.scheduled) return;
    t.scheduled = deadline;
    due.push({absl::ToUnixNanos(deadline), t.id});
  }

  ServerTransaction* FindServer(ServerId id) const {
    const auto it = servers.find(id);
    return it == servers.end() ? nullptr : it->second.get();
  }
  ClientTransaction* FindClient(ClientId id) const {
    const auto it = clients.find(id);
    return it == clients.end() ? nullptr : it->second.get();
  }
  ServerTransaction* FindByKey(const std::string& key) const {
    const auto it = servers_by_key.find(key);
    return it == servers_by_key.end() ? nullptr : it->second;
  }

  // Erases what has ended, schedules what has not.
  void Settle(ServerTransaction& t) {
    if (t.state != ServerTransaction::State::kEnded) return Schedule(t);
    servers_by_key.erase(t.key);
    const auto it = servers_by_dialog.find(t.dialog_key);
    if (it != servers_by_dialog.end() && it->second == &t) servers_by_dialog.erase(it);
    servers.erase(t.id);
  }
  void Settle(ClientTransaction& t) {
    if (t.state != ClientTransaction::State::kEnded) return Schedule(t);
    clients_by_key.erase(t.key);
    clients.erase(t.id);
  }

  ServerTransaction& NewServer(const Message& request, const Flow& flow, std::string key) {
    auto owned = std::make_unique<ServerTransaction>();
    ServerTransaction& t = *owned;
    t.id = next_id++;
    t.key = std::move(key);
    t.method = request.method();
    t.request = request;
    t.source = flow;
    t.reply = ReplyFlow(request, flow);
    servers_by_key[t.key] = &t;
    if (t.is_invite()) servers_by_dialog[t.dialog_key = DialogKeyOf(request)] = &t;
    servers.emplace(t.id, std::move(owned));
    return t;
  }

  // The same for the same request in one process, unforeseeable to others.
  std::string StatelessTag(const std::string& key) const {
    const uint64_t hash = absl::Hash<std::pair<uint64_t, std::string>>{}({tag_seed, key});
    return MakeTag(SeededRandom(hash));
  }

  void SendStateless(const Message& request, const Flow& flow, OutResponse response,
                     Effects& effects) {
    response.to_tag = MakeTag(random);
    effects.push_back(
        SendBytes{ReplyFlow(request, flow), Serialize(response, request, flow.peer), 0, 0});
  }

  void Respond(ServerTransaction& t, OutResponse response, absl::Time now, Effects& effects) {
    if (response.code > 100) {
      if (!response.to_tag.empty()) t.to_tag = response.to_tag;
      if (t.to_tag.empty()) t.to_tag = MakeTag(random);
      response.to_tag = t.to_tag;
    }
    t.Respond(response, options.times, now, effects);
    Settle(t);
  }

  void ReceiveRequest(const Message& request, const Flow& flow, absl::Time now, Effects& effects);
  void ReceiveAck(const Message& ack, const Flow& flow, absl::Time now, Effects& effects);
  void ReceiveCancel(const Message& cancel, const Flow& flow, absl::Time now, Effects& effects);
  void ReceiveResponse(const Message& response, const Flow& flow, absl::Time now, Effects& effects);
  bool IsMerged(const Message& request) const;
  ClientTransaction& NewClient(OutRequest request, const Flow& flow, std::string via,
                               std::string_view branch);
  void SendCancel(ClientTransaction& invite, absl::Time now, Effects& effects);
  std::string MakeVia(const Flow& flow, std::string_view sent_by, std::string_view branch) const;
};

TransactionLayer::TransactionLayer(Options options, RandomSource random)
    : impl_(std::make_unique<Impl>()) {
  impl_->options = std::move(options);
  impl_->random = std::move(random);
  impl_->tag_seed = impl_->random();
}
TransactionLayer::~TransactionLayer() = default;

std::string TransactionLayer::ServerKey(const Message& request) {
  const bool as_invite = request.method() == Method::kAck || request.method() == Method::kCancel;
  return KeyOf(request, as_invite);
}

void TransactionLayer::Receive(const Message& message, const Flow& flow, absl::Time now,
                               Effects& effects) {
  if (message.is_response()) return impl_->ReceiveResponse(message, flow, now, effects);
  switch (message.method()) {
    case Method::kAck:
      return impl_->ReceiveAck(message, flow, now, effects);
    case Method::kCancel:
      return impl_->ReceiveCancel(message, flow, now, effects);
    default:
      return impl_->ReceiveRequest(message, flow, now, effects);
  }
}

// --- Server side -----------------------------------------------------------

// RFC 3261 section 8.2.2.2: the same request by another path.
bool TransactionLayer::Impl::IsMerged(const Message& request) const {
  if (request.method() != Method::kInvite || !request.to().tag.empty()) return false;
  const auto it = servers_by_dialog.find(DialogKeyOf(request));
  return it != servers_by_dialog.end() && it->second->is_open();
}

void TransactionLayer::Impl::ReceiveRequest(const Message& request, const Flow& flow,
                                            absl::Time now, Effects& effects) {
  std::string key = KeyOf(request, false);
  if (ServerTransaction* known = FindByKey(key)) return known->ReceiveRetransmission(effects);
  if (IsMerged(request)) return SendStateless(request, flow, OutResponse{.code = 482}, effects);
  if (servers.size() >= options.server_max) {
    OutResponse busy{.code = 503};
    busy.headers.Add("Retry-After", static_cast<uint64_t>(options.retry_after));
    return SendStateless(request, flow, std::move(busy), effects);
  }
  ServerTransaction& t = NewServer(request, flow, std::move(key));
  t.Start(options.times, now);
  Schedule(t);
  effects.push_back(RequestArrived{t.id, request, flow});
}

void TransactionLayer::Impl::ReceiveAck(const Message& ack, const Flow& flow, absl::Time now,
                                        Effects& effects) {
  ServerTransaction* invite = FindByKey(KeyOf(ack, true));
  if (invite && invite->state != ServerTransaction::State::kAccepted) {
    invite->ReceiveAck(options.times, now);
    return Settle(*invite);
  }
  if (!invite) {
    const auto it = servers_by_dialog.find(DialogKeyOf(ack));
    invite = it == servers_by_dialog.end() ? nullptr : it->second;
  }
  if (!invite) {
    effects.push_back(AckArrived{0, ack, flow});
  } else if (invite->ReceiveAckOf2xx()) {
    effects.push_back(AckArrived{invite->id, ack, flow});
  }
}

void TransactionLayer::Impl::ReceiveCancel(const Message& cancel, const Flow& flow, absl::Time now,
                                           Effects& effects) {
  std::string key = KeyOf(cancel, false);
  if (ServerTransaction* known = FindByKey(key)) return known->ReceiveRetransmission(effects);
  ServerTransaction* invite = FindByKey(KeyOf(cancel, true));
  ServerTransaction& t = NewServer(cancel, flow, std::move(key));
  if (invite && invite->to_tag.empty()) invite->to_tag = MakeTag(random);
  OutResponse answer{.code = invite ? 200 : 481};
  if (invite) answer.to_tag = invite->to_tag;
  const ServerId invite_id = invite && invite->is_open() ? invite->id : 0;
  Effects own;  // The end of the CANCEL's transaction is nobody's business.
  Respond(t, std::move(answer), now, own);
  for (Effect& effect : own) {
    if (std::holds_alternative<SendBytes>(effect)) effects.push_back(std::move(effect));
  }
  if (invite_id != 0) effects.push_back(CancelArrived{invite_id, cancel});
}

void TransactionLayer::Respond(ServerId id, const OutResponse& response, absl::Time now,
                               Effects& effects) {
  if (ServerTransaction* t = impl_->FindServer(id)) impl_->Respond(*t, response, now, effects);
}

void TransactionLayer::RespondOnce(ServerId id, const OutResponse& response, absl::Time,
                                   Effects& effects) {
  ServerTransaction* t = impl_->FindServer(id);
  if (!t || !t->is_open() || response.code < 200) return;
  OutResponse out = response;
  if (out.to_tag.empty()) out.to_tag = t->to_tag.empty() ? impl_->StatelessTag(t->key) : t->to_tag;
  effects.push_back(SendBytes{t->reply, Serialize(out, t->request, t->source.peer), 0, 0});
  t->state = ServerTransaction::State::kEnded;
  effects.push_back(ServerEnded{id});
  impl_->Settle(*t);
}

const Message* TransactionLayer::ServerRequest(ServerId id) const {
  const ServerTransaction* t = impl_->FindServer(id);
  return t && t->request.is_set() ? &t->request : nullptr;
}

bool TransactionLayer::ServerIsOpen(ServerId id) const {
  const ServerTransaction* t = impl_->FindServer(id);
  return t && t->is_open();
}

bool TransactionLayer::KnowsServer(const std::string& server_key) const {
  return impl_->servers_by_key.contains(server_key);
}

// --- Client side -----------------------------------------------------------

std::string TransactionLayer::Impl::MakeVia(const Flow& flow, std::string_view sent_by,
                                            std::string_view branch) const {
  std::string via = "SIP/2.0/";
  via.append(ProtocolName(flow.protocol)).append(" ").append(sent_by);
  via.append(";rport;branch=").append(branch);
  return via;
}

ClientTransaction& TransactionLayer::Impl::NewClient(OutRequest request, const Flow& flow,
                                                     std::string via, std::string_view branch) {
  auto owned = std::make_unique<ClientTransaction>();
  ClientTransaction& t = *owned;
  t.id = next_id++;
  t.key = Join({branch, request.method});
  t.method = MethodFromName(request.method);
  t.request = std::move(request);
  t.via = std::move(via);
  t.flow = flow;
  clients_by_key[t.key] = &t;
  clients.emplace(t.id, std::move(owned));
  return t;
}

ClientId TransactionLayer::Request(OutRequest request, const Flow& flow, std::string_view sent_by,
                                   absl::Time now, Effects& effects) {
  if (impl_->clients.size() >= impl_->options.client_max) {
    const ClientId id = impl_->next_id++;
    effects.push_back(ClientFailed{id, false});
    effects.push_back(ClientEnded{id});
    return id;
  }
  const std::string branch = MakeBranch(impl_->random);
  ClientTransaction& t =
      impl_->NewClient(std::move(request), flow, impl_->MakeVia(flow, sent_by, branch), branch);
  t.bytes = Serialize(t.request, t.via);
  t.Start(impl_->options.times, now, effects);
  impl_->Schedule(t);
  return t.id;
}

void TransactionLayer::Impl::ReceiveResponse(const Message& response, const Flow& flow,
                                             absl::Time now, Effects& effects) {
  const auto it =
      clients_by_key.find(Join({response.top_via().branch, response.cseq().method_name}));
  // RFC 6026 section 8.4: what matches nothing is dropped.
  if (it == clients_by_key.end() || response.vias().size() != 1) return;
  ClientTransaction& t = *it->second;
  t.ReceiveResponse(response, flow, options.times, now, effects);
  if (t.wants_cancel()) SendCancel(t, now, effects);
  Settle(t);
}

void TransactionLayer::Impl::SendCancel(ClientTransaction& invite, absl::Time now,
                                        Effects& effects) {
  invite.cancel_sent = true;
  // RFC 3261 section 9.1: a peer that never answers the INVITE is given up.
  invite.end_at = now + 64 * options.times.t1;
  OutRequest cancel = invite.request;
  cancel.method = MethodName(Method::kCancel);
  const size_t at = invite.via.find("branch=") + 7;
  ClientTransaction& t =
      NewClient(std::move(cancel), invite.flow, invite.via, invite.via.substr(at));
  t.silent = true;
  t.bytes = SerializeCancel(t.request, t.via);
  t.Start(options.times, now, effects);
  Schedule(t);
}

void TransactionLayer::Cancel(ClientId invite, absl::Time now, Effects& effects) {
  ClientTransaction* t = impl_->FindClient(invite);
  if (!t || !t->is_invite()) return;
  t->cancel_asked = true;
  if (t->wants_cancel()) impl_->SendCancel(*t, now, effects);
  impl_->Schedule(*t);
}

void TransactionLayer::Ack(ClientId invite, const OutRequest& ack, const Flow& flow,
                           std::string_view sent_by, absl::Time now, Effects& effects) {
  std::string bytes = Serialize(ack, impl_->MakeVia(flow, sent_by, MakeBranch(impl_->random)));
  ClientTransaction* t = impl_->FindClient(invite);
  const auto parts = SplitNameAddr(ack.to);
  const std::string_view tag =
      parts ? FindParam(parts->params, "tag").value_or(std::string_view()) : std::string_view();
  for (size_t i = 0; t && i < t->accepted.size(); ++i) {
    if (t->accepted[i].tag != tag) continue;
    t->accepted[i].ack = bytes;
    t->accepted[i].flow = flow;
  }
  effects.push_back(SendBytes{flow, std::move(bytes), 0, 0});
}

void TransactionLayer::SendFailed(ServerId server, ClientId client, absl::Time now,
                                  Effects& effects) {
  if (ServerTransaction* s = impl_->FindServer(server)) s->ReplyElsewhere(effects);
  ClientTransaction* t = impl_->FindClient(client);
  if (!t) return;
  t->Fail(false, effects);
  impl_->Settle(*t);
}

// --- Take-over ---------------------------------------------------------------

std::string TransactionLayer::Snapshot(ServerId id) const {
  const ServerTransaction* t = impl_->FindServer(id);
  if (!t || !t->is_invite() || !t->request.is_set()) return {};
  return FieldWriter("invite1")
      .Add(t->request.raw())
      .Add(t->source.ToString())
      .Add(static_cast<uint64_t>(t->state))
      .Add(t->to_tag)
      .Add(static_cast<uint64_t>(t->last_code))
      .Add(t->last_response)
      .Add(t->acked ? 1 : 0)
      .Take();
}

absl::StatusOr<std::string> TransactionLayer::SnapshotRequest(std::string_view snapshot) {
  FieldReader reader("invite1", snapshot);
  const std::string_view raw = reader.Text();
  if (!reader.ok()) return absl::InvalidArgumentError("transaction snapshot: unknown form");
  return std::string(raw);
}

absl::StatusOr<ServerId> TransactionLayer::Restore(std::string_view snapshot,
                                                   const Message& request, absl::Time now,
                                                   Effects& effects) {
  FieldReader reader("invite1", snapshot);
  reader.Text();
  const auto flow = Flow::Parse(reader.Text());
  const auto state = static_cast<ServerTransaction::State>(
      reader.Number(static_cast<uint64_t>(ServerTransaction::State::kEnded)));
  const std::string_view to_tag = reader.Text();
  const int last_code = static_cast<int>(reader.Number(699));
  const std::string_view last_response = reader.Text();
  const bool acked = reader.Number(1) != 0;
  if (!reader.ok() || !flow || !request.is_set() || request.method() != Method::kInvite) {
    return absl::InvalidArgumentError("transaction snapshot: damaged");
  }
  std::string key = KeyOf(request, false);
  ServerTransaction* t = impl_->FindByKey(key);
  const bool asked_again = t != nullptr;
  if (!t) t = &impl_->NewServer(request, *flow, std::move(key));
  t->state = state;
  t->to_tag = to_tag;
  t->last_code = last_code;
  t->last_response = last_response;
  t->acked = acked;
  t->Resume(impl_->options.times, now);
  // Its retransmission brought it here: it gets what the one before had sent.
  if (asked_again && !t->last_response.empty()) t->ReceiveRetransmission(effects);
  const ServerId id = t->id;
  impl_->Settle(*t);
  return id;
}

// --- Time --------------------------------------------------------------------

void TransactionLayer::Tick(absl::Time now, Effects& effects) {
  Impl& impl = *impl_;
  const int64_t now_ns = absl::ToUnixNanos(now);
  const auto tick = [&](auto* t, int64_t when_ns) {
    if (absl::ToUnixNanos(t->scheduled) != when_ns)
      return;  // An entry overtaken by an earlier one.
    t->scheduled = absl::InfiniteFuture();
    if (t->Deadline() <= now) t->Tick(impl.options.times, now, effects);
    impl.Settle(*t);
  };
  while (!impl.due.empty() && impl.due.top().when_ns <= now_ns) {
    const Due entry = impl.due.top();
    impl.due.pop();
    if (ServerTransaction* server = impl.FindServer(entry.id)) {
      tick(server, entry.when_ns);
    } else if (ClientTransaction* client = impl.FindClient(entry.id)) {
      tick(client, entry.when_ns);
    }
  }
}

absl::Time TransactionLayer::NextWakeup() const {
  return impl_->due.empty() ? absl::InfiniteFuture()
                            : absl::FromUnixNanos(impl_->due.top().when_ns);
}

size_t TransactionLayer::server_count() const { return impl_->servers.size(); }
size_t TransactionLayer::client_count() const { return impl_->clients.size(); }

}  // namespace zvon::sip
