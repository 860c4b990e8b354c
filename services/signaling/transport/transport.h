#pragma once
// How bytes come and go: UDP, TCP and TLS on one loop behind one interface,
// which SIP over WebSocket (RFC 7118) will fit as well.
//
// Loop thread only.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "services/signaling/sip/flow.h"

namespace zvon::sip {

// What a transport tells its owner; never from inside a call of the owner's.
class TransportHandler {
 public:
  virtual ~TransportHandler() = default;
  // One whole message (or, for UDP, datagram); the bytes are the transport's.
  virtual void OnMessage(const Flow& flow, std::string_view bytes) = 0;
  // The head of a message that broke a stream's framing: answer 400; the
  // stream is closed afterwards.
  virtual void OnBroken(const Flow& flow, std::string_view head) = 0;
  // A stream is gone, by either side.
  virtual void OnClosed(const Flow& flow) = 0;
  // What was given to Send with that token was not sent.
  virtual void OnSendFailed(const Flow& flow, uint64_t token) = 0;
  // Asked before anything of a source is read further (admission).
  virtual bool Admit(const SocketAddress& source) = 0;
};

class Transport {
 public:
  virtual ~Transport() = default;
  virtual Protocol protocol() const = 0;
  // Binds and listens; the error names the address.
  virtual absl::Status Start() = 0;
  virtual void Stop() = 0;
  virtual SocketAddress local_address() const = 0;
  // Queues the bytes; they leave at the end of the loop's turn. For a stream
  // without a live connection one is opened to flow.peer. `token` comes back by
  // OnSendFailed (0: nobody asks). `server_name`: whom a new TLS connection
  // must prove to reach. Returns the flow that is really used (its connection
  // filled in).
  virtual Flow Send(const Flow& flow, std::string bytes, uint64_t token,
                    std::string_view server_name) = 0;
  virtual size_t connections() const { return 0; }
};

}  // namespace zvon::sip
