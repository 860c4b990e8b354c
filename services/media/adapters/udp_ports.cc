#include "services/media/adapters/udp_ports.h"

#include <netinet/in.h>
#include <netinet/ip.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace zvon::media {
namespace {

socklen_t ToNative(const SocketAddress& address, sockaddr_storage& out) {
  out = {};
  if (address.v6) {
    auto& native = reinterpret_cast<sockaddr_in6&>(out);
    native.sin6_family = AF_INET6;
    native.sin6_port = htons(address.port);
    std::memcpy(&native.sin6_addr, address.bytes.data(), 16);
    return sizeof native;
  }
  auto& native = reinterpret_cast<sockaddr_in&>(out);
  native.sin_family = AF_INET;
  native.sin_port = htons(address.port);
  std::memcpy(&native.sin_addr, address.bytes.data(), 4);
  return sizeof native;
}

SocketAddress FromNative(const sockaddr_storage& in) {
  SocketAddress address;
  if (in.ss_family == AF_INET6) {
    const auto& native = reinterpret_cast<const sockaddr_in6&>(in);
    address.v6 = true;
    address.port = ntohs(native.sin6_port);
    std::memcpy(address.bytes.data(), &native.sin6_addr, 16);
  } else {
    const auto& native = reinterpret_cast<const sockaddr_in&>(in);
    address.port = ntohs(native.sin_port);
    std::memcpy(address.bytes.data(), &native.sin_addr, 4);
  }
  return address;
}

// -1 and errno where it fails.
int OpenSocket(SocketAddress local, int port) {
  const int fd =
      socket(local.v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  // Expedited forwarding (RFC 3246); where it is refused, voice goes as any data.
  const int tos = IPTOS_DSCP_EF;
  if (local.v6) {
    setsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &tos, sizeof tos);
  } else {
    setsockopt(fd, IPPROTO_IP, IP_TOS, &tos, sizeof tos);
  }
  local.port = static_cast<uint16_t>(port);
  sockaddr_storage native;
  const socklen_t size = ToNative(local, native);
  if (bind(fd, reinterpret_cast<sockaddr*>(&native), size) == 0) return fd;
  const int error = errno;
  close(fd);
  errno = error;
  return -1;
}

}  // namespace

absl::StatusOr<std::unique_ptr<UdpPair>> UdpPair::Open(const SocketAddress& local, int port) {
  const int rtp = OpenSocket(local, port);
  const int rtcp = rtp < 0 ? -1 : OpenSocket(local, port + 1);
  if (rtcp >= 0) return std::unique_ptr<UdpPair>(new UdpPair(rtp, rtcp, port));
  const std::string reason = std::strerror(errno);
  if (rtp >= 0) close(rtp);
  return absl::ResourceExhaustedError(
      absl::StrCat("UDP ports ", port, " and ", port + 1, " cannot be opened: ", reason));
}

UdpPair::~UdpPair() {
  close(rtp_fd_);
  close(rtcp_fd_);
}

PortRange::PortRange(int min, int max, int worker, int workers, uint64_t chance) {
  int number = 0;
  for (int port = (min + 1) & ~1; port + 1 <= max; port += 2) {
    if (number++ % workers == worker) ports_.push_back(port);
  }
  if (!ports_.empty()) next_ = chance % ports_.size();
}

absl::StatusOr<std::unique_ptr<UdpPair>> PortRange::Open(const SocketAddress& local, int wanted) {
  if (wanted > 0 && wanted < 65535 && wanted % 2 == 0) {
    auto pair = UdpPair::Open(local, wanted);
    if (pair.ok()) return pair;
  }
  absl::Status last = absl::ResourceExhaustedError("the range of RTP ports is empty");
  for (size_t tries = 0; tries < ports_.size(); ++tries) {
    const int port = ports_[next_];
    next_ = (next_ + 1) % ports_.size();
    auto pair = UdpPair::Open(local, port);
    if (pair.ok()) return pair;
    last = pair.status();
    // Out of descriptors: no other port will do better.
    if (errno == EMFILE || errno == ENFILE) break;
  }
  return last;
}

struct UdpReader::Buffers {
  std::array<mmsghdr, kBatch> headers{};
  std::array<iovec, kBatch> vectors{};
  std::array<sockaddr_storage, kBatch> sources{};
  std::array<std::array<uint8_t, kDatagramMax>, kBatch> bytes{};
};

UdpReader::UdpReader() : buffers_(std::make_unique<Buffers>()) {
  for (size_t i = 0; i < kBatch; ++i) {
    buffers_->vectors[i] = {buffers_->bytes[i].data(), kDatagramMax};
    buffers_->headers[i].msg_hdr.msg_iov = &buffers_->vectors[i];
    buffers_->headers[i].msg_hdr.msg_iovlen = 1;
    buffers_->headers[i].msg_hdr.msg_name = &buffers_->sources[i];
  }
}
UdpReader::~UdpReader() = default;

int UdpReader::Read(int fd, Sink sink) {
  for (mmsghdr& header : buffers_->headers) header.msg_hdr.msg_namelen = sizeof(sockaddr_storage);
  const int count = recvmmsg(fd, buffers_->headers.data(), kBatch, MSG_DONTWAIT, nullptr);
  for (int i = 0; i < count; ++i) {
    const mmsghdr& header = buffers_->headers[i];
    if (header.msg_hdr.msg_flags & MSG_TRUNC) continue;
    sink(FromNative(buffers_->sources[i]), {buffers_->bytes[i].data(), header.msg_len});
  }
  return std::max(count, 0);
}

struct UdpWriter::Buffers {
  std::array<mmsghdr, kBatch> headers{};
  std::array<iovec, kBatch> vectors{};
  std::array<sockaddr_storage, kBatch> targets{};
};

UdpWriter::UdpWriter() : buffers_(std::make_unique<Buffers>()) {}
UdpWriter::~UdpWriter() = default;

int UdpWriter::Flush(int fd, size_t count) {
  if (fd < 0) return static_cast<int>(count);
  int failed = 0;
  for (size_t done = 0; done < count;) {
    const int sent = sendmmsg(fd, &buffers_->headers[done], static_cast<unsigned>(count - done),
                              MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent > 0) {
      done += static_cast<size_t>(sent);
    } else {
      // This one cannot go (no route, full buffer): a late packet is worth
      // nothing, so it is dropped and the rest is tried.
      ++done;
      ++failed;
    }
  }
  return failed;
}

int UdpWriter::Send(const Effects& effects, FdOf fd_of) {
  int failed = 0;
  int batch_fd = -1;
  size_t count = 0;
  for (const Effects::Packet& packet : effects.packets) {
    const int fd = fd_of(packet);
    if (count > 0 && (fd != batch_fd || count == kBatch)) {
      failed += Flush(batch_fd, count);
      count = 0;
    }
    batch_fd = fd;
    const absl::Span<const uint8_t> bytes = effects.BytesOf(packet);
    buffers_->vectors[count] = {const_cast<uint8_t*>(bytes.data()), bytes.size()};
    msghdr& header = buffers_->headers[count].msg_hdr;
    header = {};
    header.msg_name = &buffers_->targets[count];
    header.msg_namelen = ToNative(packet.to, buffers_->targets[count]);
    header.msg_iov = &buffers_->vectors[count];
    header.msg_iovlen = 1;
    ++count;
  }
  if (count > 0) failed += Flush(batch_fd, count);
  return failed;
}

}  // namespace zvon::media
