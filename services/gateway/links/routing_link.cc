#include "services/gateway/links/routing_link.h"

#include <utility>

#include "services/common/telemetry/log.h"

namespace zvon::gateway {
namespace {

using routingservice::v1::AgentItem;
using routingservice::v1::GatewayItem;

// A router that has taken the stream but says nothing is given up after this.
constexpr absl::Duration kHelloTimeout = absl::Seconds(2);
constexpr absl::Duration kNextDelay = absl::Milliseconds(100);

}  // namespace

RoutingLink::RoutingLink(TaskRunner& runner, std::vector<std::string> addresses, TlsSettings tls,
                         std::string gateway_id, int64_t incarnation, Handlers handlers)
    : runner_(runner),
      addresses_(std::move(addresses)),
      tls_(std::move(tls)),
      gateway_id_(std::move(gateway_id)),
      incarnation_(incarnation),
      handlers_(std::move(handlers)) {}

RoutingLink::~RoutingLink() { Stop(); }

void RoutingLink::Start() {
  if (!addresses_.empty()) Connect(NextAddress());
}

void RoutingLink::Stop() {
  runner_.Cancel(timer_);
  client_.reset();
  attached_ = false;
}

bool RoutingLink::Send(AgentItem item) { return attached_ && client_->Send(std::move(item)); }

std::string RoutingLink::NextAddress() { return addresses_[next_++ % addresses_.size()]; }

void RoutingLink::Connect(const std::string& address) {
  runner_.Cancel(timer_);
  current_ = address;
  auto& stub = stubs_[address];
  if (!stub) stub = routingservice::v1::RoutingService::NewStub(MakeChannel(address, tls_));
  Client::Handlers handlers;
  handlers.on_up = [this] { OnUp(); };
  handlers.on_item = [this](const GatewayItem& item) { OnItem(item); };
  handlers.on_down = [this](const absl::Status& status) {
    LogWarning("router lost", {{"address", current_}, {"status", status.ToString()}});
    Lost();
  };
  handlers.on_failed = [this](const absl::Status&) {
    if (addresses_.size() > 1 || current_ != addresses_.front())
      ConnectLater(NextAddress(), kNextDelay);
  };
  client_ = std::make_unique<Client>(
      runner_,
      [s = stub.get()](grpc::ClientContext* context, Client::Reactor* reactor) {
        s->async()->AttachGateway(context, reactor);
      },
      std::move(handlers), StreamClientOptions{.name = "routing " + address});
  client_->Start();
}

void RoutingLink::ConnectLater(std::string address, absl::Duration delay) {
  runner_.Cancel(timer_);
  // By the timer even without delay: a stream is not ended inside its own
  // handlers.
  timer_ = runner_.RunAfter(delay, [this, address = std::move(address)] { Connect(address); });
}

void RoutingLink::OnUp() {
  AgentItem item;
  item.mutable_hello()->set_gateway_id(gateway_id_);
  item.mutable_hello()->set_incarnation(incarnation_);
  (void)client_->Send(std::move(item));
  runner_.Cancel(timer_);
  timer_ = runner_.RunAfter(kHelloTimeout, [this] { Connect(NextAddress()); });
}

void RoutingLink::OnItem(const GatewayItem& item) {
  switch (item.item_case()) {
    case GatewayItem::kHello:
      return OnHello(item.hello());
    case GatewayItem::kResult:
      if (item.result().request_id().empty()) {
        if (item.result().code() != 0) handlers_.on_forgotten(item.tenant_id(), item.agent_id());
        return;
      }
      return handlers_.on_result(item.result().request_id(),
                                 absl::Status(static_cast<absl::StatusCode>(item.result().code()),
                                              item.result().message()));
    case GatewayItem::kAgent:
      if (attached_) handlers_.on_agent(item.agent());
      return;
    case GatewayItem::kQueue:
      if (attached_) handlers_.on_queue(item.queue());
      return;
    case GatewayItem::ITEM_NOT_SET:
      return;  // Of a newer router.
  }
}

void RoutingLink::OnHello(const routingservice::v1::RouterHello& hello) {
  runner_.Cancel(timer_);
  if (hello.standby()) {
    Lost();
    bool told = !hello.leader_address().empty() && hello.leader_address() != current_;
    ConnectLater(told ? hello.leader_address() : NextAddress(),
                 told ? absl::ZeroDuration() : kNextDelay);
    return;
  }
  LogInfo("router attached", {{"address", current_}, {"epoch", hello.epoch()}});
  attached_ = true;
  handlers_.on_attached(hello.epoch());
}

void RoutingLink::Lost() {
  if (!attached_) return;
  attached_ = false;
  handlers_.on_lost();
}

}  // namespace zvon::gateway
