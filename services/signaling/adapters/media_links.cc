#include "services/signaling/adapters/media_links.h"

#include "services/common/rpc/rpc_server.h"
#include "services/common/rpc/stream_client.h"
#include "services/common/telemetry/log.h"
#include "services/signaling/server/convert.h"
#include "zvon/mediaservice/v1/media_service.grpc.pb.h"

namespace zvon::signaling {
namespace svc = zvon::mediaservice::v1;
namespace {
// Most ends of calls kept for a node that is away.
constexpr size_t kDeletesMax = 10'000;
}  // namespace

struct MediaLinks::Link {
  using Stream = StreamClient<svc::ControlRequest, svc::ControlResponse>;
  std::string address;
  std::unique_ptr<svc::MediaService::Stub> stub;
  std::unique_ptr<Stream> stream;
  double load = 0;     // 0…1 as told by the node.
  double pending = 0;  // Orders for endpoints since then.
  double endpoints_max = 1000;
  std::vector<std::string> deletes;
};

MediaLinks::MediaLinks(TaskRunner& runner, std::vector<std::string> addresses, Handlers handlers)
    : runner_(runner), handlers_(std::move(handlers)) {
  for (std::string& address : addresses) {
    auto link = std::make_unique<Link>();
    link->address = address;
    link->stub = svc::MediaService::NewStub(MakeChannel(address, TlsSettings{}));
    Link* self = link.get();
    Link::Stream::Handlers stream_handlers;
    stream_handlers.on_up = [self] {
      LogInfo("media is up", {{"node", self->address}});
      svc::MediaCommand census;
      census.mutable_take_census();
      (void)self->stream->Send(std::move(census));
      for (const std::string& call_id : std::exchange(self->deletes, {})) {
        svc::MediaCommand command;
        command.set_call_id(call_id);
        command.mutable_delete_call();
        (void)self->stream->Send(std::move(command));
      }
    };
    stream_handlers.on_down = [this, self](const absl::Status& status) {
      LogWarning("media is down",
                 {{"node", self->address}, {"error", std::string(status.message())}});
      handlers_.on_down(self->address);
    };
    stream_handlers.on_item = [this, self](const svc::MediaEvent& event) {
      OnEvent(*self, &event);
    };
    link->stream = std::make_unique<Link::Stream>(
        runner_,
        [self](grpc::ClientContext* context, Link::Stream::Reactor* reactor) {
          self->stub->async()->Control(context, reactor);
        },
        std::move(stream_handlers), StreamClientOptions{.name = "media " + address});
    links_.push_back(std::move(link));
  }
}
MediaLinks::~MediaLinks() = default;

void MediaLinks::Start() {
  for (auto& link : links_) link->stream->Start();
}

void MediaLinks::OnEvent(Link& link, const void* raw) {
  const auto& event = *static_cast<const svc::MediaEvent*>(raw);
  if (event.has_load()) {
    link.endpoints_max = std::max(1, event.load().endpoints_max());
    link.load = event.load().endpoints() / link.endpoints_max;
    link.pending = 0;
    return;
  }
  if (event.has_census()) {
    absl::flat_hash_set<std::string> calls(event.census().call_ids().begin(),
                                           event.census().call_ids().end());
    return handlers_.on_census(link.address, calls);
  }
  if (event.has_command_failed()) {
    LogWarning("media refused an order", {{"call_id", event.call_id()},
                                          {"command", event.command_failed().command()},
                                          {"error", event.command_failed().message()}});
  }
  if (auto input = FromProto(event)) handlers_.on_input(event.call_id(), *std::move(input));
}

bool MediaLinks::Send(const CallState& call, const MediaOrder& order) {
  for (auto& link : links_) {
    if (link->address != call.media_node) continue;
    if (order.kind == MediaOrder::Kind::kCreateEndpoint) link->pending += 1;
    if (link->stream->up() && link->stream->Send(ToProto(call, order))) return true;
    if (order.kind == MediaOrder::Kind::kDeleteCall && link->deletes.size() < kDeletesMax) {
      link->deletes.push_back(call.call_id);
    }
    return false;
  }
  return false;
}

std::string MediaLinks::Pick(const std::string& but) const {
  const Link* best = nullptr;
  auto load_of = [](const Link& link) { return link.load + link.pending / link.endpoints_max; };
  for (const auto& link : links_) {
    if (!link->stream->up() || link->address == but || load_of(*link) >= 1) continue;
    if (best == nullptr || load_of(*link) < load_of(*best)) best = link.get();
  }
  return best == nullptr ? "" : best->address;
}

void MediaLinks::AskCensus() {
  for (auto& link : links_) {
    svc::MediaCommand census;
    census.mutable_take_census();
    if (link->stream->up()) (void)link->stream->Send(std::move(census));
  }
}

bool MediaLinks::any_up() const {
  for (const auto& link : links_) {
    if (link->stream->up()) return true;
  }
  return false;
}

}  // namespace zvon::signaling
