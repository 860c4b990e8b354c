#pragma once
// Agents and queues of the tenants that somebody looks at.

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "services/gateway/links/routing_link.h"

namespace zvon::gateway {

// Runner thread only. One watch per tenant at the router, however many look.
class LiveView {
 public:
  // A frame as supervisors see it, and as colleagues do who only want to know
  // who is free: without the customers that others talk to.
  struct Bodies {
    std::shared_ptr<const std::string> full;
    std::shared_ptr<const std::string> colleague;
  };
  using Body = std::shared_ptr<const Bodies>;
  // A frame for all who look at this tenant.
  using Sink = std::function<void(const std::string& tenant_id, const Body&)>;
  explicit LiveView(Sink sink) : sink_(std::move(sink)) {}
  void Start(RoutingLink& routing) { routing_ = &routing; }

  // The frames of the state as known follow through `each`.
  void Watch(const std::string& tenant_id, const std::function<void(const Body&)>& each);
  void Unwatch(const std::string& tenant_id);

  // From the router.
  void OnAttached();
  void OnAgent(const routing::v1::AgentStatus& status);
  void OnQueue(const routing::v1::QueueStatus& status);

 private:
  struct Tenant {
    int watchers = 0;
    std::map<std::string, Body> agents;
    std::map<std::string, Body> queues;
  };
  void Send(const std::string& tenant_id, bool watch);
  const Sink sink_;
  RoutingLink* routing_ = nullptr;
  std::map<std::string, Tenant> tenants_;
};

}  // namespace zvon::gateway
