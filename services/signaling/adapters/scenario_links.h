#pragma once
// Streams to the scenario replicas, one each. A run stays with its replica.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "services/common/executor/task_runner.h"
#include "services/signaling/core/call_inputs.h"
#include "services/signaling/ports/call_ports.h"

namespace zvon::signaling {

class ScenarioLinks final : public ScenarioPort {
 public:
  struct Handlers {
    std::function<void(const std::string& call_id, CallInput)> on_input;
    std::function<void(const std::string& replica)> on_up;
    std::function<void(const std::string& replica)> on_down;
  };
  ScenarioLinks(TaskRunner& runner, std::vector<std::string> addresses, Handlers handlers);
  ~ScenarioLinks() override;
  void Start();
  void Send(const CallState& call, const RunOrder& order) override;
  std::string Pick() const override;
  bool any_up() const { return !Pick().empty(); }

 private:
  struct Link;
  std::vector<std::unique_ptr<Link>> links_;
  Handlers handlers_;
  mutable size_t next_ = 0;
};

}  // namespace zvon::signaling
