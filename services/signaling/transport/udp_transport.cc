#include "services/signaling/transport/udp_transport.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace zvon::sip {

struct UdpTransport::Buffers {
  static constexpr size_t kDatagramBytes = 65536;
  std::vector<char> bytes = std::vector<char>(kBatch * kDatagramBytes);
  std::array<mmsghdr, kBatch> headers{};
  std::array<iovec, kBatch> vectors{};
  std::array<sockaddr_storage, kBatch> peers{};

  void PrepareToRead() {
    for (size_t i = 0; i < kBatch; ++i) {
      vectors[i] = {bytes.data() + i * kDatagramBytes, kDatagramBytes};
      headers[i] = {};
      headers[i].msg_hdr.msg_name = &peers[i];
      headers[i].msg_hdr.msg_namelen = sizeof peers[i];
      headers[i].msg_hdr.msg_iov = &vectors[i];
      headers[i].msg_hdr.msg_iovlen = 1;
    }
  }
};

UdpTransport::UdpTransport(uint32_t index, const SocketAddress& address, Loop& loop,
                           TransportHandler& handler)
    : index_(index), wanted_(address), loop_(loop), handler_(handler) {}

UdpTransport::~UdpTransport() { Stop(); }

absl::Status UdpTransport::Start() {
  auto fd = BindSocket(SOCK_DGRAM, wanted_);
  if (!fd.ok()) return fd.status();
  fd_ = *std::move(fd);
  // Bursts of thousands of calls must not be lost in the kernel.
  const int bytes = 8 << 20;
  setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  setsockopt(fd_.get(), SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
  local_ = BoundAddress(fd_.get());
  buffers_ = std::make_unique<Buffers>();
  loop_.WatchFd(fd_.get(), EPOLLIN, [this](uint32_t events) {
    if (events & EPOLLOUT) {
      blocked_ = false;
      loop_.ChangeFd(fd_.get(), EPOLLIN);
      Flush();
    }
    if (events & (EPOLLIN | EPOLLERR)) OnReadable();
  });
  return absl::OkStatus();
}

void UdpTransport::Stop() {
  *alive_ = false;
  if (!fd_.is_open()) return;
  blocked_ = false;
  Flush();
  loop_.UnwatchFd(fd_.get());
  fd_.Reset();
}

void UdpTransport::OnReadable() {
  buffers_->PrepareToRead();
  const int count = recvmmsg(fd_.get(), buffers_->headers.data(), kBatch, MSG_DONTWAIT, nullptr);
  // An ICMP error of an earlier send shows here once; there is nobody to tell.
  const std::shared_ptr<bool> alive = alive_;
  for (int i = 0; i < count && *alive; ++i) {
    Flow flow;
    flow.peer = FromSockaddr(buffers_->peers[i]);
    flow.local = index_;
    if (!handler_.Admit(flow.peer)) continue;
    handler_.OnMessage(flow, {static_cast<const char*>(buffers_->vectors[i].iov_base),
                              buffers_->headers[i].msg_len});
  }
}

Flow UdpTransport::Send(const Flow& flow, std::string bytes, uint64_t token, std::string_view) {
  if (outgoing_.size() >= kBacklogMax || !fd_.is_open()) {
    ++dropped_;  // As the network might have: it is sent again by its timer.
    return flow;
  }
  outgoing_.push_back({flow.peer, std::move(bytes), token});
  if (!flush_due_ && !blocked_) {
    flush_due_ = true;
    loop_.AtTurnEnd([this, alive = alive_] {
      if (*alive) Flush();
    });
  }
  return flow;
}

size_t UdpTransport::SendBatch(size_t first, size_t count) {
  std::array<mmsghdr, kBatch> headers{};
  std::array<iovec, kBatch> vectors;
  std::array<sockaddr_storage, kBatch> peers;
  const bool v6 = !local_.is_v4();
  for (size_t i = 0; i < count; ++i) {
    Outgoing& out = outgoing_[first + i];
    vectors[i] = {out.bytes.data(), out.bytes.size()};
    headers[i].msg_hdr.msg_namelen = ToSockaddr(out.peer, v6, peers[i]);
    headers[i].msg_hdr.msg_name = &peers[i];
    headers[i].msg_hdr.msg_iov = &vectors[i];
    headers[i].msg_hdr.msg_iovlen = 1;
  }
  const int sent = sendmmsg(fd_.get(), headers.data(), static_cast<unsigned>(count), MSG_DONTWAIT);
  if (sent > 0) return static_cast<size_t>(sent);
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS) {
    blocked_ = true;
    return 0;
  }
  if (errno == EINTR || errno == ECONNREFUSED) return 0;  // A pending ICMP error was cleared.
  // This datagram cannot be sent (too long, no route): its owner is told.
  const Outgoing& out = outgoing_[first];
  Flow flow;
  flow.peer = out.peer;
  flow.local = index_;
  if (out.token != 0) {
    (void)loop_.Post([this, alive = alive_, flow, token = out.token] {
      if (*alive) handler_.OnSendFailed(flow, token);
    });
  }
  return 1;
}

void UdpTransport::Flush() {
  flush_due_ = false;
  size_t done = 0;
  // A refused peer may interrupt each datagram once: bounded all the same.
  size_t tries = 2 * outgoing_.size() + 2;
  while (done < outgoing_.size() && !blocked_ && tries-- > 0) {
    done += SendBatch(done, std::min(kBatch, outgoing_.size() - done));
  }
  outgoing_.erase(outgoing_.begin(), outgoing_.begin() + static_cast<std::ptrdiff_t>(done));
  if (blocked_ && fd_.is_open()) loop_.ChangeFd(fd_.get(), EPOLLIN | EPOLLOUT);
}

}  // namespace zvon::sip
