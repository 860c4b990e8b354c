#include "services/gateway/live/live_view.h"

#include "services/gateway/live/json.h"
#include "zvon/gateway/v1/frames.pb.h"

namespace zvon::gateway {

namespace {

LiveView::Body MakeBody(const v1::ServerFrame& full, const v1::ServerFrame& colleague) {
  return std::make_shared<const LiveView::Bodies>(
      LiveView::Bodies{std::make_shared<const std::string>(ToJson(full)),
                       std::make_shared<const std::string>(ToJson(colleague))});
}

}  // namespace

void LiveView::Watch(const std::string& tenant_id, const std::function<void(const Body&)>& each) {
  Tenant& tenant = tenants_[tenant_id];
  if (tenant.watchers++ == 0) return Send(tenant_id, true);
  for (const auto& [id, body] : tenant.queues) each(body);
  for (const auto& [id, body] : tenant.agents) each(body);
}

void LiveView::Unwatch(const std::string& tenant_id) {
  auto it = tenants_.find(tenant_id);
  if (it == tenants_.end() || --it->second.watchers > 0) return;
  tenants_.erase(it);
  Send(tenant_id, false);
}

void LiveView::Send(const std::string& tenant_id, bool watch) {
  routingservice::v1::AgentItem item;
  item.set_tenant_id(tenant_id);
  if (watch) {
    item.mutable_watch_tenant();
  } else {
    item.mutable_unwatch_tenant();
  }
  (void)routing_->Send(std::move(item));  // Not attached: OnAttached will.
}

void LiveView::OnAttached() {
  for (const auto& [id, tenant] : tenants_) Send(id, true);
}

void LiveView::OnAgent(const routing::v1::AgentStatus& status) {
  auto it = tenants_.find(status.tenant_id());
  if (it == tenants_.end()) return;
  v1::ServerFrame frame;
  *frame.mutable_live_agent() = status;
  v1::ServerFrame colleague = frame;
  colleague.mutable_live_agent()->clear_offer();
  colleague.mutable_live_agent()->clear_interaction();
  Body body = MakeBody(frame, colleague);
  it->second.agents[status.agent_id()] = body;
  sink_(status.tenant_id(), body);
}

void LiveView::OnQueue(const routing::v1::QueueStatus& status) {
  auto it = tenants_.find(status.tenant_id());
  if (it == tenants_.end()) return;
  v1::ServerFrame frame;
  *frame.mutable_live_queue() = status;
  Body body = MakeBody(frame, frame);
  it->second.queues[status.queue_id()] = body;
  sink_(status.tenant_id(), body);
}

}  // namespace zvon::gateway
