#include "services/signaling/adapters/plan_builder.h"

#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "services/common/telemetry/log.h"
#include "services/signaling/digest/digest.h"
#include "services/signaling/sip/flow.h"

namespace zvon::signaling {
namespace {

using Resource = zvon::directory::v1::Resource;

std::string IdOf(const Resource& resource) {
  ResourceName name;
  return ParseResourceName(resource.name(), &name) ? name.id : "";
}

void Complain(const Resource& resource, std::string_view what) {
  LogWarning("configuration record cannot be used", {{"name", resource.name()}, {"error", what}});
}

std::optional<NumberPattern> PatternOf(const Resource& resource, const std::string& text) {
  auto pattern = NumberPattern::Parse(text);
  if (pattern.ok()) return *std::move(pattern);
  Complain(resource, std::string(pattern.status().message()));
  return std::nullopt;
}

std::optional<Network> NetworkOf(const std::string& cidr) {
  const size_t slash = cidr.find('/');
  const auto address = sip::SocketAddress::FromHost(cidr.substr(0, slash), 0);
  if (!address) return std::nullopt;
  Network network;
  network.bytes = address->bytes();
  const int most = address->is_v4() ? 32 : 128;
  int bits = most;
  if (slash != std::string::npos &&
      (!absl::SimpleAtoi(cidr.substr(slash + 1), &bits) || bits < 0 || bits > most)) {
    return std::nullopt;
  }
  network.bits = bits + (address->is_v4() ? 96 : 0);
  return network;
}

absl::Duration DurationOf(const google::protobuf::Duration& d) {
  return absl::Seconds(d.seconds()) + absl::Nanoseconds(d.nanos());
}

TrunkSettings TrunkOf(const Resource& resource) {
  const auto& from = resource.trunk();
  TrunkSettings trunk;
  trunk.id = IdOf(resource);
  trunk.display_name = from.display_name();
  trunk.disabled = from.disabled();
  for (const std::string& cidr : from.source_cidrs()) {
    if (auto network = NetworkOf(cidr)) {
      trunk.sources.push_back(*network);
    } else {
      Complain(resource, "source_cidrs: \"" + cidr + "\" is not a network");
    }
  }
  trunk.digest_username = from.digest_username();
  trunk.digest_ha1_md5 = from.digest_ha1_md5();
  trunk.digest_ha1_sha256 = from.digest_ha1_sha256();
  for (const std::string& text : from.accepted_patterns()) {
    if (auto pattern = PatternOf(resource, text)) trunk.accepted.push_back(*std::move(pattern));
  }
  trunk.outbound_uri = from.outbound_uri();
  trunk.outbound_username = from.outbound_username();
  trunk.outbound_realm = from.outbound_realm();
  trunk.outbound_ha1_md5 = from.outbound_ha1_md5();
  trunk.outbound_ha1_sha256 = from.outbound_ha1_sha256();
  trunk.options_interval = DurationOf(from.options_interval());
  trunk.calls_max = from.calls_max();
  trunk.call_rate_max = from.call_rate_max();
  trunk.codecs.assign(from.codecs().begin(), from.codecs().end());
  return trunk;
}

void Take(TenantSettings& tenant, const Resource& resource) {
  switch (resource.kind_case()) {
    case Resource::kTrunk:
      tenant.trunks.push_back(TrunkOf(resource));
      return;
    case Resource::kNumber: {
      const auto& from = resource.number();
      if (auto pattern = PatternOf(resource, from.pattern())) {
        tenant.numbers.push_back(
            {IdOf(resource), *std::move(pattern), from.scenario_id(), from.user_id()});
      }
      return;
    }
    case Resource::kRoute: {
      const auto& from = resource.route();
      auto pattern = PatternOf(resource, from.pattern());
      if (!pattern) return;
      RouteSettings route{IdOf(resource),
                          *std::move(pattern),
                          from.priority(),
                          from.trunk_id(),
                          from.strip(),
                          from.prepend(),
                          {},
                          from.direct_media()};
      route.from_trunk_ids.assign(from.from_trunk_ids().begin(), from.from_trunk_ids().end());
      tenant.routes.push_back(std::move(route));
      return;
    }
    case Resource::kUser:
      tenant.users.push_back({IdOf(resource), resource.user().display_name(),
                              resource.user().internal_number(), resource.user().disabled()});
      return;
    case Resource::kEndpoint: {
      const auto& from = resource.endpoint();
      tenant.endpoints.push_back({IdOf(resource), from.user_id(), from.sip_username(),
                                  from.ha1_md5(), from.ha1_sha256(), from.disabled(),
                                  from.contacts_max() == 0 ? 5 : from.contacts_max()});
      return;
    }
    default:
      return;
  }
}

}  // namespace

std::shared_ptr<const DialPlan> BuildDialPlan(const Configuration& configuration) {
  std::vector<TenantSettings> tenants;
  for (const std::string& tenant_id : configuration.TenantIds()) {
    TenantSettings& tenant = tenants.emplace_back();
    tenant.tenant_id = tenant_id;
    for (const char* collection : {"trunks", "numbers", "routes", "users", "endpoints"}) {
      for (const Resource* resource : configuration.List(tenant_id, collection))
        Take(tenant, *resource);
    }
  }
  return std::make_shared<const DialPlan>(std::move(tenants));
}

}  // namespace zvon::signaling
