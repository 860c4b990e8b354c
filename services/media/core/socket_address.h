#pragma once
// An IPv4 or IPv6 address with a port, as a plain value.

#include <array>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace zvon::media {

struct SocketAddress {
  std::array<uint8_t, 16> bytes{};  // IPv4 in the first four.
  uint16_t port = 0;                // 0 = none.
  bool v6 = false;

  bool SameHost(const SocketAddress& other) const { return v6 == other.v6 && bytes == other.bytes; }
  friend bool operator==(const SocketAddress&, const SocketAddress&) = default;
};

// `host` is a numeric address; names are INVALID_ARGUMENT.
absl::StatusOr<SocketAddress> ParseSocketAddress(const std::string& host, int port);
// "192.0.2.1:4000", "[2001:db8::1]:4000".
std::string ToString(const SocketAddress& address);

// RFC 1918, 6598, 3927, 4193, 4291 link-local: such an address in SDP, seen
// from another network, means that the sender sits behind a NAT. Not loopback.
bool IsPrivate(const SocketAddress& address);

}  // namespace zvon::media
