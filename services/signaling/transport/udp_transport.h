#pragma once
// SIP over UDP in batches: up to 64 datagrams per recvmmsg and sendmmsg.

#include <memory>
#include <vector>

#include "services/common/executor/loop.h"
#include "services/signaling/transport/socket.h"
#include "services/signaling/transport/transport.h"

namespace zvon::sip {

class UdpTransport final : public Transport {
 public:
  // Most datagrams waiting for a full socket; more are dropped (UDP may).
  static constexpr size_t kBacklogMax = 20'000;
  static constexpr size_t kBatch = 64;

  // `index`: Flow::local of what arrives here.
  UdpTransport(uint32_t index, const SocketAddress& address, Loop& loop, TransportHandler& handler);
  ~UdpTransport() override;

  Protocol protocol() const override { return Protocol::kUdp; }
  absl::Status Start() override;
  void Stop() override;
  SocketAddress local_address() const override { return local_; }
  Flow Send(const Flow& flow, std::string bytes, uint64_t token,
            std::string_view server_name) override;
  uint64_t dropped() const { return dropped_; }

 private:
  struct Buffers;
  struct Outgoing {
    SocketAddress peer;
    std::string bytes;
    uint64_t token;
  };
  void OnReadable();
  void Flush();
  // How many of the first `count` went out, or were given up for good.
  size_t SendBatch(size_t first, size_t count);

  uint32_t index_;
  SocketAddress wanted_, local_;
  Loop& loop_;
  TransportHandler& handler_;
  FileDescriptor fd_;
  std::unique_ptr<Buffers> buffers_;
  std::vector<Outgoing> outgoing_;
  bool flush_due_ = false;
  bool blocked_ = false;
  uint64_t dropped_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace zvon::sip
