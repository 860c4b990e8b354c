#pragma once
// SIP over TCP and TLS: listener, outgoing connections, reaper.

#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "services/common/executor/loop.h"
#include "services/signaling/transport/connection.h"
#include "services/signaling/transport/tls_context.h"
#include "services/signaling/transport/transport.h"

namespace zvon::sip {

class StreamTransport final : public Transport {
 public:
  struct Options {
    Protocol protocol = Protocol::kTcp;
    SocketAddress address;
    uint32_t index = 0;            // Flow::local of what arrives here.
    std::shared_ptr<SSL_CTX> tls;  // For kTls.
    bool verify_servers = true;    // Whom we connect to.
    size_t connections_max = 10'000;
    size_t connections_per_source_max = 200;
    // A half-sent message, a TLS handshake or a connection attempt older than
    // this ends the connection.
    absl::Duration half_message_max = absl::Seconds(8);
    absl::Duration idle_max = absl::Minutes(30);
  };
  // `next_connection` numbers connections over all transports of the process.
  StreamTransport(Options options, uint64_t& next_connection, Loop& loop,
                  TransportHandler& handler);
  ~StreamTransport() override;

  Protocol protocol() const override { return options_.protocol; }
  absl::Status Start() override;
  void Stop() override;
  SocketAddress local_address() const override { return local_; }
  Flow Send(const Flow& flow, std::string bytes, uint64_t token,
            std::string_view server_name) override;
  size_t connections() const override { return connections_.size(); }
  // For new connections; old ones keep theirs.
  void SetTls(std::shared_ptr<SSL_CTX> tls) { options_.tls = std::move(tls); }

 private:
  using ConnectionPointer = std::shared_ptr<Connection>;
  void OnAcceptable();
  bool MayAccept(const SocketAddress& peer) const;
  void DropOneWhenOutOfDescriptors();
  void Adopt(FileDescriptor fd, const SocketAddress& peer, bool outgoing,
             std::string_view server_name);
  SslPointer MakeSsl(int fd, bool outgoing, std::string_view server_name) const;
  ConnectionPointer Find(const Flow& flow) const;
  ConnectionPointer Connect(const SocketAddress& peer, std::string_view server_name);
  void OnEvents(const ConnectionPointer& connection, uint32_t events);
  void Update(const ConnectionPointer& connection, bool alive);
  void Close(const ConnectionPointer& connection);
  void ReportFailed(const Flow& flow, uint64_t token);
  void ScheduleFlush(const ConnectionPointer& connection);
  void ScheduleReaper();

  Options options_;
  uint64_t& next_connection_;
  Loop& loop_;
  TransportHandler& handler_;
  FileDescriptor listener_, reserve_;
  SocketAddress local_;
  absl::flat_hash_map<uint64_t, ConnectionPointer> connections_;
  // The latest connection to each peer, for requests that name no connection.
  absl::flat_hash_map<SocketAddress, uint64_t> by_peer_;
  absl::flat_hash_map<std::array<uint8_t, 16>, size_t> per_source_;
  std::vector<ConnectionPointer> to_flush_;
  TimerId reaper_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace zvon::sip
