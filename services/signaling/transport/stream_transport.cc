#include "services/signaling/transport/stream_transport.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>

#include <cerrno>
#include <cstring>

namespace zvon::sip {

namespace {

void SetNoDelay(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

}  // namespace

StreamTransport::StreamTransport(Options options, uint64_t& next_connection, Loop& loop,
                                 TransportHandler& handler)
    : options_(std::move(options)),
      next_connection_(next_connection),
      loop_(loop),
      handler_(handler) {}

StreamTransport::~StreamTransport() { Stop(); }

absl::Status StreamTransport::Start() {
  if (options_.protocol == Protocol::kTls && !options_.tls) {
    return absl::FailedPreconditionError("TLS on " + options_.address.ToString() +
                                         " has no certificate");
  }
  auto fd = BindSocket(SOCK_STREAM, options_.address);
  if (!fd.ok()) return fd.status();
  if (listen(fd->get(), 1024) != 0) {
    return absl::UnavailableError("cannot listen on " + options_.address.ToString() + ": " +
                                  std::strerror(errno));
  }
  listener_ = *std::move(fd);
  reserve_.Reset(open("/dev/null", O_RDONLY | O_CLOEXEC));
  local_ = BoundAddress(listener_.get());
  loop_.WatchFd(listener_.get(), EPOLLIN, [this](uint32_t) { OnAcceptable(); });
  ScheduleReaper();
  return absl::OkStatus();
}

void StreamTransport::Stop() {
  if (!*alive_) return;
  *alive_ = false;
  loop_.Cancel(reaper_);
  if (listener_.is_open()) loop_.UnwatchFd(listener_.get());
  listener_.Reset();
  for (auto& [id, connection] : connections_) {
    connection->Flush();
    loop_.UnwatchFd(connection->fd());
  }
  connections_.clear();
}

// --- Incoming ----------------------------------------------------------------

bool StreamTransport::MayAccept(const SocketAddress& peer) const {
  if (connections_.size() >= options_.connections_max) return false;
  const auto it = per_source_.find(peer.bytes());
  return it == per_source_.end() || it->second < options_.connections_per_source_max;
}

// Without a descriptor accept() cannot even refuse, and the listener stays
// readable for ever: the reserve makes room to turn one away.
void StreamTransport::DropOneWhenOutOfDescriptors() {
  reserve_.Reset();
  FileDescriptor refused(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  refused.Reset();
  reserve_.Reset(open("/dev/null", O_RDONLY | O_CLOEXEC));
}

void StreamTransport::OnAcceptable() {
  for (int i = 0; i < 64; ++i) {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    FileDescriptor fd(accept4(listener_.get(), reinterpret_cast<sockaddr*>(&storage), &size,
                              SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!fd.is_open()) {
      if (errno == EMFILE || errno == ENFILE) DropOneWhenOutOfDescriptors();
      return;
    }
    const SocketAddress peer = FromSockaddr(storage);
    if (MayAccept(peer)) Adopt(std::move(fd), peer, false, {});
  }
}

SslPointer StreamTransport::MakeSsl(int fd, bool outgoing, std::string_view server_name) const {
  if (options_.protocol != Protocol::kTls) return nullptr;
  SslPointer ssl(SSL_new(options_.tls.get()));
  if (!ssl) return nullptr;
  SSL_set_fd(ssl.get(), fd);
  if (!outgoing) {
    SSL_set_accept_state(ssl.get());
    return ssl;
  }
  SSL_set_connect_state(ssl.get());
  SSL_set_verify(ssl.get(), options_.verify_servers ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  // RFC 5922: the certificate must name whom we meant to reach.
  if (!server_name.empty()) {
    std::string name(server_name);
    if (name.size() > 2 && name.front() == '[') name = name.substr(1, name.size() - 2);
    if (!SocketAddress::FromHost(name, 0)) SSL_set_tlsext_host_name(ssl.get(), name.c_str());
    if (!X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl.get()), name.c_str())) {
      SSL_set1_host(ssl.get(), name.c_str());
    }
  }
  return ssl;
}

void StreamTransport::Adopt(FileDescriptor fd, const SocketAddress& peer, bool outgoing,
                            std::string_view server_name) {
  SetNoDelay(fd.get());
  const Flow flow{options_.protocol, peer, options_.index, next_connection_++};
  SslPointer ssl = MakeSsl(fd.get(), outgoing, server_name);
  if (options_.protocol == Protocol::kTls && !ssl) return;
  const int number = fd.get();
  auto connection =
      std::make_shared<Connection>(std::move(fd), flow, outgoing, std::move(ssl), loop_.Now());
  connections_[flow.connection] = connection;
  by_peer_[peer] = flow.connection;
  ++per_source_[peer.bytes()];
  loop_.WatchFd(number, connection->WantedEvents(),
                [this, weak = std::weak_ptr(connection)](uint32_t events) {
                  if (const ConnectionPointer alive = weak.lock()) OnEvents(alive, events);
                });
}

void StreamTransport::OnEvents(const ConnectionPointer& connection, uint32_t events) {
  const Flow flow = connection->flow();
  const std::shared_ptr<bool> alive = alive_;
  const StreamFramer::Sink sink{
      .on_message =
          [&](std::string_view bytes) {
            if (*alive && handler_.Admit(flow.peer)) handler_.OnMessage(flow, bytes);
          },
      .on_ping = [&] { connection->Queue("\r\n", 0); },
      .on_broken =
          [&](std::string_view head) {
            if (*alive) handler_.OnBroken(flow, head);
          },
  };
  const bool open = connection->OnEvents(events, sink, loop_.Now());
  if (*alive) Update(connection, open);
}

void StreamTransport::Update(const ConnectionPointer& connection, bool alive) {
  if (!connections_.contains(connection->flow().connection)) return;
  if (!alive) return Close(connection);
  loop_.ChangeFd(connection->fd(), connection->WantedEvents());
}

void StreamTransport::Close(const ConnectionPointer& connection) {
  const Flow flow = connection->flow();
  if (connections_.erase(flow.connection) == 0) return;
  loop_.UnwatchFd(connection->fd());
  if (const auto it = by_peer_.find(flow.peer);
      it != by_peer_.end() && it->second == flow.connection) {
    by_peer_.erase(it);
  }
  if (const auto it = per_source_.find(flow.peer.bytes());
      it != per_source_.end() && --it->second == 0) {
    per_source_.erase(it);
  }
  for (uint64_t token : connection->UnsentTokens()) ReportFailed(flow, token);
  (void)loop_.Post([this, alive = alive_, flow] {
    if (*alive) handler_.OnClosed(flow);
  });
}

// --- Outgoing ----------------------------------------------------------------

StreamTransport::ConnectionPointer StreamTransport::Find(const Flow& flow) const {
  uint64_t id = flow.connection;
  if (id == 0) {
    const auto peer = by_peer_.find(flow.peer);
    if (peer == by_peer_.end()) return nullptr;
    id = peer->second;
  }
  const auto it = connections_.find(id);
  if (it == connections_.end() || it->second->phase() == Connection::Phase::kDraining)
    return nullptr;
  return it->second;
}

StreamTransport::ConnectionPointer StreamTransport::Connect(const SocketAddress& peer,
                                                            std::string_view server_name) {
  if (connections_.size() >= options_.connections_max) return nullptr;
  FileDescriptor fd(
      socket(peer.is_v4() ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.is_open()) return nullptr;
  sockaddr_storage storage;
  const socklen_t size = ToSockaddr(peer, !peer.is_v4(), storage);
  if (connect(fd.get(), reinterpret_cast<sockaddr*>(&storage), size) != 0 && errno != EINPROGRESS) {
    return nullptr;
  }
  Adopt(std::move(fd), peer, true, server_name);
  return Find({options_.protocol, peer, options_.index, 0});
}

void StreamTransport::ReportFailed(const Flow& flow, uint64_t token) {
  if (token == 0) return;
  (void)loop_.Post([this, alive = alive_, flow, token] {
    if (*alive) handler_.OnSendFailed(flow, token);
  });
}

Flow StreamTransport::Send(const Flow& flow, std::string bytes, uint64_t token,
                           std::string_view server_name) {
  ConnectionPointer connection = Find(flow);
  // A named connection is not replaced: its peer's port may be anybody's now.
  if (!connection && flow.connection == 0) connection = Connect(flow.peer, server_name);
  if (!connection) {
    ReportFailed(flow, token);
    return flow;
  }
  if (!connection->Queue(std::move(bytes), token)) {
    Close(connection);
    ReportFailed(flow, token);
    return flow;
  }
  ScheduleFlush(connection);
  return connection->flow();
}

void StreamTransport::ScheduleFlush(const ConnectionPointer& connection) {
  if (to_flush_.empty()) {
    loop_.AtTurnEnd([this, alive = alive_] {
      if (!*alive) return;
      std::vector<ConnectionPointer> now;
      now.swap(to_flush_);
      for (const ConnectionPointer& one : now) Update(one, one->Flush());
    });
  }
  to_flush_.push_back(connection);
}

// --- Reaper ------------------------------------------------------------------

void StreamTransport::ScheduleReaper() {
  reaper_ = loop_.RunAfter(absl::Seconds(1), [this] {
    std::vector<ConnectionPointer> overdue;
    for (const auto& [id, connection] : connections_) {
      if (connection->Overdue(loop_.Now(), options_.half_message_max, options_.idle_max)) {
        overdue.push_back(connection);
      }
    }
    for (const ConnectionPointer& connection : overdue) Close(connection);
    ScheduleReaper();
  });
}

}  // namespace zvon::sip
