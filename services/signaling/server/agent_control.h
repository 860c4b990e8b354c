#pragma once
// Agents' commands in, the state of their calls out, over the gateways'
// streams. Loop thread only.

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "services/common/executor/task_runner.h"
#include "services/signaling/core/call_inputs.h"
#include "services/signaling/ports/call_ports.h"
#include "services/signaling/server/signaling_probe.h"
#include "zvon/signalingservice/v1/signaling_service.pb.h"

namespace zvon::signaling {

class AgentControl final : public AgentPort {
 public:
  using Event = zvon::signalingservice::v1::AgentCallEvent;
  using Command = zvon::signalingservice::v1::AgentCommand;
  struct Handlers {
    std::function<void(uint64_t session, Event event)> send;
    // False: no such call.
    std::function<bool(const std::string& call_id, CallInput)> feed;
    // Starts a call for an agent; its id, or a status.
    std::function<std::string(const Command& command)> start_call;
    // Calls `visit` for every leg of an agent that is live.
    std::function<void(const std::function<void(const CallState&, const Leg&)>& visit)>
        for_each_leg;
  };
  AgentControl(TaskRunner& runner, Handlers handlers, SignalingProbe& probe)
      : runner_(runner), handlers_(std::move(handlers)), probe_(probe) {}

  void OnCommand(uint64_t session, const Command& command);
  void OnClose(uint64_t session) { watchers_.erase(session); }
  void Tell(const CallState& call, const Leg& leg) override;
  void Done(const CallState& call, const CommandDone& effect) override;

 private:
  void Watch(uint64_t session);
  void Answer(uint64_t session, const std::string& request_id, int code, const std::string& message,
              const std::string& call_id);
  void Forget();

  TaskRunner& runner_;
  Handlers handlers_;
  SignalingProbe& probe_;
  absl::flat_hash_set<uint64_t> watchers_;
  absl::flat_hash_map<std::string, uint64_t> pending_;  // Request → its session.
  absl::flat_hash_map<std::string, Event> done_;        // For repeats, a minute long.
  std::deque<std::pair<absl::Time, std::string>> done_order_;
};

}  // namespace zvon::signaling
