#pragma once
// What the calls of a loop need from the rest of the process. Adapters are in
// server/ and adapters/; tests give fakes. All on the owning loop.

#include <string>

#include "services/signaling/core/call_effects.h"
#include "services/signaling/core/call_state.h"

namespace zvon::signaling {

// The SIP side of legs: dialogs and transactions by branch.
class SipPort {
 public:
  virtual ~SipPort() = default;
  virtual void Respond(const CallState& call, const SendResponse& effect) = 0;
  virtual void Invite(const CallState& call, const SendInvite& effect) = 0;
  virtual void Cancel(const CancelInvite& effect) = 0;
  virtual void Bye(const SendBye& effect) = 0;
  virtual void Reinvite(const SendReinvite& effect) = 0;
  virtual void Answer(const AnswerOffer& effect) = 0;
  virtual void Talk(const NotifyTalk& effect) = 0;
  virtual void Refer(const AnswerRefer& effect) = 0;
  virtual void Notify(const NotifyRefer& effect) = 0;
  // What the snapshot of the call must carry of its branches; and back.
  virtual std::string Snapshot(const CallState& call) = 0;
  virtual void Restore(const CallState& call, const std::string& snapshot) = 0;
  // Another replica owns the call now: nothing more is sent for it.
  virtual void Forget(const CallState& call) = 0;
};

class MediaPort {
 public:
  virtual ~MediaPort() = default;
  // False: the node cannot be reached, the order is lost.
  virtual bool Send(const CallState& call, const MediaOrder& order) = 0;
  // Least loaded node that is up, but not `but`; empty = none.
  virtual std::string Pick(const std::string& but) const = 0;
};

class ScenarioPort {
 public:
  virtual ~ScenarioPort() = default;
  virtual void Send(const CallState& call, const RunOrder& order) = 0;
  virtual std::string Pick() const = 0;
};

class RoutingPort {
 public:
  virtual ~RoutingPort() = default;
  // Lost while no router leads: everything is told again when one does.
  virtual void Send(const CallState& call, const RoutingOrder& order) = 0;
};

class AgentPort {
 public:
  virtual ~AgentPort() = default;
  virtual void Tell(const CallState& call, const Leg& leg) = 0;
  virtual void Done(const CallState& call, const CommandDone& effect) = 0;
};

class FactPort {
 public:
  virtual ~FactPort() = default;
  virtual void Publish(const CallState& call, const Fact& fact) = 0;
};

}  // namespace zvon::signaling
