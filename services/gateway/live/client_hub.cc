#include "services/gateway/live/client_hub.h"

#include <algorithm>
#include <utility>

#include "services/common/telemetry/log.h"
#include "services/gateway/core/json_limits.h"
#include "services/gateway/core/permissions.h"
#include "services/gateway/live/json.h"
#include "services/gateway/live/public_settings.h"

namespace zvon::gateway {
namespace {

std::shared_ptr<const std::string> BodyOf(const v1::ServerFrame& frame) {
  return std::make_shared<const std::string>(ToJson(frame));
}

void SetTime(absl::Time time, google::protobuf::Timestamp* out) {
  out->set_seconds(absl::ToUnixSeconds(time));
  out->set_nanos(static_cast<int32_t>(
      absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(absl::ToUnixSeconds(time)))));
}

}  // namespace

ClientHub::ClientHub(TaskRunner& runner, SessionCache& tokens, GatewayProbe& probe,
                     RandomSource random)
    : runner_(runner),
      tokens_(tokens),
      probe_(probe),
      random_(std::move(random)),
      desk_(runner, probe,
            [this](const AgentKey& key, const routing::v1::AgentStatus& status) {
              v1::ServerFrame frame;
              *frame.mutable_agent() = status;
              ToUser(key, frame);
            }),
      live_([this](const std::string& tenant_id, const LiveView::Body& body) {
        for (const auto& [id, session] : sessions_) {
          if (session->watches_live && session->user.tenant_id == tenant_id)
            SendLive(*session, body);
        }
      }),
      configuration_(MakeConfiguration(0, {})) {}

void ClientHub::Start(RoutingLink& routing, SignalingLinks& signaling) {
  signaling_ = &signaling;
  desk_.Start(routing, signaling);
  live_.Start(routing);
  verify_timer_ = runner_.RunAfter(kVerifyEvery, [this] { VerifyAll(); });
}

void ClientHub::Stop() {
  stopped_ = true;
  runner_.Cancel(verify_timer_);
  for (auto& [id, session] : sessions_) runner_.Cancel(session->expiry);
  for (auto& [socket, visitor] : visitors_) runner_.Cancel(visitor.hello_timer);
  desk_.Stop();
}

AgentKey ClientHub::KeyOf(const ClientSession& session) const {
  return {session.user.tenant_id, session.user.user_id};
}

// --- Sockets -----------------------------------------------------------------

void ClientHub::OnSocketOpen(std::shared_ptr<Socket> socket, const std::string& cookie_token) {
  Visitor& visitor = visitors_[socket];
  visitor.cookie_token = cookie_token;
  visitor.refilled = runner_.Now();
  std::weak_ptr<Socket> weak = socket;
  visitor.hello_timer = runner_.RunAfter(kHelloTimeout, [weak] {
    if (auto late = weak.lock()) late->Close(ClientSession::kUnauthenticated, "no hello in time");
  });
  probe_.sockets.Set(static_cast<double>(visitors_.size()));
}

void ClientHub::OnSocketClosed(const std::shared_ptr<Socket>& socket) {
  auto node = visitors_.extract(socket);
  probe_.sockets.Set(static_cast<double>(visitors_.size()));
  if (node.empty() || stopped_) return;
  runner_.Cancel(node.mapped().hello_timer);
  SessionPtr session = node.mapped().session;
  // A resumption may have given the session a newer socket already.
  if (session && session->socket == socket) Detach(session);
}

void ClientHub::Detach(const SessionPtr& session) {
  session->socket = nullptr;
  if (session->agent) desk_.ClientGone(KeyOf(*session));
  runner_.Cancel(session->expiry);
  session->expiry = runner_.RunAfter(kResume, [this, session] { End(session, 0, ""); });
}

void ClientHub::OnSocketText(const std::shared_ptr<Socket>& socket, const std::string& text) {
  auto it = visitors_.find(socket);
  if (it == visitors_.end()) return;
  Visitor& visitor = it->second;
  probe_.frames_received.Increment();
  v1::ClientFrame frame;
  absl::Status status = FromJson(text, &frame);
  if (!status.ok()) {
    // Its id, where there is one, so that the client knows which it was.
    v1::ClientFrame partial;
    bool known = FromJsonLeniently(text, &partial).ok();
    if (!known) partial.Clear();
    frame.Clear();
    frame.set_id(partial.id());
  } else if (!WithinRate(visitor)) {
    status = absl::ResourceExhaustedError("too many frames a second");
  }
  Language language = visitor.session ? visitor.session->language : Language::kEnglish;
  if (!status.ok()) {
    probe_.frames_refused.Increment();
    return socket->Send(ResponseFrame(frame.id(), status, language));
  }
  if (visitor.session) return OnRequest(visitor.session, frame);
  if (frame.has_hello() && !visitor.greeting) return OnHello(socket, visitor, frame);
  socket->Send(ResponseFrame(frame.id(), absl::FailedPreconditionError("the first frame is hello"),
                             language));
}

bool ClientHub::WithinRate(Visitor& visitor) {
  absl::Time now = runner_.Now();
  visitor.tokens = std::min(
      kFrameBurst, visitor.tokens + kFrameRate * absl::ToDoubleSeconds(now - visitor.refilled));
  visitor.refilled = now;
  if (visitor.tokens < 1) return false;
  visitor.tokens -= 1;
  return true;
}

// --- Hello -------------------------------------------------------------------

void ClientHub::OnHello(const std::shared_ptr<Socket>& socket, Visitor& visitor,
                        const v1::ClientFrame& frame) {
  visitor.greeting = true;
  std::string token = frame.hello().token().empty() ? visitor.cookie_token : frame.hello().token();
  tokens_.Verify(token, [this, socket, frame](const absl::StatusOr<UserSession>& user) {
    auto it = visitors_.find(socket);
    if (it == visitors_.end() || stopped_) return;
    it->second.greeting = false;
    if (user.ok()) return Welcome(socket, frame, *user);
    socket->Send(ResponseFrame(frame.id(), user.status(), LanguageOf(frame.hello().language())));
    if (absl::IsUnauthenticated(user.status())) {
      socket->Close(ClientSession::kUnauthenticated, "not signed in");
    }
  });
}

void ClientHub::Welcome(const std::shared_ptr<Socket>& socket, const v1::ClientFrame& frame,
                        const UserSession& user) {
  const v1::Hello& hello = frame.hello();
  if (hello.agent() && !MayDo(user.permissions, kHandleCalls)) {
    return socket->Send(ResponseFrame(frame.id(),
                                      absl::PermissionDeniedError("you do not take interactions"),
                                      LanguageOf(hello.language())));
  }
  auto it = sessions_.find(hello.client_session_id());
  SessionPtr session = it == sessions_.end() ? nullptr : it->second;
  // Nobody resumes what is somebody else's.
  if (session &&
      (session->user.user_id != user.user_id || session->user.tenant_id != user.tenant_id)) {
    session = nullptr;
  }
  bool resumed = session && Resume(socket, session, hello);
  if (!resumed) session = Begin(socket, hello, user);
  session->user = user;
  Visitor& visitor = visitors_[socket];
  visitor.session = session;
  runner_.Cancel(visitor.hello_timer);
  (resumed ? probe_.sessions_resumed : probe_.sessions_begun).Increment();
  probe_.client_sessions.Set(static_cast<double>(sessions_.size()));
}

bool ClientHub::Resume(const std::shared_ptr<Socket>& socket, const SessionPtr& session,
                       const v1::Hello& hello) {
  auto missed = session->replay.After(hello.last_sequence());
  if (!missed) {
    // Begun anew; the agent stays signed in through the new session.
    session->agent = false;
    End(session, ClientSession::kReplaced, "begun anew");
    return false;
  }
  session->CloseSocket(ClientSession::kReplaced, "resumed elsewhere");
  runner_.Cancel(session->expiry);
  session->expiry = 0;
  session->socket = socket;
  session->replay.Acknowledge(hello.last_sequence());
  SendWelcome(*session, true);
  for (const ReplayBuffer::Event& event : *missed) session->SendNow(NumberedFrame(event));
  if (session->agent && !hello.agent()) desk_.ClientGone(KeyOf(*session));
  session->agent = hello.agent();
  if (session->agent) {
    ReplaceOtherAgentSessions(session);
    desk_.SignIn(KeyOf(*session));
  }
  return true;
}

ClientHub::SessionPtr ClientHub::Begin(const std::shared_ptr<Socket>& socket,
                                       const v1::Hello& hello, const UserSession& user) {
  auto session = std::make_shared<ClientSession>(MakeId(runner_.Now(), random_), user,
                                                 LanguageOf(hello.language()), hello.agent());
  session->socket = socket;
  sessions_.emplace(session->id, session);
  by_user_.emplace(KeyOf(*session), session);
  SendWelcome(*session, false);
  if (session->agent) ReplaceOtherAgentSessions(session);
  SendState(*session);
  if (session->agent) desk_.SignIn(KeyOf(*session));
  return session;
}

// One desk per agent: two would show the same offer twice.
void ClientHub::ReplaceOtherAgentSessions(const SessionPtr& session) {
  std::vector<SessionPtr> others;
  auto [begin, end] = by_user_.equal_range(KeyOf(*session));
  for (auto it = begin; it != end; ++it) {
    if (it->second != session && it->second->agent) others.push_back(it->second);
  }
  for (const SessionPtr& other : others) {
    other->agent = false;  // The agent stays signed in.
    End(other, ClientSession::kReplaced, "signed in elsewhere");
  }
}

void ClientHub::SendWelcome(ClientSession& session, bool resumed) {
  v1::ServerFrame frame;
  frame.mutable_welcome()->set_client_session_id(session.id);
  frame.mutable_welcome()->set_resumed(resumed);
  SetTime(runner_.Now(), frame.mutable_welcome()->mutable_server_time());
  session.SendNow(ToJson(frame));
}

void ClientHub::SendState(ClientSession& session) {
  AgentKey key = KeyOf(session);
  if (!degraded_.empty()) {
    v1::ServerFrame frame;
    for (const std::string& service : degraded_) frame.mutable_degradation()->add_services(service);
    session.SendEvent(BodyOf(frame));
  }
  if (const routing::v1::AgentStatus* status = desk_.StatusOf(key)) {
    v1::ServerFrame frame;
    *frame.mutable_agent() = *status;
    session.SendEvent(BodyOf(frame));
  }
  for (const auto& call : signaling_->CallsOf(key.tenant_id, key.agent_id)) {
    v1::ServerFrame frame;
    *frame.mutable_call() = call;
    session.SendEvent(BodyOf(frame));
  }
}

// --- Ends --------------------------------------------------------------------

void ClientHub::End(const SessionPtr& session, uint16_t code, const std::string& reason) {
  if (sessions_.erase(session->id) == 0) return;
  auto [begin, end] = by_user_.equal_range(KeyOf(*session));
  for (auto it = begin; it != end; ++it) {
    if (it->second != session) continue;
    by_user_.erase(it);
    break;
  }
  runner_.Cancel(session->expiry);
  StopWatching(*session);
  if (session->socket) {
    auto it = visitors_.find(session->socket);
    if (it != visitors_.end()) it->second.session = nullptr;
  }
  session->CloseSocket(code, reason);
  if (session->agent) desk_.ClientGone(KeyOf(*session));
  probe_.client_sessions.Set(static_cast<double>(sessions_.size()));
}

void ClientHub::EndToken(const std::string& token) {
  std::vector<SessionPtr> ended;
  for (const auto& [id, session] : sessions_) {
    if (session->user.token == token) ended.push_back(session);
  }
  for (const SessionPtr& session : ended) {
    if (session->agent) desk_.SignOut(KeyOf(*session), nullptr);
    session->agent = false;
    End(session, ClientSession::kUnauthenticated, "signed out");
  }
}

void ClientHub::VerifyAll() {
  for (const auto& [id, session] : std::map<std::string, SessionPtr>(sessions_)) {
    tokens_.Verify(session->user.token,
                   [this, session = session](const absl::StatusOr<UserSession>& user) {
                     if (stopped_) return;
                     if (user.ok()) {
                       session->user = *user;
                       if (session->watches_live && !MayWatch(user->permissions))
                         StopWatching(*session);
                     } else if (absl::IsUnauthenticated(user.status())) {
                       EndToken(session->user.token);
                     }
                   });
  }
  verify_timer_ = runner_.RunAfter(kVerifyEvery, [this] { VerifyAll(); });
}

// --- What is told to clients ---------------------------------------------------

void ClientHub::ToUser(const AgentKey& key, const v1::ServerFrame& frame) {
  auto [begin, end] = by_user_.equal_range(key);
  if (begin == end) return;
  auto body = BodyOf(frame);
  for (auto it = begin; it != end; ++it) it->second->SendEvent(body);
}

void ClientHub::OnConfiguration(const std::shared_ptr<const Configuration>& view) {
  std::shared_ptr<const Configuration> before = std::exchange(configuration_, view);
  // The first view is fetched by the pages themselves.
  if (before->revision() == 0) return;
  std::map<std::string, std::vector<std::shared_ptr<const std::string>>> by_tenant;
  for (const auto& [id, session] : sessions_) {
    auto [it, fresh] = by_tenant.try_emplace(session->user.tenant_id);
    if (fresh) {
      for (const auto& change : PublicChanges(*before, *view, session->user.tenant_id)) {
        v1::ServerFrame frame;
        *frame.mutable_setting() = change;
        it->second.push_back(BodyOf(frame));
      }
    }
    for (const auto& body : it->second) session->SendEvent(body);
  }
}

void ClientHub::SetDegraded(std::vector<std::string> services) {
  if (services == degraded_) return;
  degraded_ = std::move(services);
  v1::ServerFrame frame;
  frame.mutable_degradation();
  for (const std::string& service : degraded_) frame.mutable_degradation()->add_services(service);
  auto body = BodyOf(frame);
  for (const auto& [id, session] : sessions_) session->SendEvent(body);
}

void ClientHub::OnRoutingAttached() {
  desk_.OnAttached();
  live_.OnAttached();
}

void ClientHub::OnRoutingAgent(const routing::v1::AgentStatus& status) {
  desk_.OnAgent(status);
  live_.OnAgent(status);
}

void ClientHub::OnRoutingQueue(const routing::v1::QueueStatus& status) { live_.OnQueue(status); }

void ClientHub::OnRoutingResult(const std::string& id, const absl::Status& status) {
  desk_.OnResult(id, status, "");
}

void ClientHub::OnCall(const signalingservice::v1::AgentCall& call) {
  v1::ServerFrame frame;
  *frame.mutable_call() = call;
  ToUser({call.tenant_id(), call.agent_id()}, frame);
}

void ClientHub::OnCallResult(const std::string& id, const absl::Status& status,
                             const std::string& call_id) {
  desk_.OnResult(id, status, call_id);
}

}  // namespace zvon::gateway
