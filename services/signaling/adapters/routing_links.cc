#include "services/signaling/adapters/routing_links.h"

#include "services/common/rpc/rpc_server.h"
#include "services/common/rpc/stream_client.h"
#include "services/common/telemetry/log.h"
#include "services/signaling/server/convert.h"
#include "services/signaling/server/signaling_probe.h"
#include "zvon/routingservice/v1/routing_service.grpc.pb.h"

namespace zvon::signaling {
namespace svc = zvon::routingservice::v1;

struct RoutingLinks::Link {
  using Stream = StreamClient<svc::AttachOwnerRequest, svc::AttachOwnerResponse>;
  std::string address;
  std::unique_ptr<svc::RoutingService::Stub> stub;
  std::unique_ptr<Stream> stream;
};

RoutingLinks::RoutingLinks(TaskRunner& runner, std::vector<std::string> addresses,
                           Identity identity, Handlers handlers, SignalingProbe& probe)
    : identity_(std::move(identity)), handlers_(std::move(handlers)), probe_(probe) {
  for (std::string& address : addresses) {
    auto link = std::make_unique<Link>();
    link->address = address;
    link->stub = svc::RoutingService::NewStub(MakeChannel(address, TlsSettings{}));
    Link* self = link.get();
    Link::Stream::Handlers stream_handlers;
    stream_handlers.on_up = [this, self] {
      svc::OwnerItem hello;
      hello.mutable_hello()->set_owner_id(identity_.owner_id);
      hello.mutable_hello()->set_incarnation(identity_.incarnation);
      (void)self->stream->Send(std::move(hello));
    };
    stream_handlers.on_down = [this, self](const absl::Status& status) {
      LogWarning("routing is down",
                 {{"replica", self->address}, {"error", std::string(status.message())}});
      if (leader_ == self) leader_ = nullptr;
    };
    stream_handlers.on_item = [this, self](const svc::DeliveryItem& item) { OnItem(*self, &item); };
    link->stream = std::make_unique<Link::Stream>(
        runner,
        [self](grpc::ClientContext* context, Link::Stream::Reactor* reactor) {
          self->stub->async()->AttachOwner(context, reactor);
        },
        std::move(stream_handlers), StreamClientOptions{.name = "routing " + address});
    links_.push_back(std::move(link));
  }
}
RoutingLinks::~RoutingLinks() = default;

void RoutingLinks::Start() {
  for (auto& link : links_) link->stream->Start();
}

void RoutingLinks::OnHello(Link& link, int64_t epoch, bool standby) {
  if (standby) {
    if (leader_ == &link) leader_ = nullptr;
    return;
  }
  // A leader that was deposed and does not know it yet.
  if (epoch < epoch_) return;
  epoch_ = epoch;
  leader_ = &link;
  LogInfo("a router leads", {{"replica", link.address}, {"epoch", epoch}});
  handlers_.on_leader();
}

// True where a later offer to this agent has been seen already.
bool RoutingLinks::IsStale(const std::string& tenant_id, const OfferReceived& offer) {
  FencingToken& highest = judged_[tenant_id + "/" + offer.agent_id];
  if (offer.token < highest || offer.token == highest) return true;
  highest = offer.token;
  return false;
}

void RoutingLinks::OnItem(Link& link, const void* raw) {
  const auto& item = *static_cast<const svc::DeliveryItem*>(raw);
  probe_.Control("routing", "in");
  if (item.has_hello()) return OnHello(link, item.hello().epoch(), item.hello().standby());
  if (&link != leader_) return;
  auto input = FromProto(item);
  if (!input) return;
  const auto* offer = std::get_if<OfferReceived>(&*input);
  if (offer != nullptr && IsStale(item.tenant_id(), *offer)) {
    probe_.OfferStale();
    LogWarning("offer with an old token",
               {{"offer_id", offer->offer_id}, {"agent_id", offer->agent_id}});
    return;
  }
  const bool is_offer = offer != nullptr;
  if (handlers_.on_input(item.interaction_id(), *std::move(input)) || !is_offer) return;
  // The interaction is over; the router has not heard of it.
  svc::OwnerItem withdraw;
  withdraw.set_tenant_id(item.tenant_id());
  withdraw.set_interaction_id(item.interaction_id());
  withdraw.mutable_withdraw()->set_outcome(zvon::routing::v1::QUEUE_ENTRY_OUTCOME_ABANDONED);
  (void)link.stream->Send(std::move(withdraw));
}

void RoutingLinks::Send(const CallState& call, const RoutingOrder& order) {
  if (leader_ != nullptr) (void)leader_->stream->Send(ToProto(call, order));
}

}  // namespace zvon::signaling
