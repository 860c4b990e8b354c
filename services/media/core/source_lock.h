#pragma once
// Who may send to an endpoint: strict source learning against RTP bleed and
// injection (one packet from a stranger must neither be heard, recorded, nor
// draw our packets to him).
//
// Invariant: once locked, exactly one source is accepted until the signalling
// describes the remote anew. The one exception: within kLearningWindow of a
// lock onto another source than the signalled one, the signalled one itself
// takes over (it is who was meant; the first was a stranger or an old mapping).

#include "absl/time/time.h"
#include "services/media/core/socket_address.h"

namespace zvon::media {

class SourceLock {
 public:
  static constexpr absl::Duration kLearningWindow = absl::Milliseconds(500);

  // The signalling has told where packets will come from; port 0 = not yet,
  // then nothing is accepted. The same expectation again keeps the lock.
  void Expect(const SocketAddress& signalled);

  // `valid`: the packet is of the payload types that were agreed.
  //   signalled address and port            taken
  //   signalled address, another port       taken, first comes (NAT maps ports)
  //   another address, signalled is private taken, first comes (NAT maps hosts)
  //   another address otherwise             refused
  bool Accept(const SocketAddress& source, absl::Time now);

  bool locked() const { return locked_; }
  // Where to send: the locked source, else the signalled address.
  const SocketAddress& target() const { return locked_ ? source_ : signalled_; }

 private:
  bool MayLearn(const SocketAddress& source) const;

  SocketAddress signalled_;
  SocketAddress source_;
  bool locked_ = false;
  absl::Time locked_at_;
};

}  // namespace zvon::media
