#pragma once
// Streams to all routing replicas; the one that says it leads is spoken to.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "services/common/executor/task_runner.h"
#include "services/signaling/core/call_inputs.h"
#include "services/signaling/ports/call_ports.h"

namespace zvon::signaling {

class SignalingProbe;

class RoutingLinks final : public RoutingPort {
 public:
  struct Handlers {
    // False: no such interaction here.
    std::function<bool(const std::string& interaction_id, CallInput)> on_input;
    // A leader greeted: tell it everything.
    std::function<void()> on_leader;
  };
  struct Identity {
    std::string owner_id;
    int64_t incarnation = 0;
  };
  RoutingLinks(TaskRunner& runner, std::vector<std::string> addresses, Identity identity,
               Handlers handlers, SignalingProbe& probe);
  ~RoutingLinks() override;
  void Start();
  void Send(const CallState& call, const RoutingOrder& order) override;
  bool has_leader() const { return leader_ != nullptr; }

 private:
  struct Link;
  void OnItem(Link& link, const void* item);
  void OnHello(Link& link, int64_t epoch, bool standby);
  bool IsStale(const std::string& tenant_id, const OfferReceived& offer);
  std::vector<std::unique_ptr<Link>> links_;
  Identity identity_;
  Handlers handlers_;
  SignalingProbe& probe_;
  Link* leader_ = nullptr;
  int64_t epoch_ = 0;
  // Highest token seen of each agent ("tenant/agent"): the last judge of offers.
  absl::flat_hash_map<std::string, FencingToken> judged_;
};

}  // namespace zvon::signaling
