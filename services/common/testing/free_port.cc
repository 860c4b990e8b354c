#include "services/common/testing/free_port.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

namespace zvon {
namespace {

// Binds `type` to `port` (0 = any); gives the port or 0.
int TryBind(int type, int port) {
  int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
  if (fd < 0) return 0;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  socklen_t size = sizeof(address);
  int got = 0;
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
      getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0) {
    got = ntohs(address.sin_port);
  }
  close(fd);
  return got;
}

}  // namespace

int FreePort() {
  for (int i = 0; i < 100; ++i) {
    int port = TryBind(SOCK_STREAM, 0);
    if (port != 0 && TryBind(SOCK_DGRAM, port) == port) return port;
  }
  abort();
}

}  // namespace zvon
