#include "services/signaling/adapters/scenario_links.h"

#include "services/common/rpc/rpc_server.h"
#include "services/common/rpc/stream_client.h"
#include "services/common/telemetry/log.h"
#include "services/signaling/server/convert.h"
#include "zvon/scenarioservice/v1/scenario_service.grpc.pb.h"

namespace zvon::signaling {
namespace svc = zvon::scenarioservice::v1;

struct ScenarioLinks::Link {
  using Stream = StreamClient<svc::AttachRunsRequest, svc::AttachRunsResponse>;
  std::string address;
  std::unique_ptr<svc::ScenarioService::Stub> stub;
  std::unique_ptr<Stream> stream;
};

ScenarioLinks::ScenarioLinks(TaskRunner& runner, std::vector<std::string> addresses,
                             Handlers handlers)
    : handlers_(std::move(handlers)) {
  for (std::string& address : addresses) {
    auto link = std::make_unique<Link>();
    link->address = address;
    link->stub = svc::ScenarioService::NewStub(MakeChannel(address, TlsSettings{}));
    Link* self = link.get();
    Link::Stream::Handlers stream_handlers;
    stream_handlers.on_up = [this, self] {
      LogInfo("scenario is up", {{"replica", self->address}});
      handlers_.on_up(self->address);
    };
    stream_handlers.on_down = [this, self](const absl::Status& status) {
      LogWarning("scenario is down",
                 {{"replica", self->address}, {"error", std::string(status.message())}});
      handlers_.on_down(self->address);
    };
    stream_handlers.on_item = [this](const svc::RunCommand& command) {
      if (auto input = FromProto(command)) handlers_.on_input(command.run_id(), *std::move(input));
    };
    link->stream = std::make_unique<Link::Stream>(
        runner,
        [self](grpc::ClientContext* context, Link::Stream::Reactor* reactor) {
          self->stub->async()->AttachRuns(context, reactor);
        },
        std::move(stream_handlers), StreamClientOptions{.name = "scenario " + address});
    links_.push_back(std::move(link));
  }
}
ScenarioLinks::~ScenarioLinks() = default;

void ScenarioLinks::Start() {
  for (auto& link : links_) link->stream->Start();
}

void ScenarioLinks::Send(const CallState& call, const RunOrder& order) {
  for (auto& link : links_) {
    if (link->address == order.replica) (void)link->stream->Send(ToProto(call, order));
  }
}

// In turn among those that are up.
std::string ScenarioLinks::Pick() const {
  for (size_t i = 0; i < links_.size(); ++i) {
    const Link& link = *links_[next_++ % links_.size()];
    if (link.stream->up()) return link.address;
  }
  return "";
}

}  // namespace zvon::signaling
