#pragma once
// One server transaction: RFC 3261 sections 17.2.1 and 17.2.2, with RFC 6026
// for 2xx and RFC 4320 for non-INVITE. Owned by TransactionLayer.

#include <algorithm>
#include <string>

#include "services/signaling/transaction/transaction_types.h"

namespace zvon::sip {

struct ServerTransaction {
  enum class State : uint8_t {
    kTrying,      // Nothing sent. (For INVITE the RFC calls it Proceeding.)
    kProceeding,  // 1xx sent.
    kCompleted,   // Final response sent; INVITE: not 2xx, ACK awaited.
    kConfirmed,   // INVITE: ACK of a non-2xx came.
    kAccepted,    // INVITE: 2xx sent (RFC 6026).
    kEnded,
  };

  ServerId id = 0;
  std::string key;
  std::string dialog_key;  // INVITE: what its ACK of a 2xx is found by.
  Method method = Method::kUnknown;
  // Let go once nothing is built from it any more: a flood must not keep 32 s
  // of requests in memory.
  Message request;
  Flow source;  // Where the request came from.
  Flow reply;   // Where responses go (RFC 3261 section 18.2.2, RFC 3581).
  State state = State::kTrying;
  std::string to_tag;
  int last_code = 0;
  std::string last_response;
  bool acked = false;          // kAccepted: the ACK of the 2xx came.
  absl::Duration repeat_wait;  // Timer G and the 2xx's repetition.
  absl::Time repeat_at = absl::InfiniteFuture();
  absl::Time end_at = absl::InfiniteFuture();     // Timers H, I, J, L.
  absl::Time trying_at = absl::InfiniteFuture();  // The 100 that we owe.
  absl::Time scheduled = absl::InfiniteFuture();  // Earliest entry in the layer's heap.

  bool is_invite() const { return method == Method::kInvite; }
  bool is_open() const { return state == State::kTrying || state == State::kProceeding; }
  absl::Time Deadline() const { return std::min({repeat_at, end_at, trying_at}); }

  void Start(const TransactionTimes& times, absl::Time now);
  void ReceiveRetransmission(Effects& effects);
  void Respond(const OutResponse& response, const TransactionTimes& times, absl::Time now,
               Effects& effects);
  // ACK of a non-2xx (same branch).
  void ReceiveAck(const TransactionTimes& times, absl::Time now);
  // ACK of a 2xx. True when it is the first one.
  bool ReceiveAckOf2xx();
  void Tick(const TransactionTimes& times, absl::Time now, Effects& effects);
  // The response's connection is gone: it goes to the address in Via instead
  // (RFC 3261 section 18.2.2), once.
  void ReplyElsewhere(Effects& effects);
  // After a take-over: timers of the state, nothing is sent.
  void Resume(const TransactionTimes& times, absl::Time now);

 private:
  void RespondInvite(int code, const TransactionTimes& times, absl::Time now);
  void RespondOther(int code, const TransactionTimes& times, absl::Time now);
  void SendLast(Effects& effects) const;
  void Repeat(const TransactionTimes& times, absl::Time now, Effects& effects);
  void End(Effects& effects);
};

// Where responses to a request from `source` go.
Flow ReplyFlow(const Message& request, const Flow& source);

}  // namespace zvon::sip
