#pragma once
// One client transaction: RFC 3261 sections 17.1.1 and 17.1.2, with RFC 6026.
// Owned by TransactionLayer.

#include <algorithm>
#include <string>
#include <vector>

#include "services/signaling/transaction/transaction_types.h"

namespace zvon::sip {

struct ClientTransaction {
  enum class State : uint8_t {
    kCalling,     // INVITE sent; for others the RFC calls it Trying.
    kProceeding,  // 1xx came.
    kCompleted,   // Final response came; INVITE: not 2xx.
    kAccepted,    // INVITE: 2xx came (RFC 6026).
    kEnded,
  };
  // A 2xx of an INVITE, by its To tag: more than one when it forked.
  struct Accepted {
    std::string tag;
    Flow flow;
    std::string ack;  // Empty until the user acknowledges.
  };

  ClientId id = 0;
  std::string key;
  OutRequest request;
  Method method = Method::kUnknown;
  std::string via;
  Flow flow;
  State state = State::kCalling;
  bool silent = false;  // CANCEL: nobody is told how it went.
  bool cancel_asked = false;
  bool cancel_sent = false;
  std::string bytes;
  std::string ack;  // Of a non-2xx.
  std::vector<Accepted> accepted;
  absl::Duration repeat_wait;
  absl::Time repeat_at = absl::InfiniteFuture();  // Timers A, E.
  absl::Time end_at = absl::InfiniteFuture();     // Timers B, D, F, K, M.
  absl::Time scheduled = absl::InfiniteFuture();  // Earliest entry in the layer's heap.

  bool is_invite() const { return method == Method::kInvite; }
  absl::Time Deadline() const { return std::min(repeat_at, end_at); }

  void Start(const TransactionTimes& times, absl::Time now, Effects& effects);
  void ReceiveResponse(const Message& response, const Flow& from, const TransactionTimes& times,
                       absl::Time now, Effects& effects);
  // The transport gave up.
  void Fail(bool timeout, Effects& effects);
  void Tick(const TransactionTimes& times, absl::Time now, Effects& effects);
  // A CANCEL may go now.
  bool wants_cancel() const { return cancel_asked && !cancel_sent && state == State::kProceeding; }

 private:
  void ReceiveInviteResponse(const Message& response, const Flow& from,
                             const TransactionTimes& times, absl::Time now, Effects& effects);
  void ReceiveOtherResponse(const Message& response, const Flow& from,
                            const TransactionTimes& times, absl::Time now, Effects& effects);
  void Receive2xx(const Message& response, const Flow& from, const TransactionTimes& times,
                  absl::Time now, Effects& effects);
  void Tell(const Message& response, const Flow& from, Effects& effects) const;
  void End(Effects& effects);
};

}  // namespace zvon::sip
