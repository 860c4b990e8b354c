#pragma once
// Sockets without exceptions: an owned descriptor and address conversion.

#include <sys/socket.h>

#include <utility>

#include "absl/status/statusor.h"
#include "services/signaling/sip/flow.h"

namespace zvon::sip {

class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    if (this != &other) Reset(std::exchange(other.fd_, -1));
    return *this;
  }
  ~FileDescriptor() { Reset(); }
  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  void Reset(int fd = -1);

 private:
  int fd_ = -1;
};

// `v6_socket`: IPv4 goes as an IPv4-mapped address.
socklen_t ToSockaddr(const SocketAddress& address, bool v6_socket, sockaddr_storage& out);
SocketAddress FromSockaddr(const sockaddr_storage& in);

// Non-blocking, close-on-exec, bound to `address`; "::" takes IPv4 as well.
// `type`: SOCK_DGRAM or SOCK_STREAM. The error names the address.
absl::StatusOr<FileDescriptor> BindSocket(int type, const SocketAddress& address);
SocketAddress BoundAddress(int fd);

}  // namespace zvon::sip
