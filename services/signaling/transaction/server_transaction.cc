#include "services/signaling/transaction/server_transaction.h"

#include <algorithm>

namespace zvon::sip {

using State = ServerTransaction::State;

Flow ReplyFlow(const Message& request, const Flow& source) {
  Flow reply = source;
  if (IsReliable(source.protocol) || request.vias().empty()) return reply;
  const ViaView& via = request.top_via();
  // maddr is not obeyed: it would let a stranger aim our responses.
  if (!via.has_rport)
    reply.peer = source.peer.WithPort(via.port ? via.port : DefaultPort(source.protocol));
  return reply;
}

void ServerTransaction::Start(const TransactionTimes& times, absl::Time now) {
  if (is_invite()) {
    trying_at = now + times.trying_after;
  } else {
    // RFC 4320 section 4.2: an answer later than 64*T1 helps nobody.
    end_at = now + 64 * times.t1;
  }
}

void ServerTransaction::SendLast(Effects& effects) const {
  effects.push_back(SendBytes{reply, last_response, id, 0});
}

void ServerTransaction::ReceiveRetransmission(Effects& effects) {
  switch (state) {
    case State::kTrying:
      return;  // The user has not answered yet.
    case State::kProceeding:
    case State::kCompleted:
      return SendLast(effects);
    case State::kAccepted:  // RFC 6026 section 7.1: absorbed; the 2xx repeats by itself.
    case State::kConfirmed:
    case State::kEnded:
      return;
  }
}

void ServerTransaction::Respond(const OutResponse& response, const TransactionTimes& times,
                                absl::Time now, Effects& effects) {
  const bool again_2xx = state == State::kAccepted && response.code / 100 == 2;
  if (!is_open() && !again_2xx) return;
  if (state == State::kProceeding && response.code == 100) return;
  // RFC 4320 section 4.1: no provisional response but 100 to a non-INVITE.
  if (!is_invite() && response.code > 100 && response.code < 200) return;
  trying_at = absl::InfiniteFuture();
  last_code = response.code;
  last_response = Serialize(response, request, source.peer);
  SendLast(effects);
  if (is_invite()) {
    RespondInvite(response.code, times, now);
  } else {
    RespondOther(response.code, times, now);
  }
  if (state == State::kEnded) End(effects);
}

void ServerTransaction::RespondInvite(int code, const TransactionTimes& times, absl::Time now) {
  if (code < 200) {
    state = State::kProceeding;
    return;
  }
  repeat_wait = times.t1;
  if (code < 300) {
    if (state != State::kAccepted) end_at = now + 64 * times.t1;  // Timer L
    state = State::kAccepted;
    // RFC 3261 section 13.3.1.4: the 2xx is repeated over any transport.
    if (!acked) repeat_at = now + repeat_wait;
    return;
  }
  state = State::kCompleted;
  end_at = now + 64 * times.t1;                                    // Timer H
  if (!IsReliable(reply.protocol)) repeat_at = now + repeat_wait;  // Timer G
}

void ServerTransaction::RespondOther(int code, const TransactionTimes& times, absl::Time now) {
  if (code < 200) {
    state = State::kProceeding;
    return;
  }
  state = IsReliable(reply.protocol) ? State::kEnded : State::kCompleted;
  end_at = now + 64 * times.t1;  // Timer J
  if (!IsReliable(reply.protocol)) request = Message();
}

void ServerTransaction::ReceiveAck(const TransactionTimes& times, absl::Time now) {
  if (state != State::kCompleted || !is_invite()) return;
  state = State::kConfirmed;
  request = Message();
  repeat_at = absl::InfiniteFuture();
  end_at = IsReliable(reply.protocol) ? now : now + times.t4;  // Timer I
}

bool ServerTransaction::ReceiveAckOf2xx() {
  if (state != State::kAccepted || acked) return false;
  acked = true;
  repeat_at = absl::InfiniteFuture();
  return true;
}

void ServerTransaction::Repeat(const TransactionTimes& times, absl::Time now, Effects& effects) {
  SendLast(effects);
  repeat_wait = std::min(repeat_wait * 2, times.t2);
  repeat_at = now + repeat_wait;
}

void ServerTransaction::Tick(const TransactionTimes& times, absl::Time now, Effects& effects) {
  if (trying_at <= now) {
    Respond(OutResponse{.code = 100}, times, now, effects);
    trying_at = absl::InfiniteFuture();
  }
  if (end_at <= now) return End(effects);
  if (repeat_at <= now) Repeat(times, now, effects);
}

void ServerTransaction::End(Effects& effects) {
  if (state == State::kAccepted && !acked) effects.push_back(AckMissing{id});
  state = State::kEnded;
  effects.push_back(ServerEnded{id});
}

void ServerTransaction::ReplyElsewhere(Effects& effects) {
  if (reply.connection == 0 || last_response.empty() || !request.is_set()) return;
  const uint16_t port = request.top_via().port;
  reply.connection = 0;
  reply.peer = source.peer.WithPort(port ? port : DefaultPort(source.protocol));
  SendLast(effects);
}

void ServerTransaction::Resume(const TransactionTimes& times, absl::Time now) {
  switch (state) {
    case State::kTrying:
    case State::kProceeding:
      if (!is_invite()) end_at = now + 64 * times.t1;
      trying_at = absl::InfiniteFuture();
      return;
    case State::kAccepted:
    case State::kCompleted:
      RespondInvite(last_code, times, now);
      end_at = now + 64 * times.t1;
      if (acked) repeat_at = absl::InfiniteFuture();
      return;
    case State::kConfirmed:
    case State::kEnded:
      end_at = now + times.t4;
      return;
  }
}

}  // namespace zvon::sip
