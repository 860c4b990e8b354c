#pragma once
// Values that go in and out of the transaction layer.

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "services/signaling/sip/builder.h"
#include "services/signaling/sip/flow.h"
#include "services/signaling/sip/message.h"

namespace zvon::sip {

// Never 0, never reused within a process's life.
using ServerId = uint64_t;
using ClientId = uint64_t;

// RFC 3261 table 4.
struct TransactionTimes {
  absl::Duration t1 = absl::Milliseconds(500);
  absl::Duration t2 = absl::Seconds(4);
  absl::Duration t4 = absl::Seconds(5);
  // Most time an outgoing INVITE may ring without any answer after a
  // provisional one (Timer C's role for a user agent); then TimedOut.
  absl::Duration invite_ring_max = absl::Minutes(5);
  // An INVITE that its user has not answered by then gets 100 by itself.
  absl::Duration trying_after = absl::Milliseconds(200);
};

// Effects, in the order in which they must be carried out.
struct SendBytes {
  Flow flow;
  std::string bytes;
  ServerId server = 0;  // Whose message it is, for OnSendFailed; 0: nobody's.
  ClientId client = 0;
};
// A new request, retransmissions already absorbed. Never ACK or CANCEL.
struct RequestArrived {
  ServerId id = 0;
  Message request;
  Flow flow;
};
// CANCEL matched a pending INVITE; its own 200 is already sent. The user
// answers the INVITE with 487.
struct CancelArrived {
  ServerId invite = 0;
  Message cancel;
};
// The ACK of a 2xx. `invite` is 0 when no transaction is known here (it was
// accepted by another replica, or the ACK is late).
struct AckArrived {
  ServerId invite = 0;
  Message ack;
  Flow flow;
};
// A 2xx was retransmitted for 64*T1 and no ACK came: send BYE.
struct AckMissing {
  ServerId invite = 0;
};
// The server transaction is over and its id forgotten.
struct ServerEnded {
  ServerId id = 0;
};
// Provisional and final responses; more than one 2xx when an INVITE forked,
// retransmitted 2xx never (their ACK is sent again by itself).
struct ResponseArrived {
  ClientId id = 0;
  Message response;
  Flow flow;
};
// No final response: Timer B, F or invite_ring_max (act as on 408), or the
// transport failed (act as on 503). The transaction is over.
struct ClientFailed {
  ClientId id = 0;
  bool timeout = true;
};
// The client transaction is over and its id forgotten.
struct ClientEnded {
  ClientId id = 0;
};

using Effect = std::variant<SendBytes, RequestArrived, CancelArrived, AckArrived, AckMissing,
                            ServerEnded, ResponseArrived, ClientFailed, ClientEnded>;
using Effects = std::vector<Effect>;

}  // namespace zvon::sip
