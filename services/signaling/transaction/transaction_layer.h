#pragma once
// RFC 3261 section 17 with RFC 4320 (non-INVITE) and RFC 6026 (2xx): all
// transactions of one loop, as a pure state machine.
//
//   layer.Receive(message, flow, now, effects);   // from a transport
//   layer.Respond(id, {.code = 180}, now, effects);
//   layer.Tick(now, effects) when layer.NextWakeup() has come
//
// No I/O, no clock, no thread. Unknown ids are ignored: the transaction has
// ended meanwhile.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/common/ids/ids.h"
#include "services/signaling/transaction/transaction_types.h"

namespace zvon::sip {

class TransactionLayer {
 public:
  struct Options {
    TransactionTimes times;
    // More than these are refused: new requests with 503, own ones fail.
    size_t server_max = 200'000;
    size_t client_max = 200'000;
    // Retry-After of those 503, seconds.
    int retry_after = 5;
  };
  TransactionLayer(Options options, RandomSource random);
  ~TransactionLayer();

  // Any well-formed message.
  void Receive(const Message& message, const Flow& flow, absl::Time now, Effects& effects);

  // Sends a response. A 2xx to INVITE is retransmitted here until its ACK
  // (T1 doubling to T2), over every transport. A second final response is
  // ignored, except for 2xx after 2xx.
  void Respond(ServerId id, const OutResponse& response, absl::Time now, Effects& effects);
  // A final response as a stateless server gives it (RFC 3261 section 8.2.7):
  // sent once, never repeated by a timer, the same To tag for each
  // retransmission of the request. For refusing strangers: their source may be
  // a victim whom we would flood with repetitions.
  void RespondOnce(ServerId id, const OutResponse& response, absl::Time now, Effects& effects);
  // The request of a server transaction that is open, or an INVITE whose ACK
  // has not come; else nullptr.
  const Message* ServerRequest(ServerId id) const;
  bool ServerIsOpen(ServerId id) const;  // No final response sent yet.

  // `sent_by`: "192.0.2.1:5060" for Via.
  ClientId Request(OutRequest request, const Flow& flow, std::string_view sent_by, absl::Time now,
                   Effects& effects);
  // CANCEL of an INVITE, once a provisional response has come (RFC 3261
  // section 9.1); 64*T1 later without a final response: ClientFailed.
  void Cancel(ClientId invite, absl::Time now, Effects& effects);
  // The ACK of a 2xx: sent now, and again for each retransmission of that 2xx.
  // `ack.to` must carry the tag of that 2xx. Works also when `invite` is over.
  void Ack(ClientId invite, const OutRequest& ack, const Flow& flow, std::string_view sent_by,
           absl::Time now, Effects& effects);

  // The transport could not send for `flow`.
  void SendFailed(ServerId server, ClientId client, absl::Time now, Effects& effects);

  // Everything another process needs to continue a server INVITE transaction:
  // the request as it came, its flow, state, last response. Empty: unknown id
  // or a refused INVITE whose ACK has come.
  std::string Snapshot(ServerId id) const;
  // Continues it here, sending nothing until asked: a retransmitted request
  // gets the last response again. When the same request is known here already
  // (its retransmission came before the snapshot), that transaction takes the
  // snapshot's state and keeps its id. `request` must be Parse() of
  // SnapshotRequest(snapshot).
  absl::StatusOr<ServerId> Restore(std::string_view snapshot, const Message& request,
                                   absl::Time now, Effects& effects);
  static absl::StatusOr<std::string> SnapshotRequest(std::string_view snapshot);

  // Same for all retransmissions of a request and for its CANCEL and non-2xx
  // ACK (RFC 3261 section 17.2.3), to find a snapshot by.
  static std::string ServerKey(const Message& request);

  bool KnowsServer(const std::string& server_key) const;

  void Tick(absl::Time now, Effects& effects);
  absl::Time NextWakeup() const;  // InfiniteFuture: nothing to wait for.
  size_t server_count() const;
  size_t client_count() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace zvon::sip
