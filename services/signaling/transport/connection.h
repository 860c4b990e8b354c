#pragma once
// One TCP or TLS connection of a StreamTransport: framing, a bounded queue of
// outgoing bytes, and the clocks that reap it.

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "services/signaling/transport/socket.h"
#include "services/signaling/transport/stream_framer.h"

typedef struct ssl_st SSL;

namespace zvon::sip {

struct SslDeleter {
  void operator()(SSL* ssl) const;
};
using SslPointer = std::unique_ptr<SSL, SslDeleter>;

class Connection {
 public:
  // More unsent bytes than this: the peer does not read, the connection ends.
  static constexpr size_t kQueueBytesMax = 1 << 20;

  enum class Phase : uint8_t { kConnecting, kHandshaking, kOpen, kDraining, kClosed };

  Connection(FileDescriptor fd, const Flow& flow, bool connecting, SslPointer ssl, absl::Time now);

  const Flow& flow() const { return flow_; }
  int fd() const { return fd_.get(); }
  Phase phase() const { return phase_; }

  // Moves bytes as epoll said. `sink` gets messages. False: close it now.
  bool OnEvents(uint32_t events, const StreamFramer::Sink& sink, absl::Time now);
  // False: too much is waiting.
  bool Queue(std::string bytes, uint64_t token);
  // Writes what can be written. False: close it now.
  bool Flush();
  // Nothing more is read; closed once the queue is empty.
  void Drain() { phase_ = Phase::kDraining; }
  // What epoll should wait for.
  uint32_t WantedEvents() const;

  // Why the reaper should close it; nullptr: it may live.
  const char* Overdue(absl::Time now, absl::Duration half_message_max,
                      absl::Duration idle_max) const;
  // Tokens of what was queued and not sent.
  std::vector<uint64_t> UnsentTokens() const;

 private:
  struct Outgoing {
    std::string bytes;
    size_t sent = 0;
    uint64_t token = 0;
  };
  enum class Io : uint8_t { kDone, kBlocked, kClosed };

  bool FinishConnect();
  bool Handshake();
  bool Read(const StreamFramer::Sink& sink, absl::Time now);
  Io ReadSome(char* buffer, size_t size, size_t& got);
  Io WriteSome(std::string_view bytes, size_t& put);

  FileDescriptor fd_;
  Flow flow_;
  Phase phase_;
  SslPointer ssl_;
  StreamFramer framer_;
  std::deque<Outgoing> queue_;
  size_t queued_bytes_ = 0;
  bool wants_write_ = false;                              // TLS waits for room to write.
  absl::Time active_;                                     // Last bytes either way.
  absl::Time incomplete_since_ = absl::InfiniteFuture();  // Half a message, or a handshake.
};

}  // namespace zvon::sip
