#include "services/signaling/dialog/reliable_provisional.h"

#include <algorithm>

namespace zvon::sip {

ReliableSender::ReliableSender(uint32_t first_rseq, uint32_t invite_cseq, absl::Duration t1)
    : rseq_(std::max(1u, first_rseq & 0x7fffffffu)),
      invite_cseq_(invite_cseq),
      t1_(t1),
      wait_(t1) {}

std::optional<OutResponse> ReliableSender::Send(OutResponse response, absl::Time now) {
  constexpr size_t kQueueMax = 16;
  if (failed_ || queue_.size() >= kQueueMax) return std::nullopt;
  queue_.push_back(std::move(response));
  return Next(now);
}

std::optional<OutResponse> ReliableSender::Next(absl::Time now) {
  if (pending_ || queue_.empty()) return std::nullopt;
  pending_ = std::move(queue_.front());
  queue_.pop_front();
  pending_rseq_ = rseq_++;
  pending_->headers.Add("Require", "100rel").Add("RSeq", pending_rseq_);
  wait_ = t1_;
  repeat_at_ = now + wait_;
  give_up_at_ = now + 64 * t1_;
  return pending_;
}

int ReliableSender::ReceivePrack(const Message& prack) {
  const auto rack = prack.rack();
  if (!pending_ || !rack || rack->rseq != pending_rseq_ || rack->cseq != invite_cseq_ ||
      rack->method != MethodName(Method::kInvite)) {
    return 481;
  }
  pending_.reset();
  repeat_at_ = give_up_at_ = absl::InfiniteFuture();
  return 0;
}

std::optional<OutResponse> ReliableSender::Tick(absl::Time now) {
  if (!pending_) return std::nullopt;
  if (now >= give_up_at_) {
    Stop();
    failed_ = true;
    return std::nullopt;
  }
  if (now < repeat_at_) return std::nullopt;
  wait_ *= 2;  // RFC 3262 section 3: doubles, without T2's limit.
  repeat_at_ = now + wait_;
  return pending_;
}

absl::Time ReliableSender::NextWakeup() const { return std::min(repeat_at_, give_up_at_); }

void ReliableSender::Stop() {
  pending_.reset();
  queue_.clear();
  repeat_at_ = give_up_at_ = absl::InfiniteFuture();
}

ReliableReceiver::Verdict ReliableReceiver::Receive(const Message& response) {
  const int code = response.status();
  const auto rseq = response.rseq();
  if (code <= 100 || code >= 200 || !response.Requires("100rel") || !rseq)
    return Verdict::kUnreliable;
  if (last_rseq_ && *rseq != *last_rseq_ + 1) return Verdict::kDrop;
  last_rseq_ = *rseq;
  rack_ = std::to_string(*rseq) + " " + std::to_string(response.cseq().number) + " " +
          std::string(response.cseq().method_name);
  return Verdict::kAcknowledge;
}

}  // namespace zvon::sip
