#include "services/media/core/socket_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace zvon::media {

absl::StatusOr<SocketAddress> ParseSocketAddress(const std::string& host, int port) {
  if (port < 0 || port > 65535) {
    return absl::InvalidArgumentError(absl::StrCat("port ", port, " is not within 0 to 65535"));
  }
  SocketAddress address;
  address.port = static_cast<uint16_t>(port);
  if (inet_pton(AF_INET, host.c_str(), address.bytes.data()) == 1) return address;
  address.v6 = true;
  if (inet_pton(AF_INET6, host.c_str(), address.bytes.data()) == 1) return address;
  return absl::InvalidArgumentError(absl::StrCat("'", host, "' is no numeric IP address"));
}

std::string ToString(const SocketAddress& address) {
  char text[INET6_ADDRSTRLEN] = "";
  inet_ntop(address.v6 ? AF_INET6 : AF_INET, address.bytes.data(), text, sizeof text);
  return address.v6 ? absl::StrCat("[", text, "]:", address.port)
                    : absl::StrCat(text, ":", address.port);
}

bool IsPrivate(const SocketAddress& address) {
  const auto& b = address.bytes;
  if (address.v6) return (b[0] & 0xFE) == 0xFC || (b[0] == 0xFE && (b[1] & 0xC0) == 0x80);
  return b[0] == 10 || (b[0] == 172 && (b[1] & 0xF0) == 16) || (b[0] == 192 && b[1] == 168) ||
         (b[0] == 100 && (b[1] & 0xC0) == 64) || (b[0] == 169 && b[1] == 254);
}

}  // namespace zvon::media
