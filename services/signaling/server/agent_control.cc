#include "services/signaling/server/agent_control.h"

#include <optional>

#include "services/signaling/server/convert.h"

namespace zvon::signaling {
namespace {
constexpr absl::Duration kRepeatWindow = absl::Minutes(1);
constexpr size_t kDoneMax = 100'000;
}  // namespace

void AgentControl::OnCommand(uint64_t session, const Command& command) {
  probe_.Control("gateway", "in");
  if (command.has_watch()) return Watch(session);
  const std::string& id = command.request_id();
  Forget();
  if (auto it = done_.find(id); !id.empty() && it != done_.end()) {
    probe_.Control("gateway", "out");
    return handlers_.send(session, it->second);
  }
  if (!id.empty() && !pending_.emplace(id, session).second) {
    pending_[id] = session;  // A repeat through another stream: answer there.
    return;
  }
  if (command.has_start_call()) {
    const std::string error = handlers_.start_call(command);
    if (!error.empty()) Answer(session, id, 9, error, "");
    return;
  }
  auto input = FromProto(command);
  if (!input) return Answer(session, id, 3, "a command is missing", command.call_id());
  if (!handlers_.feed(command.call_id(), *std::move(input))) {
    Answer(session, id, 5, "there is no call " + command.call_id(), command.call_id());
  }
}

void AgentControl::Answer(uint64_t session, const std::string& request_id, int code,
                          const std::string& message, const std::string& call_id) {
  Event event;
  auto* result = event.mutable_result();
  result->set_request_id(request_id);
  result->set_code(code);
  result->set_message(message);
  result->set_call_id(call_id);
  pending_.erase(request_id);
  if (!request_id.empty() && done_.size() < kDoneMax) {
    done_[request_id] = event;
    done_order_.emplace_back(runner_.Now() + kRepeatWindow, request_id);
  }
  probe_.Control("gateway", "out");
  handlers_.send(session, std::move(event));
}

void AgentControl::Forget() {
  while (!done_order_.empty() && done_order_.front().first <= runner_.Now()) {
    done_.erase(done_order_.front().second);
    done_order_.pop_front();
  }
}

void AgentControl::Watch(uint64_t session) {
  watchers_.insert(session);
  handlers_.for_each_leg([this, session](const CallState& call, const Leg& leg) {
    Event event;
    *event.mutable_call() = ToProto(call, leg);
    probe_.Control("gateway", "out");
    handlers_.send(session, std::move(event));
  });
}

void AgentControl::Tell(const CallState& call, const Leg& leg) {
  if (watchers_.empty()) return;
  Event event;
  *event.mutable_call() = ToProto(call, leg);
  for (uint64_t session : watchers_) {
    probe_.Control("gateway", "out");
    handlers_.send(session, event);
  }
}

void AgentControl::Done(const CallState& call, const CommandDone& effect) {
  auto it = pending_.find(effect.request_id);
  if (it == pending_.end()) return;
  Answer(it->second, effect.request_id, effect.code, effect.message, call.call_id);
}

}  // namespace zvon::signaling
