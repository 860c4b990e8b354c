#pragma once
// All client sessions of this gateway: hello, resumption, events, requests.

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "services/common/configuration/configuration.h"
#include "services/common/executor/task_runner.h"
#include "services/common/ids/ids.h"
#include "services/gateway/http/http_types.h"
#include "services/gateway/links/routing_link.h"
#include "services/gateway/links/session_cache.h"
#include "services/gateway/links/signaling_links.h"
#include "services/gateway/live/agent_desk.h"
#include "services/gateway/live/client_session.h"
#include "services/gateway/live/gateway_probe.h"
#include "services/gateway/live/live_view.h"
#include "zvon/gateway/v1/frames.pb.h"

namespace zvon::gateway {

// Runner thread only.
class ClientHub {
 public:
  // How long a session without a socket can be resumed.
  static constexpr absl::Duration kResume = absl::Seconds(60);
  static constexpr absl::Duration kHelloTimeout = absl::Seconds(10);
  // A revoked token ends its sockets within this and the cache's own time.
  static constexpr absl::Duration kVerifyEvery = absl::Seconds(30);
  // Frames a second of one socket, and how many at once.
  static constexpr double kFrameRate = 50;
  static constexpr double kFrameBurst = 100;

  ClientHub(TaskRunner& runner, SessionCache& tokens, GatewayProbe& probe, RandomSource random);
  void Start(RoutingLink& routing, SignalingLinks& signaling);
  void Stop();

  // From the HTTP server.
  void OnSocketOpen(std::shared_ptr<Socket> socket, const std::string& cookie_token);
  void OnSocketText(const std::shared_ptr<Socket>& socket, const std::string& text);
  void OnSocketClosed(const std::shared_ptr<Socket>& socket);

  // From the rest of the gateway.
  void EndToken(const std::string& token);
  void OnConfiguration(const std::shared_ptr<const Configuration>& view);
  // Names of services out of reach; told when the list changes.
  void SetDegraded(std::vector<std::string> services);
  const std::vector<std::string>& degraded() const { return degraded_; }

  // From the links; each also to the parts that keep state.
  void OnRoutingAttached();
  void OnRoutingForgot(const AgentKey& key) { desk_.OnForgotten(key); }
  void OnRoutingAgent(const routing::v1::AgentStatus& status);
  void OnRoutingQueue(const routing::v1::QueueStatus& status);
  void OnRoutingResult(const std::string& id, const absl::Status& status);
  void OnCall(const signalingservice::v1::AgentCall& call);
  void OnCallResult(const std::string& id, const absl::Status& status, const std::string& call_id);

  AgentDesk& desk() { return desk_; }

 private:
  using SessionPtr = std::shared_ptr<ClientSession>;
  // A socket, before and after its hello.
  struct Visitor {
    std::string cookie_token;
    TimerId hello_timer = 0;
    bool greeting = false;  // The token is being verified.
    SessionPtr session;
    double tokens = kFrameBurst;
    absl::Time refilled;
  };

  // Hello and what follows it (client_hub.cc).
  void OnHello(const std::shared_ptr<Socket>& socket, Visitor& visitor,
               const v1::ClientFrame& frame);
  void Welcome(const std::shared_ptr<Socket>& socket, const v1::ClientFrame& frame,
               const UserSession& user);
  bool Resume(const std::shared_ptr<Socket>& socket, const SessionPtr& session,
              const v1::Hello& hello);
  SessionPtr Begin(const std::shared_ptr<Socket>& socket, const v1::Hello& hello,
                   const UserSession& user);
  void SendWelcome(ClientSession& session, bool resumed);
  void SendState(ClientSession& session);
  void Detach(const SessionPtr& session);
  void End(const SessionPtr& session, uint16_t code, const std::string& reason);
  void ReplaceOtherAgentSessions(const SessionPtr& session);
  void VerifyAll();
  bool WithinRate(Visitor& visitor);
  AgentKey KeyOf(const ClientSession& session) const;

  // Requests (client_requests.cc).
  void OnRequest(const SessionPtr& session, const v1::ClientFrame& frame);
  void Carry(const SessionPtr& session, const v1::ClientFrame& frame);
  void CarryAgentRequest(const SessionPtr& session, const v1::ClientFrame& frame);
  void CarryCallRequest(const SessionPtr& session, const v1::ClientFrame& frame);
  void Subscribe(const SessionPtr& session, const v1::ClientFrame& frame, bool on);
  void StopWatching(ClientSession& session);
  // Whole, or without the customers, as the session's user may see.
  static void SendLive(ClientSession& session, const LiveView::Body& body);
  // Against the configuration, where there is one.
  absl::Status CheckChoices(const std::string& tenant_id, const v1::ClientFrame& frame) const;
  AgentDesk::Done Responder(const SessionPtr& session, const std::string& id);

  void ToUser(const AgentKey& key, const v1::ServerFrame& frame);

  TaskRunner& runner_;
  SessionCache& tokens_;
  GatewayProbe& probe_;
  const RandomSource random_;
  AgentDesk desk_;
  LiveView live_;
  SignalingLinks* signaling_ = nullptr;
  std::map<std::shared_ptr<Socket>, Visitor> visitors_;
  std::map<std::string, SessionPtr> sessions_;
  std::multimap<AgentKey, SessionPtr> by_user_;
  std::shared_ptr<const Configuration> configuration_;
  std::vector<std::string> degraded_;
  TimerId verify_timer_ = 0;
  bool stopped_ = false;
};

}  // namespace zvon::gateway
