#pragma once
// The gateway's stream to the router that leads, wherever it is.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/common/executor/task_runner.h"
#include "services/common/rpc/rpc_server.h"
#include "services/common/rpc/stream_client.h"
#include "zvon/routingservice/v1/routing_service.grpc.pb.h"

namespace zvon::gateway {

// Runner thread only. Goes from address to address until one leads; follows
// what standbys say of the leader.
class RoutingLink {
 public:
  struct Handlers {
    // A leader has said its epoch: everything must be told to it.
    std::function<void(int64_t epoch)> on_attached;
    std::function<void()> on_lost;
    std::function<void(const routing::v1::AgentStatus&)> on_agent;
    std::function<void(const routing::v1::QueueStatus&)> on_queue;
    std::function<void(const std::string& request_id, const absl::Status&)> on_result;
    // A heartbeat was for an agent whom the router does not know as signed in.
    std::function<void(const std::string& tenant_id, const std::string& agent_id)> on_forgotten;
  };
  RoutingLink(TaskRunner& runner, std::vector<std::string> addresses, TlsSettings tls,
              std::string gateway_id, int64_t incarnation, Handlers handlers);
  ~RoutingLink();
  void Start();
  void Stop();

  bool attached() const { return attached_; }
  // False while no leader is attached, or its queue is full.
  [[nodiscard]] bool Send(routingservice::v1::AgentItem item);

 private:
  using Client = StreamClient<routingservice::v1::AttachGatewayRequest,
                              routingservice::v1::AttachGatewayResponse>;
  using Stub = routingservice::v1::RoutingService::Stub;

  void Connect(const std::string& address);
  void ConnectLater(std::string address, absl::Duration delay);
  std::string NextAddress();
  void OnUp();
  void OnItem(const routingservice::v1::GatewayItem& item);
  void OnHello(const routingservice::v1::RouterHello& hello);
  void Lost();

  TaskRunner& runner_;
  const std::vector<std::string> addresses_;
  const TlsSettings tls_;
  const std::string gateway_id_;
  const int64_t incarnation_;
  const Handlers handlers_;
  std::map<std::string, std::unique_ptr<Stub>> stubs_;
  std::unique_ptr<Client> client_;
  std::string current_;
  size_t next_ = 0;
  TimerId timer_ = 0;
  bool attached_ = false;
};

}  // namespace zvon::gateway
