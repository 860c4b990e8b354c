#include "services/signaling/transaction/client_transaction.h"

namespace zvon::sip {

using State = ClientTransaction::State;

void ClientTransaction::Start(const TransactionTimes& times, absl::Time now, Effects& effects) {
  effects.push_back(SendBytes{flow, bytes, 0, id});
  repeat_wait = times.t1;
  if (!IsReliable(flow.protocol)) repeat_at = now + repeat_wait;  // Timer A or E
  end_at = now + 64 * times.t1;                                   // Timer B or F
}

void ClientTransaction::Tell(const Message& response, const Flow& from, Effects& effects) const {
  if (!silent) effects.push_back(ResponseArrived{id, response, from});
}

void ClientTransaction::ReceiveResponse(const Message& response, const Flow& from,
                                        const TransactionTimes& times, absl::Time now,
                                        Effects& effects) {
  if (is_invite()) {
    ReceiveInviteResponse(response, from, times, now, effects);
  } else {
    ReceiveOtherResponse(response, from, times, now, effects);
  }
}

void ClientTransaction::ReceiveInviteResponse(const Message& response, const Flow& from,
                                              const TransactionTimes& times, absl::Time now,
                                              Effects& effects) {
  const int code = response.status();
  switch (state) {
    case State::kCalling:
    case State::kProceeding:
      if (code < 200) {
        state = State::kProceeding;
        repeat_at = absl::InfiniteFuture();
        if (!cancel_sent) end_at = now + times.invite_ring_max;
        return Tell(response, from, effects);
      }
      if (code < 300) return Receive2xx(response, from, times, now, effects);
      state = State::kCompleted;
      repeat_at = absl::InfiniteFuture();
      ack = SerializeAck(request, via, response);
      effects.push_back(SendBytes{flow, ack, 0, id});
      // Timer D
      end_at = IsReliable(flow.protocol) ? now : now + std::max(absl::Seconds(32), 64 * times.t1);
      return Tell(response, from, effects);
    case State::kCompleted:
      if (code >= 300) effects.push_back(SendBytes{flow, ack, 0, id});
      return;
    case State::kAccepted:
      if (code / 100 == 2) Receive2xx(response, from, times, now, effects);
      return;
    case State::kEnded:
      return;
  }
}

void ClientTransaction::Receive2xx(const Message& response, const Flow& from,
                                   const TransactionTimes& times, absl::Time now,
                                   Effects& effects) {
  if (state != State::kAccepted) {
    state = State::kAccepted;
    repeat_at = absl::InfiniteFuture();
    end_at = now + 64 * times.t1;  // Timer M
  }
  for (const Accepted& known : accepted) {
    if (known.tag != response.to().tag) continue;
    if (!known.ack.empty()) effects.push_back(SendBytes{known.flow, known.ack, 0, 0});
    return;
  }
  // A fork that answers later than this many others is mistaken or hostile.
  constexpr size_t kForksMax = 16;
  if (accepted.size() == kForksMax) return;
  accepted.push_back({std::string(response.to().tag), from, {}});
  Tell(response, from, effects);
}

void ClientTransaction::ReceiveOtherResponse(const Message& response, const Flow& from,
                                             const TransactionTimes& times, absl::Time now,
                                             Effects& effects) {
  switch (state) {
    case State::kCalling:
    case State::kProceeding:
      if (response.status() < 200) {
        state = State::kProceeding;
        if (!IsReliable(flow.protocol)) {  // Timer E goes on at T2.
          repeat_wait = times.t2;
          repeat_at = now + repeat_wait;
        }
        return Tell(response, from, effects);
      }
      state = State::kCompleted;
      repeat_at = absl::InfiniteFuture();
      end_at = IsReliable(flow.protocol) ? now : now + times.t4;  // Timer K
      return Tell(response, from, effects);
    case State::kCompleted:
    case State::kAccepted:
    case State::kEnded:
      return;
  }
}

void ClientTransaction::Fail(bool timeout, Effects& effects) {
  if (state == State::kCalling || state == State::kProceeding) {
    if (!silent) effects.push_back(ClientFailed{id, timeout});
    End(effects);
  }
}

void ClientTransaction::End(Effects& effects) {
  state = State::kEnded;
  if (!silent) effects.push_back(ClientEnded{id});
}

void ClientTransaction::Tick(const TransactionTimes& times, absl::Time now, Effects& effects) {
  if (end_at <= now) {
    Fail(true, effects);
    if (state != State::kEnded) End(effects);
    return;
  }
  if (repeat_at > now) return;
  effects.push_back(SendBytes{flow, bytes, 0, id});
  // Timer A doubles without a limit, Timer E up to T2.
  repeat_wait = is_invite() ? repeat_wait * 2 : std::min(repeat_wait * 2, times.t2);
  repeat_at = now + repeat_wait;
}

}  // namespace zvon::sip
