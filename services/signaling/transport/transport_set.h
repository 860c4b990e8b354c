#pragma once
// All listeners of an endpoint, and what to call ourselves on each.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "services/signaling/transport/stream_transport.h"
#include "services/signaling/transport/tls_context.h"
#include "services/signaling/transport/transport.h"

namespace zvon::sip {

class TransportSet {
 public:
  struct Listen {
    Protocol protocol = Protocol::kUdp;
    SocketAddress address;
    std::string advertised_host;  // Empty: the local address.
    uint16_t advertised_port = 0;
  };
  struct Options {
    std::vector<Listen> listen;
    TlsFiles tls;
    StreamTransport::Options stream;  // Limits; the rest is filled here.
  };

  explicit TransportSet(Loop& loop) : loop_(loop) {}
  absl::Status Start(const Options& options, TransportHandler& handler);
  void Stop();
  absl::Status SetTls(const TlsFiles& files);

  Flow Send(const Flow& flow, std::string bytes, uint64_t token, std::string_view server_name);
  // The listener through which `peer` can be reached; nothing when there is no
  // such protocol or address family.
  std::optional<Flow> FlowTo(Protocol protocol, const SocketAddress& peer) const;

  SocketAddress LocalAddress(size_t listener) const;
  // "192.0.2.1:5060": for Via and Contact towards that peer.
  std::string LocalHostPort(const Flow& flow) const;
  std::string ContactFor(const Flow& flow, std::string_view user) const;
  size_t connections() const;

 private:
  struct Listener {
    Listen listen;
    std::unique_ptr<Transport> transport;
  };
  absl::Status StartOne(const Options& options, const Listen& listen, TransportHandler& handler);
  // Our address on the way to `peer`, for listeners bound to all addresses.
  std::string SourceHostTo(const SocketAddress& peer) const;

  Loop& loop_;
  std::vector<Listener> listeners_;
  std::vector<StreamTransport*> tls_;
  std::shared_ptr<SSL_CTX> tls_context_;
  uint64_t next_connection_ = 1;
  mutable absl::flat_hash_map<std::array<uint8_t, 16>, std::string> source_hosts_;
};

}  // namespace zvon::sip
