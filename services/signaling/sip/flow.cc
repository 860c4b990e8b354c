#include "services/signaling/sip/flow.h"

#include <arpa/inet.h>

#include <cstring>

#include "services/signaling/sip/grammar.h"

namespace zvon::sip {

namespace {

constexpr std::array<uint8_t, 12> kV4Prefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr std::array<std::string_view, 5> kProtocolNames = {"UDP", "TCP", "TLS", "WS", "WSS"};

}  // namespace

std::string_view ProtocolName(Protocol protocol) {
  return kProtocolNames[static_cast<size_t>(protocol)];
}

std::optional<Protocol> ProtocolFromName(std::string_view name) {
  for (size_t i = 0; i < kProtocolNames.size(); ++i) {
    if (EqualsNoCase(name, kProtocolNames[i])) return static_cast<Protocol>(i);
  }
  return std::nullopt;
}

uint16_t DefaultPort(Protocol protocol) {
  switch (protocol) {
    case Protocol::kTls:
      return 5061;
    case Protocol::kWs:
      return 80;
    case Protocol::kWss:
      return 443;
    default:
      return 5060;
  }
}

SocketAddress SocketAddress::V4(uint32_t host_order, uint16_t port) {
  SocketAddress a;
  std::memcpy(a.bytes_.data(), kV4Prefix.data(), kV4Prefix.size());
  for (int i = 0; i < 4; ++i) a.bytes_[12 + i] = static_cast<uint8_t>(host_order >> (24 - 8 * i));
  a.port_ = port;
  return a;
}

SocketAddress SocketAddress::V6(const std::array<uint8_t, 16>& bytes, uint16_t port) {
  SocketAddress a;
  a.bytes_ = bytes;
  a.port_ = port;
  return a;
}

std::optional<SocketAddress> SocketAddress::FromHost(std::string_view host, uint16_t port) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  if (host.empty() || host.size() > 45) return std::nullopt;
  char text[46];
  std::memcpy(text, host.data(), host.size());
  text[host.size()] = 0;
  if (std::strlen(text) != host.size()) return std::nullopt;
  in_addr v4;
  if (inet_pton(AF_INET, text, &v4) == 1) return V4(ntohl(v4.s_addr), port);
  std::array<uint8_t, 16> v6;
  if (inet_pton(AF_INET6, text, v6.data()) == 1) return V6(v6, port);
  return std::nullopt;
}

std::optional<SocketAddress> SocketAddress::Parse(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  const std::string_view host = text.substr(0, colon);
  if (host.find(':') != std::string_view::npos && host.front() != '[') return std::nullopt;
  const auto port = ParseNumber<uint16_t>(text.substr(colon + 1));
  if (!port) return std::nullopt;
  return FromHost(host, *port);
}

bool SocketAddress::is_v4() const {
  return std::memcmp(bytes_.data(), kV4Prefix.data(), kV4Prefix.size()) == 0;
}

bool SocketAddress::is_any() const {
  for (size_t i = is_v4() ? 12 : 0; i < bytes_.size(); ++i) {
    if (bytes_[i] != 0) return false;
  }
  return true;
}

SocketAddress SocketAddress::WithPort(uint16_t port) const {
  SocketAddress a = *this;
  a.port_ = port;
  return a;
}

std::string SocketAddress::Host() const {
  char text[INET6_ADDRSTRLEN] = "";
  if (is_v4()) {
    inet_ntop(AF_INET, bytes_.data() + 12, text, sizeof text);
  } else {
    inet_ntop(AF_INET6, bytes_.data(), text, sizeof text);
  }
  return text;
}

std::string SocketAddress::UriHost() const { return is_v4() ? Host() : "[" + Host() + "]"; }

std::string SocketAddress::ToString() const { return UriHost() + ":" + std::to_string(port_); }

std::string Flow::ToString() const {
  std::string out;
  for (char c : ProtocolName(protocol)) out += static_cast<char>(c | 0x20);
  out += ':';
  out += peer.ToString();
  if (local != 0) out += "@" + std::to_string(local);
  if (connection != 0) out += "#" + std::to_string(connection);
  return out;
}

std::optional<Flow> Flow::Parse(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto protocol = ProtocolFromName(text.substr(0, colon));
  if (!protocol) return std::nullopt;
  Flow flow;
  flow.protocol = *protocol;
  text.remove_prefix(colon + 1);
  const auto take = [&text](char mark) -> std::optional<uint64_t> {
    const size_t at = text.rfind(mark);
    if (at == std::string_view::npos) return 0;
    const auto number = ParseNumber<uint64_t>(text.substr(at + 1));
    text = text.substr(0, at);
    return number;
  };
  const auto connection = take('#');
  const auto local = take('@');
  const auto peer = SocketAddress::Parse(text);
  if (!connection || !local || !peer || *local > UINT32_MAX) return std::nullopt;
  flow.connection = *connection;
  flow.local = static_cast<uint32_t>(*local);
  flow.peer = *peer;
  return flow;
}

}  // namespace zvon::sip
