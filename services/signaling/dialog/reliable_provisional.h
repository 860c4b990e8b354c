#pragma once
// Reliable provisional responses (RFC 3262): PRACK both ways.

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "services/signaling/sip/builder.h"
#include "services/signaling/sip/message.h"

namespace zvon::sip {

// UAS side, one per server INVITE transaction: one provisional response is on
// its way at a time, repeated until its PRACK.
class ReliableSender {
 public:
  // `first_rseq`: random, 1…2^31-1. `invite_cseq`: of the INVITE.
  ReliableSender(uint32_t first_rseq, uint32_t invite_cseq, absl::Duration t1);

  // Takes a response to be sent reliably. Returns it with Require and RSeq
  // when it may go now; else it waits for the PRACK of the one before.
  std::optional<OutResponse> Send(OutResponse response, absl::Time now);
  // 0: matched (answer PRACK 200, then send Next() when set); 481: no match.
  int ReceivePrack(const Message& prack);
  std::optional<OutResponse> Next(absl::Time now);
  // The response to repeat when one is due. `failed`: 64*T1 without PRACK, the
  // INVITE should be answered 504.
  std::optional<OutResponse> Tick(absl::Time now);
  bool failed() const { return failed_; }
  // A 2xx may be sent only when nothing with SDP awaits PRACK.
  bool idle() const { return !pending_.has_value() && queue_.empty(); }
  absl::Time NextWakeup() const;
  void Stop();  // Final response sent.

 private:
  uint32_t rseq_, invite_cseq_;
  absl::Duration t1_, wait_;
  std::optional<OutResponse> pending_;
  uint32_t pending_rseq_ = 0;
  absl::Time repeat_at_ = absl::InfiniteFuture(), give_up_at_ = absl::InfiniteFuture();
  std::deque<OutResponse> queue_;
  bool failed_ = false;
};

// UAC side, one per early dialog: says which 1xx to acknowledge.
class ReliableReceiver {
 public:
  // RAck value of the PRACK to send ("776656 1 INVITE"); nothing when the
  // response is not reliable, repeated or out of order (then drop it).
  // `repeated` tells a repetition from an unreliable response.
  enum class Verdict : uint8_t { kUnreliable, kAcknowledge, kDrop };
  Verdict Receive(const Message& response);
  const std::string& rack() const { return rack_; }

 private:
  std::optional<uint32_t> last_rseq_;
  std::string rack_;
};

}  // namespace zvon::sip
