#pragma once
// The gateway's streams to all signaling replicas, and the agents' calls as
// they tell them.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "services/common/executor/task_runner.h"
#include "services/common/rpc/rpc_server.h"
#include "services/common/rpc/stream_client.h"
#include "zvon/signalingservice/v1/signaling_service.grpc.pb.h"

namespace zvon::gateway {

// Runner thread only. A call's commands go to the replica that told of it
// last: after a take-over that is the new owner.
class SignalingLinks {
 public:
  struct Handlers {
    std::function<void(const signalingservice::v1::AgentCall&)> on_call;
    std::function<void(const std::string& request_id, const absl::Status&,
                       const std::string& call_id)>
        on_result;
  };
  SignalingLinks(TaskRunner& runner, const std::vector<std::string>& addresses,
                 const TlsSettings& tls, Handlers handlers);
  ~SignalingLinks();
  void Start();
  void Stop();

  bool any_up() const;
  // OK when handed over. NOT_FOUND: the agent has no such call; UNAVAILABLE:
  // its replica is out of reach.
  absl::Status Send(signalingservice::v1::AgentCommand command);
  std::vector<signalingservice::v1::AgentCall> CallsOf(const std::string& tenant_id,
                                                       const std::string& agent_id) const;

 private:
  using Client = StreamClient<signalingservice::v1::ControlCallsRequest,
                              signalingservice::v1::ControlCallsResponse>;
  struct Link {
    std::string address;
    std::unique_ptr<signalingservice::v1::SignalingService::Stub> stub;
    std::unique_ptr<Client> client;
    TimerId prune = 0;
  };
  struct CallKey {
    std::string tenant_id, agent_id, call_id;
    auto operator<=>(const CallKey&) const = default;
  };
  struct Entry {
    signalingservice::v1::AgentCall call;
    size_t link = 0;
    bool told_again = true;  // Since its link came up.
  };

  void MakeClient(size_t index);
  void OnUp(size_t index);
  void OnEvent(size_t index, const signalingservice::v1::AgentCallEvent& event);
  void OnCall(size_t index, const signalingservice::v1::AgentCall& call);
  void Prune(size_t index);

  TaskRunner& runner_;
  const Handlers handlers_;
  std::vector<Link> links_;
  std::map<CallKey, Entry> calls_;
  size_t next_ = 0;
};

}  // namespace zvon::gateway
