#include "services/gateway/links/signaling_links.h"

#include "services/common/telemetry/log.h"

namespace zvon::gateway {
namespace {

using call::v1::LEG_STATE_ENDED;
using signalingservice::v1::AgentCall;
using signalingservice::v1::AgentCallEvent;
using signalingservice::v1::AgentCommand;
using signalingservice::v1::SignalingService;

// A replica tells all its calls as soon as the stream is up; those it has
// not told by then are no more.
constexpr absl::Duration kTellTime = absl::Seconds(5);

}  // namespace

SignalingLinks::SignalingLinks(TaskRunner& runner, const std::vector<std::string>& addresses,
                               const TlsSettings& tls, Handlers handlers)
    : runner_(runner), handlers_(std::move(handlers)) {
  for (const std::string& address : addresses) {
    Link link;
    link.address = address;
    link.stub = SignalingService::NewStub(MakeChannel(address, tls));
    links_.push_back(std::move(link));
  }
  for (size_t i = 0; i < links_.size(); ++i) MakeClient(i);
}

SignalingLinks::~SignalingLinks() { Stop(); }

void SignalingLinks::MakeClient(size_t index) {
  Link& link = links_[index];
  Client::Handlers handlers;
  handlers.on_up = [this, index] { OnUp(index); };
  handlers.on_item = [this, index](const AgentCallEvent& event) { OnEvent(index, event); };
  handlers.on_down = [this, index](const absl::Status& status) {
    LogWarning("signaling lost",
               {{"address", links_[index].address}, {"status", status.ToString()}});
  };
  link.client = std::make_unique<Client>(
      runner_,
      [stub = link.stub.get()](grpc::ClientContext* context, Client::Reactor* reactor) {
        stub->async()->ControlCalls(context, reactor);
      },
      std::move(handlers), StreamClientOptions{.name = "signaling " + link.address});
}

void SignalingLinks::Start() {
  for (Link& link : links_) link.client->Start();
}

void SignalingLinks::Stop() {
  for (Link& link : links_) {
    runner_.Cancel(link.prune);
    if (link.client) link.client->Stop();
  }
}

bool SignalingLinks::any_up() const {
  for (const Link& link : links_) {
    if (link.client->up()) return true;
  }
  return false;
}

void SignalingLinks::OnUp(size_t index) {
  Link& link = links_[index];
  for (auto& [key, entry] : calls_) {
    if (entry.link == index) entry.told_again = false;
  }
  AgentCommand command;
  command.mutable_watch();
  (void)link.client->Send(std::move(command));
  runner_.Cancel(link.prune);
  link.prune = runner_.RunAfter(kTellTime, [this, index] { Prune(index); });
}

void SignalingLinks::OnEvent(size_t index, const AgentCallEvent& event) {
  switch (event.event_case()) {
    case AgentCallEvent::kResult:
      return handlers_.on_result(event.result().request_id(),
                                 absl::Status(static_cast<absl::StatusCode>(event.result().code()),
                                              event.result().message()),
                                 event.result().call_id());
    case AgentCallEvent::kCall:
      return OnCall(index, event.call());
    case AgentCallEvent::EVENT_NOT_SET:
      return;
  }
}

void SignalingLinks::OnCall(size_t index, const AgentCall& call) {
  CallKey key{call.tenant_id(), call.agent_id(), call.call_id()};
  if (call.state() == LEG_STATE_ENDED) {
    auto it = calls_.find(key);
    // The end told by a former owner is not the end of a call taken over.
    if (it != calls_.end() && it->second.link != index) return;
    calls_.erase(key);
  } else {
    calls_[key] = Entry{call, index, true};
  }
  handlers_.on_call(call);
}

void SignalingLinks::Prune(size_t index) {
  std::vector<AgentCall> gone;
  for (const auto& [key, entry] : calls_) {
    if (entry.link == index && !entry.told_again) gone.push_back(entry.call);
  }
  for (AgentCall& call : gone) {
    call.set_state(LEG_STATE_ENDED);
    call.set_end_cause(call::v1::END_CAUSE_FAILURE);
    OnCall(index, call);
  }
}

absl::Status SignalingLinks::Send(AgentCommand command) {
  if (links_.empty()) return absl::UnavailableError("no signaling is configured");
  if (command.has_start_call()) {
    for (size_t i = 0; i < links_.size(); ++i) {
      Link& link = links_[next_++ % links_.size()];
      if (link.client->up() && link.client->Send(command)) return absl::OkStatus();
    }
    return absl::UnavailableError("signaling is out of reach");
  }
  auto it = calls_.find({command.tenant_id(), command.agent_id(), command.call_id()});
  if (it == calls_.end()) return absl::NotFoundError("you have no such call");
  if (!links_[it->second.link].client->Send(std::move(command))) {
    return absl::UnavailableError("signaling is out of reach");
  }
  return absl::OkStatus();
}

std::vector<AgentCall> SignalingLinks::CallsOf(const std::string& tenant_id,
                                               const std::string& agent_id) const {
  std::vector<AgentCall> calls;
  for (auto it = calls_.lower_bound({tenant_id, agent_id, ""});
       it != calls_.end() && it->first.tenant_id == tenant_id && it->first.agent_id == agent_id;
       ++it) {
    calls.push_back(it->second.call);
  }
  return calls;
}

}  // namespace zvon::gateway
