#include "services/signaling/core/dial_plan.h"

#include <algorithm>
#include <utility>

namespace zvon::signaling {

bool Network::Contains(const std::array<uint8_t, 16>& address) const {
  const int whole = bits / 8;
  if (!std::equal(bytes.begin(), bytes.begin() + whole, address.begin())) return false;
  const int rest = bits % 8;
  if (rest == 0) return true;
  const auto mask = static_cast<uint8_t>(0xff << (8 - rest));
  return (bytes[static_cast<size_t>(whole)] & mask) == (address[static_cast<size_t>(whole)] & mask);
}

bool TrunkSettings::Accepts(std::string_view number) const {
  return std::any_of(accepted.begin(), accepted.end(),
                     [&](const NumberPattern& pattern) { return pattern.Matches(number); });
}

TenantPlan::TenantPlan(TenantSettings settings) : settings_(std::move(settings)) {
  for (const NumberSettings& number : settings_.numbers) {
    if (number.pattern.is_exact()) {
      exact_.emplace(number.pattern.text(), &number);
    } else {
      patterns_.push_back(&number);
    }
  }
  std::stable_sort(patterns_.begin(), patterns_.end(), [](const auto* a, const auto* b) {
    return a->pattern.MoreSpecificThan(b->pattern);
  });
  for (const UserSettings& user : settings_.users) {
    if (!user.internal_number.empty() && !user.disabled)
      internal_.emplace(user.internal_number, &user);
  }
  std::stable_sort(settings_.routes.begin(), settings_.routes.end(),
                   [](const RouteSettings& a, const RouteSettings& b) {
                     return a.priority != b.priority ? a.priority < b.priority : a.id < b.id;
                   });
}

DialTarget TenantPlan::Resolve(std::string_view number, std::string_view from_trunk_id) const {
  DialTarget target;
  auto use = [&target](const NumberSettings& found) {
    target.kind = found.user_id.empty() ? DialTarget::Kind::kScenario : DialTarget::Kind::kUser;
    target.scenario_id = found.scenario_id;
    target.user_id = found.user_id;
  };
  const std::string key(number);
  if (auto it = exact_.find(key); it != exact_.end()) {
    use(*it->second);
    return target;
  }
  if (auto it = internal_.find(key); it != internal_.end()) {
    target.kind = DialTarget::Kind::kUser;
    target.user_id = it->second->id;
    return target;
  }
  for (const NumberSettings* candidate : patterns_) {
    if (!candidate->pattern.Matches(number)) continue;
    use(*candidate);
    return target;
  }
  return ByRoutes(number, from_trunk_id);
}

DialTarget TenantPlan::ByRoutes(std::string_view number, std::string_view from_trunk_id) const {
  DialTarget target;
  for (const RouteSettings& route : settings_.routes) {
    if (!route.pattern.Matches(number)) continue;
    // No open relay: a trunk passes through only where a route names it.
    const bool allowed =
        from_trunk_id.empty() || std::find(route.from_trunk_ids.begin(), route.from_trunk_ids.end(),
                                           from_trunk_id) != route.from_trunk_ids.end();
    const TrunkSettings* trunk = Trunk(route.trunk_id);
    if (!allowed || trunk == nullptr || trunk->disabled || trunk->outbound_uri.empty()) continue;
    const auto strip =
        std::min<size_t>(static_cast<size_t>(std::max(route.strip, 0)), number.size());
    DialContact contact;
    contact.trunk_id = trunk->id;
    contact.uri = route.prepend + std::string(number.substr(strip));  // The shell makes it a URI.
    contact.direct_media = route.direct_media;
    target.routes.push_back(std::move(contact));
  }
  if (!target.routes.empty()) target.kind = DialTarget::Kind::kTrunks;
  return target;
}

const TrunkSettings* TenantPlan::Trunk(std::string_view id) const {
  for (const TrunkSettings& trunk : settings_.trunks) {
    if (trunk.id == id) return &trunk;
  }
  return nullptr;
}
const UserSettings* TenantPlan::User(std::string_view id) const {
  for (const UserSettings& user : settings_.users) {
    if (user.id == id) return &user;
  }
  return nullptr;
}
const EndpointSettings* TenantPlan::EndpointByUsername(std::string_view sip_username) const {
  for (const EndpointSettings& endpoint : settings_.endpoints) {
    if (endpoint.sip_username == sip_username) return &endpoint;
  }
  return nullptr;
}
std::vector<const EndpointSettings*> TenantPlan::EndpointsOf(std::string_view user_id) const {
  std::vector<const EndpointSettings*> found;
  for (const EndpointSettings& endpoint : settings_.endpoints) {
    if (endpoint.user_id == user_id && !endpoint.disabled) found.push_back(&endpoint);
  }
  return found;
}

DialPlan::DialPlan(std::vector<TenantSettings> tenants) {
  for (TenantSettings& settings : tenants) {
    std::string id = settings.tenant_id;
    tenants_.try_emplace(std::move(id), std::move(settings));
  }
}

const TenantPlan* DialPlan::Tenant(std::string_view tenant_id) const {
  auto it = tenants_.find(tenant_id);
  return it == tenants_.end() ? nullptr : &it->second;
}

DialPlan::TrunkMatch DialPlan::FindTrunk(const std::array<uint8_t, 16>& source,
                                         std::string_view number) const {
  TrunkMatch best;
  int best_bits = -1;
  bool best_accepts = false;
  for (const auto& [id, tenant] : tenants_) {
    for (const TrunkSettings& trunk : tenant.settings().trunks) {
      if (trunk.disabled) continue;
      int bits = -1;
      for (const Network& network : trunk.sources) {
        if (network.Contains(source)) bits = std::max(bits, network.bits);
      }
      if (bits < 0) continue;
      const bool accepts = trunk.Accepts(number);
      if (best_bits >= 0 && (accepts != best_accepts ? best_accepts : bits <= best_bits)) continue;
      best = {&tenant, &trunk, !accepts};
      best_bits = bits;
      best_accepts = accepts;
    }
  }
  return best;
}

DialPlan::TrunkMatch DialPlan::FindTrunkByUsername(std::string_view username) const {
  for (const auto& [id, tenant] : tenants_) {
    for (const TrunkSettings& trunk : tenant.settings().trunks) {
      if (!trunk.disabled && !username.empty() && trunk.digest_username == username)
        return {&tenant, &trunk, false};
    }
  }
  return {};
}

DialPlan::EndpointMatch DialPlan::FindEndpoint(std::string_view sip_username,
                                               std::string_view host) const {
  const std::string_view label = host.substr(0, host.find('.'));
  if (const TenantPlan* tenant = Tenant(label)) {
    const EndpointSettings* endpoint = tenant->EndpointByUsername(sip_username);
    return endpoint == nullptr ? EndpointMatch{} : EndpointMatch{tenant, endpoint};
  }
  for (const auto& [id, tenant] : tenants_) {
    if (const EndpointSettings* endpoint = tenant.EndpointByUsername(sip_username))
      return {&tenant, endpoint};
  }
  return {};
}

}  // namespace zvon::signaling
