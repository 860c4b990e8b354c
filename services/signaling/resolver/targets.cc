#include "services/signaling/resolver/targets.h"

namespace zvon::sip {

std::optional<Protocol> DemandedProtocol(const UriView& uri) {
  const auto transport = uri.Param("transport");
  auto protocol = transport ? ProtocolFromName(*transport) : std::nullopt;
  if (uri.is_sips()) {
    // sips with transport=tcp is TLS over TCP (RFC 3261 section 26.2.2).
    return protocol == Protocol::kWs || protocol == Protocol::kWss ? Protocol::kWss
                                                                   : Protocol::kTls;
  }
  return protocol;
}

std::string_view TargetHost(const UriView& uri) { return uri.Param("maddr").value_or(uri.host); }

std::optional<Target> NumericTarget(const UriView& uri) {
  if (!uri.is_sip()) return std::nullopt;
  const Protocol protocol = DemandedProtocol(uri).value_or(Protocol::kUdp);
  const uint16_t port = uri.port ? uri.port : DefaultPort(protocol);
  const auto address = SocketAddress::FromHost(TargetHost(uri), port);
  if (!address) return std::nullopt;
  return Target{protocol, *address};
}

}  // namespace zvon::sip
