#pragma once
// The part of RFC 3263 that needs no DNS. Pure.

#include <optional>
#include <string>
#include <vector>

#include "services/signaling/sip/flow.h"
#include "services/signaling/sip/uri.h"

namespace zvon::sip {

struct Target {
  Protocol protocol = Protocol::kUdp;
  SocketAddress address;
  friend bool operator==(const Target&, const Target&) = default;
};
// In the order in which they should be tried; never empty.
using Targets = std::vector<Target>;

// The protocol that the URI itself demands: transport=, or TLS for sips.
std::optional<Protocol> DemandedProtocol(const UriView& uri);
// maddr or host, without brackets' change.
std::string_view TargetHost(const UriView& uri);
// Set when the host is a number: no DNS is needed. UDP unless demanded.
std::optional<Target> NumericTarget(const UriView& uri);

}  // namespace zvon::sip
