#include "services/signaling/transport/transport_set.h"

#include "services/signaling/sip/uri.h"
#include "services/signaling/transport/udp_transport.h"

namespace zvon::sip {

absl::Status TransportSet::Start(const Options& options, TransportHandler& handler) {
  for (const Listen& listen : options.listen) {
    if (const absl::Status status = StartOne(options, listen, handler); !status.ok()) {
      Stop();
      return status;
    }
  }
  return absl::OkStatus();
}

absl::Status TransportSet::StartOne(const Options& options, const Listen& listen,
                                    TransportHandler& handler) {
  const auto index = static_cast<uint32_t>(listeners_.size());
  std::unique_ptr<Transport> transport;
  if (listen.protocol == Protocol::kUdp) {
    transport = std::make_unique<UdpTransport>(index, listen.address, loop_, handler);
  } else if (listen.protocol == Protocol::kTcp || listen.protocol == Protocol::kTls) {
    StreamTransport::Options stream = options.stream;
    stream.protocol = listen.protocol;
    stream.address = listen.address;
    stream.index = index;
    stream.verify_servers = options.tls.verify_servers;
    if (listen.protocol == Protocol::kTls) {
      if (!tls_context_) {
        auto context = MakeTlsContext(options.tls);
        if (!context.ok()) return context.status();
        tls_context_ = *std::move(context);
      }
      stream.tls = tls_context_;
    }
    auto made = std::make_unique<StreamTransport>(stream, next_connection_, loop_, handler);
    if (listen.protocol == Protocol::kTls) tls_.push_back(made.get());
    transport = std::move(made);
  } else {
    return absl::UnimplementedError("no listener for " +
                                    std::string(ProtocolName(listen.protocol)));
  }
  const absl::Status status = transport->Start();
  listeners_.push_back({listen, std::move(transport)});
  return status;
}

void TransportSet::Stop() {
  for (Listener& one : listeners_) one.transport->Stop();
  listeners_.clear();
  tls_.clear();
}

absl::Status TransportSet::SetTls(const TlsFiles& files) {
  auto context = MakeTlsContext(files);
  if (!context.ok()) return context.status();
  tls_context_ = *std::move(context);
  for (StreamTransport* transport : tls_) transport->SetTls(tls_context_);
  return absl::OkStatus();
}

Flow TransportSet::Send(const Flow& flow, std::string bytes, uint64_t token,
                        std::string_view server_name) {
  // A flow of a snapshot may come from a replica with other listeners.
  if (flow.local < listeners_.size() &&
      listeners_[flow.local].transport->protocol() == flow.protocol) {
    return listeners_[flow.local].transport->Send(flow, std::move(bytes), token, server_name);
  }
  const auto found = FlowTo(flow.protocol, flow.peer);
  if (!found) return flow;  // Its timers end the transaction.
  return listeners_[found->local].transport->Send(*found, std::move(bytes), token, server_name);
}

std::optional<Flow> TransportSet::FlowTo(Protocol protocol, const SocketAddress& peer) const {
  for (uint32_t i = 0; i < listeners_.size(); ++i) {
    const Transport& transport = *listeners_[i].transport;
    const SocketAddress local = transport.local_address();
    const bool dual = !local.is_v4() && local.is_any();
    if (transport.protocol() == protocol && (dual || local.is_v4() == peer.is_v4())) {
      return Flow{protocol, peer, i, 0};
    }
  }
  return std::nullopt;
}

SocketAddress TransportSet::LocalAddress(size_t listener) const {
  return listener < listeners_.size() ? listeners_[listener].transport->local_address()
                                      : SocketAddress();
}

std::string TransportSet::SourceHostTo(const SocketAddress& peer) const {
  constexpr size_t kCacheMax = 10'000;
  if (const auto it = source_hosts_.find(peer.bytes()); it != source_hosts_.end())
    return it->second;
  FileDescriptor probe(socket(peer.is_v4() ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_storage storage;
  const socklen_t size = ToSockaddr(peer.WithPort(9), !peer.is_v4(), storage);
  // Connecting a datagram socket only asks the routing table.
  std::string host = peer.is_v4() ? "127.0.0.1" : "[::1]";
  if (connect(probe.get(), reinterpret_cast<sockaddr*>(&storage), size) == 0) {
    host = BoundAddress(probe.get()).UriHost();
  }
  if (source_hosts_.size() >= kCacheMax) source_hosts_.clear();
  source_hosts_[peer.bytes()] = host;
  return host;
}

std::string TransportSet::LocalHostPort(const Flow& flow) const {
  const size_t index = flow.local < listeners_.size() ? flow.local : 0;
  if (listeners_.empty()) return "invalid:5060";
  const Listener& listener = listeners_[index];
  const SocketAddress local = listener.transport->local_address();
  std::string host = listener.listen.advertised_host;
  if (host.empty()) host = local.is_any() ? SourceHostTo(flow.peer) : local.UriHost();
  const uint16_t port =
      listener.listen.advertised_port ? listener.listen.advertised_port : local.port();
  return host + ":" + std::to_string(port);
}

std::string TransportSet::ContactFor(const Flow& flow, std::string_view user) const {
  std::string out = "<sip:" + EscapeUser(user) + "@" + LocalHostPort(flow);
  if (flow.protocol == Protocol::kTcp) out += ";transport=tcp";
  if (flow.protocol == Protocol::kTls) out += ";transport=tls";
  return out + ">";
}

size_t TransportSet::connections() const {
  size_t sum = 0;
  for (const Listener& one : listeners_) sum += one.transport->connections();
  return sum;
}

}  // namespace zvon::sip
