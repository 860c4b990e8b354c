#pragma once
// The loop that owns SIP, calls and their links: builds them in order, starts
// from what Redis kept, drains and stops.

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "services/common/bus/bus.h"
#include "services/common/configuration/configuration.h"
#include "services/common/executor/loop.h"
#include "services/common/store/redis.h"
#include "services/signaling/server/signaling_probe.h"
#include "services/signaling/server/signaling_settings.h"

namespace zvon::signalingservice::v1 {
class AgentCallEvent;
class AgentCommand;
class GetTelephonyStatusRequest;
class GetTelephonyStatusResponse;
}  // namespace zvon::signalingservice::v1

namespace zvon::signaling {

class SignalingLoop {
 public:
  struct Parts {
    Loop* loop = nullptr;
    RedisClient* redis = nullptr;
    Publisher* publisher = nullptr;
    ConfigurationWatch* watch = nullptr;
    SignalingProbe* probe = nullptr;
    std::string instance;
  };
  // All parts outlive it.
  SignalingLoop(SignalingSettings settings, Parts parts);
  // On any thread, after the loop was stopped or before it was started.
  ~SignalingLoop();

  // Any thread, loop running. Binds the SIP ports once the snapshots of an
  // earlier life are read, or three seconds have passed; `done` on the loop.
  void Start(std::function<void(absl::Status)> done);
  // Refuses new calls; every snapshot is written; `done` on the loop.
  void Drain(std::function<void()> done);
  void Stop();

  // Agents' streams (server thread = the loop).
  using SendEvent =
      std::function<void(uint64_t session, zvon::signalingservice::v1::AgentCallEvent)>;
  void SetAgentSender(SendEvent send);
  void OnAgentCommand(uint64_t session, const zvon::signalingservice::v1::AgentCommand& command);
  void OnAgentStreamClosed(uint64_t session);
  void FillStatus(const zvon::signalingservice::v1::GetTelephonyStatusRequest& request,
                  zvon::signalingservice::v1::GetTelephonyStatusResponse* response) const;
  // Bound UDP port, for tests that let the system choose.
  int sip_port() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace zvon::signaling
