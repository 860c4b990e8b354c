#pragma once
// What the tenants' configuration means for telephony: who a source is, and
// what a dialled number leads to. Immutable; a new one is built for each
// revision of the configuration.

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/time/time.h"
#include "services/signaling/core/call_types.h"
#include "services/signaling/core/number_pattern.h"

namespace zvon::signaling {

// A network in CIDR form, IPv4 as IPv4-mapped IPv6.
struct Network {
  std::array<uint8_t, 16> bytes{};
  int bits = 128;
  bool Contains(const std::array<uint8_t, 16>& address) const;
};

struct TrunkSettings {
  std::string id;
  std::string display_name;
  bool disabled = false;
  std::vector<Network> sources;
  std::string digest_username;
  std::string digest_ha1_md5, digest_ha1_sha256;
  std::vector<NumberPattern> accepted;
  std::string outbound_uri;
  std::string outbound_username, outbound_realm;
  std::string outbound_ha1_md5, outbound_ha1_sha256;
  absl::Duration options_interval;
  int calls_max = 0;
  int call_rate_max = 0;
  std::vector<std::string> codecs;
  bool Accepts(std::string_view number) const;
};
struct NumberSettings {
  std::string id;
  NumberPattern pattern;
  std::string scenario_id;
  std::string user_id;
};
struct RouteSettings {
  std::string id;
  NumberPattern pattern;
  int priority = 0;
  std::string trunk_id;
  int strip = 0;
  std::string prepend;
  std::vector<std::string> from_trunk_ids;
  bool direct_media = false;
};
struct UserSettings {
  std::string id;
  std::string display_name;
  std::string internal_number;
  bool disabled = false;
};
struct EndpointSettings {
  std::string id;
  std::string user_id;
  std::string sip_username;
  std::string ha1_md5, ha1_sha256;
  bool disabled = false;
  int contacts_max = 5;
};

struct TenantSettings {
  std::string tenant_id;
  std::vector<TrunkSettings> trunks;
  std::vector<NumberSettings> numbers;
  std::vector<RouteSettings> routes;
  std::vector<UserSettings> users;
  std::vector<EndpointSettings> endpoints;
};

// One tenant's plan.
class TenantPlan {
 public:
  explicit TenantPlan(TenantSettings settings);
  TenantPlan(const TenantPlan&) = delete;  // Points into itself.
  TenantPlan& operator=(const TenantPlan&) = delete;
  const std::string& tenant_id() const { return settings_.tenant_id; }
  // `from_trunk_id` empty: one of the tenant's own users or scenarios dials.
  // Order: exact numbers, internal numbers, patterns (the most specific
  // first), routes by priority then id. Routes over disabled trunks or such
  // without an outbound_uri are left out.
  DialTarget Resolve(std::string_view number, std::string_view from_trunk_id) const;
  const TrunkSettings* Trunk(std::string_view id) const;
  const UserSettings* User(std::string_view id) const;
  const EndpointSettings* EndpointByUsername(std::string_view sip_username) const;
  std::vector<const EndpointSettings*> EndpointsOf(std::string_view user_id) const;
  const TenantSettings& settings() const { return settings_; }

 private:
  DialTarget ByRoutes(std::string_view number, std::string_view from_trunk_id) const;
  TenantSettings settings_;
  std::unordered_map<std::string, const NumberSettings*> exact_;
  std::unordered_map<std::string, const UserSettings*> internal_;
  std::vector<const NumberSettings*> patterns_;
};

class DialPlan {
 public:
  DialPlan() = default;
  explicit DialPlan(std::vector<TenantSettings> tenants);
  const TenantPlan* Tenant(std::string_view tenant_id) const;
  const std::map<std::string, TenantPlan, std::less<>>& tenants() const { return tenants_; }

  struct TrunkMatch {
    const TenantPlan* tenant = nullptr;
    const TrunkSettings* trunk = nullptr;
    // A trunk fits the source, but none of them takes the number.
    bool number_refused = false;
  };
  // Among trunks whose networks hold `source`, one that accepts `number`; the
  // narrowest network decides. No trunk: `trunk` is null.
  TrunkMatch FindTrunk(const std::array<uint8_t, 16>& source, std::string_view number) const;
  // By digest user name, for trunks without fixed addresses.
  TrunkMatch FindTrunkByUsername(std::string_view username) const;

  struct EndpointMatch {
    const TenantPlan* tenant = nullptr;
    const EndpointSettings* endpoint = nullptr;
  };
  // A tenant's id as first label of `host` ("demo.example.com") narrows the
  // search; else the first tenant that has the user name.
  EndpointMatch FindEndpoint(std::string_view sip_username, std::string_view host) const;

 private:
  std::map<std::string, TenantPlan, std::less<>> tenants_;
};

}  // namespace zvon::signaling
