#pragma once
// Pairs of UDP sockets (RTP even, RTCP the next), sent and received in batches.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "services/media/core/media_types.h"

namespace zvon::media {

// Sockets of one endpoint; closed with it.
class UdpPair {
 public:
  // Binds `port` (even) and the one above. RESOURCE_EXHAUSTED where one of
  // them is taken.
  static absl::StatusOr<std::unique_ptr<UdpPair>> Open(const SocketAddress& local, int port);
  ~UdpPair();
  UdpPair(const UdpPair&) = delete;
  UdpPair& operator=(const UdpPair&) = delete;

  int fd(bool rtcp) const { return rtcp ? rtcp_fd_ : rtp_fd_; }
  int port() const { return port_; }

 private:
  UdpPair(int rtp_fd, int rtcp_fd, int port) : rtp_fd_(rtp_fd), rtcp_fd_(rtcp_fd), port_(port) {}
  int rtp_fd_;
  int rtcp_fd_;
  int port_;
};

// The share of the port range that one worker opens from. Freed ports come
// round again last, so that stray packets of an ended call meet nobody.
class PortRange {
 public:
  // Even ports of [min, max] whose number modulo `workers` is `worker`;
  // begins at a place given by chance.
  PortRange(int min, int max, int worker, int workers, uint64_t chance);
  absl::StatusOr<std::unique_ptr<UdpPair>> Open(const SocketAddress& local, int wanted);
  int size() const { return static_cast<int>(ports_.size()); }

 private:
  std::vector<int> ports_;
  size_t next_ = 0;
};

// Reads what is there, up to one batch (level-triggered polling brings the
// rest). Datagrams over kDatagramMax are dropped. Gives how many were read.
class UdpReader {
 public:
  static constexpr size_t kBatch = 32;
  static constexpr size_t kDatagramMax = 2048;
  UdpReader();
  ~UdpReader();
  using Sink = absl::FunctionRef<void(const SocketAddress&, absl::Span<const uint8_t>)>;
  int Read(int fd, Sink sink);

 private:
  struct Buffers;
  std::unique_ptr<Buffers> buffers_;
};

// Sends packets that share a socket with one call. `fd_of` gives the socket
// of a packet, -1 for none. Gives how many could not be sent.
class UdpWriter {
 public:
  UdpWriter();
  ~UdpWriter();
  using FdOf = absl::FunctionRef<int(const Effects::Packet&)>;
  int Send(const Effects& effects, FdOf fd_of);

 private:
  static constexpr size_t kBatch = 64;
  struct Buffers;
  int Flush(int fd, size_t count);
  std::unique_ptr<Buffers> buffers_;
};

}  // namespace zvon::media
