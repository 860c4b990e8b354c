#include "services/signaling/transport/socket.h"

#include <netinet/in.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace zvon::sip {

void FileDescriptor::Reset(int fd) {
  if (fd_ >= 0) close(fd_);
  fd_ = fd;
}

socklen_t ToSockaddr(const SocketAddress& address, bool v6_socket, sockaddr_storage& out) {
  std::memset(&out, 0, sizeof out);
  if (address.is_v4() && !v6_socket) {
    auto& v4 = reinterpret_cast<sockaddr_in&>(out);
    v4.sin_family = AF_INET;
    v4.sin_port = htons(address.port());
    std::memcpy(&v4.sin_addr, address.bytes().data() + 12, 4);
    return sizeof v4;
  }
  auto& v6 = reinterpret_cast<sockaddr_in6&>(out);
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(address.port());
  std::memcpy(&v6.sin6_addr, address.bytes().data(), 16);
  return sizeof v6;
}

SocketAddress FromSockaddr(const sockaddr_storage& in) {
  if (in.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(in);
    return SocketAddress::V4(ntohl(v4.sin_addr.s_addr), ntohs(v4.sin_port));
  }
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(in);
  std::array<uint8_t, 16> bytes;
  std::memcpy(bytes.data(), &v6.sin6_addr, 16);
  return SocketAddress::V6(bytes, ntohs(v6.sin6_port));
}

absl::StatusOr<FileDescriptor> BindSocket(int type, const SocketAddress& address) {
  const auto fail = [&address](const char* what) {
    return absl::UnavailableError(std::string("cannot ") + what + " " + address.ToString() + ": " +
                                  std::strerror(errno));
  };
  const bool v6 = !address.is_v4();
  FileDescriptor fd(socket(v6 ? AF_INET6 : AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.is_open()) return fail("make a socket for");
  const int on = 1, off = 0;
  // UDP: no reuse, so that a second process on the port is an error.
  if (type == SOCK_STREAM) setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (v6) setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  sockaddr_storage storage;
  const socklen_t size = ToSockaddr(address, v6, storage);
  if (bind(fd.get(), reinterpret_cast<sockaddr*>(&storage), size) != 0) return fail("bind");
  return fd;
}

SocketAddress BoundAddress(int fd) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return {};
  return FromSockaddr(storage);
}

}  // namespace zvon::sip
