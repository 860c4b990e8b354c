#pragma once
// Where a message came from and where one goes: plain values, no sockets.

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace zvon::sip {

enum class Protocol : uint8_t { kUdp, kTcp, kTls, kWs, kWss };

// "UDP", "TCP", "TLS", "WS", "WSS", as in Via and in transport= (any case).
std::string_view ProtocolName(Protocol protocol);
std::optional<Protocol> ProtocolFromName(std::string_view name);
inline bool IsReliable(Protocol p) { return p != Protocol::kUdp; }
inline bool IsSecure(Protocol p) { return p == Protocol::kTls || p == Protocol::kWss; }
// 5060, or 5061 for TLS; 80 and 443 for WebSocket.
uint16_t DefaultPort(Protocol protocol);

// An IPv4 or IPv6 address with a port. IPv4 is kept as IPv4-mapped IPv6, so
// that equal peers are equal however they arrived.
class SocketAddress {
 public:
  SocketAddress() = default;
  static SocketAddress V4(uint32_t host_order, uint16_t port);
  static SocketAddress V6(const std::array<uint8_t, 16>& bytes, uint16_t port);
  // "192.0.2.1", "2001:db8::1" or "[2001:db8::1]"; no names.
  static std::optional<SocketAddress> FromHost(std::string_view host, uint16_t port);
  // "192.0.2.1:5060" or "[2001:db8::1]:5060".
  static std::optional<SocketAddress> Parse(std::string_view text);

  bool is_set() const { return port_ != 0 || bytes_ != std::array<uint8_t, 16>{}; }
  bool is_v4() const;
  bool is_any() const;  // 0.0.0.0 or ::
  uint16_t port() const { return port_; }
  SocketAddress WithPort(uint16_t port) const;
  const std::array<uint8_t, 16>& bytes() const { return bytes_; }
  // Without brackets: the form of received= and of c= lines.
  std::string Host() const;
  // With brackets for IPv6: the form of URIs and Via.
  std::string UriHost() const;
  std::string ToString() const;

  friend bool operator==(const SocketAddress&, const SocketAddress&) = default;
  friend auto operator<=>(const SocketAddress&, const SocketAddress&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const SocketAddress& a) {
    return H::combine(std::move(h), a.bytes_, a.port_);
  }

 private:
  std::array<uint8_t, 16> bytes_{};
  uint16_t port_ = 0;
};

// A way to reach one peer. For UDP: the local socket and the peer's address;
// for streams: one connection, with the peer's address to connect to again
// when `connection` is gone (0: any or a new one).
struct Flow {
  Protocol protocol = Protocol::kUdp;
  SocketAddress peer;
  // Which local socket or listener, as numbered by the endpoint; 0 is the first.
  uint32_t local = 0;
  // A stream's connection, unique within a process's life; 0 for UDP.
  uint64_t connection = 0;

  friend bool operator==(const Flow&, const Flow&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const Flow& f) {
    return H::combine(std::move(h), f.protocol, f.peer, f.local, f.connection);
  }
  // "udp:192.0.2.1:5060", "tcp:192.0.2.1:40312#17": for logs, snapshots, tests.
  std::string ToString() const;
  static std::optional<Flow> Parse(std::string_view text);
};

// Where a request goes.
struct Destination {
  // A known flow (a registered phone, the peer of the dialog): used as it is;
  // `uri` is the fall-back when its connection is gone.
  std::optional<Flow> flow;
  // Resolved by RFC 3263; several targets are tried in order on failure or 503.
  // Empty: the first Route, else the Request-URI.
  std::string uri;
  friend bool operator==(const Destination&, const Destination&) = default;
};

}  // namespace zvon::sip
