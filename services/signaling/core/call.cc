#include "services/signaling/core/call.h"

#include <algorithm>
#include <utility>

#include "services/common/check/check.h"

namespace zvon::signaling {

const Leg* CallState::FindLeg(const std::string& id) const {
  for (const Leg& leg : legs) {
    if (leg.id == id) return &leg;
  }
  return nullptr;
}
Leg* CallState::FindLeg(const std::string& id) {
  return const_cast<Leg*>(std::as_const(*this).FindLeg(id));
}
Branch* CallState::FindBranch(const std::string& branch_id) {
  Leg* leg = LegOfBranch(branch_id);
  if (leg == nullptr) return nullptr;
  for (Branch& branch : leg->branches) {
    if (branch.id == branch_id) return &branch;
  }
  return nullptr;
}
// Branch ids begin with their leg's id.
Leg* CallState::LegOfBranch(const std::string& branch_id) {
  return FindLeg(branch_id.substr(0, branch_id.find('/')));
}
Leg* CallState::LegOfAgent(const std::string& agent_id) {
  for (Leg& leg : legs) {
    if (leg.live() && !agent_id.empty() && leg.agent_id == agent_id) return &leg;
  }
  return nullptr;
}

Call::Call(CallState state) : state_(std::move(state)) {}

std::vector<CallEffect> Call::Handle(const CallInput& input, const CallEnvironment& environment) {
  if (finished()) return {};
  environment_ = &environment;
  auto& legs = state_.legs;
  legs.erase(std::remove_if(legs.begin(), legs.end(), [](const Leg& leg) { return leg.reported; }),
             legs.end());
  std::visit([this](const auto& in) { On(in); }, input);
  environment_ = nullptr;
  return std::exchange(effects_, {});
}

absl::Time Call::NextWakeup() const {
  absl::Time next = absl::InfiniteFuture();
  for (const auto& [key, time] : state_.timers) next = std::min(next, time);
  return next;
}

const Leg* Call::Customer() const {
  const Leg* first = nullptr;
  for (const Leg& leg : state_.legs) {
    if (!leg.live()) continue;
    if (leg.kind == LegKind::kCustomer) return &leg;
    if (first == nullptr) first = &leg;
  }
  return first;
}
Leg* Call::CustomerLeg() { return const_cast<Leg*>(Customer()); }

void Call::On(const TimerDue&) {
  for (bool found = true; found && !finished();) {
    found = false;
    for (auto it = state_.timers.begin(); it != state_.timers.end(); ++it) {
      if (it->second > now()) continue;
      const auto key = it->first;
      state_.timers.erase(it);
      TimerFired(key.first, key.second);
      found = true;
      break;
    }
  }
}

void Call::TimerFired(CallTimer timer, const std::string& leg_id) {
  switch (timer) {
    case CallTimer::kDeadline:
      if (state_.dial.leg_id == leg_id) GiveUpDial(EndCause::kNoAnswer, 408);
      return;
    case CallTimer::kDuration:
      return FinishCall(EndCause::kSessionTimeout, 0);
    case CallTimer::kSetup:
      if (!state_.answered) FinishCall(EndCause::kNoAnswer, 408);
      return;
    case CallTimer::kAssigned:
      if (state_.queue.state != QueueState::kAnswering) return;
      SendOfferProgress(RoutingOrder::Progress::kFailed, "no word from the router");
      StopDial(EndCause::kFailure);
      return OfferOver();
    case CallTimer::kClosing:
      return Finalize();
    case CallTimer::kApology:
      return FinishCall(state_.cause, state_.sip_code);
    case CallTimer::kMediaMove:
      return MediaMoveDue();
    case CallTimer::kRunLost:
      return RunGivenUp();
  }
}

void Call::SetTimer(CallTimer timer, absl::Duration delay, const std::string& leg_id) {
  state_.timers[{timer, leg_id}] = now() + delay;
}
void Call::CancelTimer(CallTimer timer, const std::string& leg_id) {
  state_.timers.erase({timer, leg_id});
}

void Call::Respond(const Leg& leg, int code, SdpPart sdp) {
  SendResponse response;
  response.branch_id = leg.branch;
  response.code = code;
  response.sdp = std::move(sdp);
  if (code == 503) response.retry_after = absl::Seconds(5);
  Emit(std::move(response));
}

void Call::Order(MediaOrder::Kind kind, const std::string& endpoint_id) {
  MediaOrder order;
  order.kind = kind;
  order.endpoint_id = endpoint_id;
  Emit(std::move(order));
}

Fact& Call::AddFact(Fact::Kind kind) {
  Fact fact;
  fact.kind = kind;
  fact.time = now();
  fact.sequence = ++state_.fact_sequence;
  effects_.push_back(std::move(fact));
  return std::get<Fact>(effects_.back());
}

SdpPart Call::LocalSdp(const Leg& leg, Direction direction) const {
  SdpPart part;
  part.present = true;
  part.address = leg.local_address;
  part.port = leg.local_port;
  part.direction = direction;
  return part;
}

}  // namespace zvon::signaling
