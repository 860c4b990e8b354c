#include "services/signaling/dialog/session_timer.h"

#include <algorithm>

#include "services/signaling/sip/field_codec.h"
#include "services/signaling/sip/grammar.h"

namespace zvon::sip {

namespace {

constexpr uint32_t kSmallest_s = 90;  // RFC 4028 section 4.

uint64_t Nanos(absl::Time t) {
  return t == absl::InfiniteFuture() ? UINT64_MAX : static_cast<uint64_t>(absl::ToUnixNanos(t));
}
absl::Time FromNanos(uint64_t n) {
  return n >= static_cast<uint64_t>(INT64_MAX) ? absl::InfiniteFuture()
                                               : absl::FromUnixNanos(static_cast<int64_t>(n));
}

}  // namespace

void SessionTimer::AddToRequest(HeaderBlock& headers) const {
  const uint32_t ask = interval_s_ ? interval_s_ : std::max(asked_s_, options_.interval_s);
  headers.Add("Supported", "timer");
  // In a refresh the roles stay as they are (section 7.4).
  std::string value = std::to_string(ask);
  if (interval_s_) value += we_refresh_ ? ";refresher=uac" : ";refresher=uas";
  headers.Add("Session-Expires", value);
  headers.Add("Min-SE", std::max(options_.min_s, kSmallest_s));
}

void SessionTimer::ReceiveAnswer(const Message& response, absl::Time now) {
  const auto answered = response.session_expires();
  if (!answered) {
    interval_s_ = 0;
    refresh_at_ = expire_at_ = absl::InfiniteFuture();
    return;
  }
  interval_s_ = std::max(answered->seconds, kSmallest_s);
  we_refresh_ = !EqualsNoCase(answered->refresher, "uas");
  Restart(now);
}

bool SessionTimer::ReceiveTooSmall(const Message& response) {
  const uint32_t least = response.min_se().value_or(0);
  constexpr uint32_t kLargest_s = 24 * 3600;
  if (response.status() != 422 || least <= std::max(asked_s_, interval_s_) || least > kLargest_s)
    return false;
  asked_s_ = least;
  if (interval_s_ != 0) interval_s_ = least;
  return true;
}

int SessionTimer::ReceiveRequest(const Message& request) {
  peer_supports_ = request.Supports("timer");
  const auto asked = request.session_expires();
  const uint32_t least = std::max(options_.min_s, kSmallest_s);
  if (asked && asked->seconds < least && peer_supports_) return 422;
  asked_s_ = asked ? std::max({asked->seconds, least, request.min_se().value_or(0)})
                   : std::max(options_.interval_s, request.min_se().value_or(0));
  asked_refresher_us_ = asked && EqualsNoCase(asked->refresher, "uas");
  const bool asked_refresher_peer = asked && EqualsNoCase(asked->refresher, "uac");
  // A peer that does not know timers cannot refresh: then we do (section 9).
  we_refresh_ = !peer_supports_ || asked_refresher_us_ || (!asked_refresher_peer && !asked);
  return 0;
}

void SessionTimer::AddToRefusal(HeaderBlock& headers) const {
  headers.Add("Min-SE", std::max(options_.min_s, kSmallest_s));
}

void SessionTimer::AddToAnswer(HeaderBlock& headers, absl::Time now) {
  interval_s_ = asked_s_;
  headers.Add("Supported", "timer");
  if (peer_supports_) headers.Add("Require", "timer");
  headers.Add("Session-Expires",
              std::to_string(interval_s_) + (we_refresh_ ? ";refresher=uas" : ";refresher=uac"));
  Restart(now);
}

// Section 10: refresh at half the interval; the other side gives up a little
// before the end, by 32 s or a third.
void SessionTimer::Restart(absl::Time now) {
  const absl::Duration interval = absl::Seconds(interval_s_);
  refresh_at_ = we_refresh_ ? now + interval / 2 : absl::InfiniteFuture();
  expire_at_ = now + interval - std::min(absl::Seconds(32), interval / 3);
}

SessionTimer::Action SessionTimer::Tick(absl::Time now) {
  if (now >= expire_at_) {
    refresh_at_ = expire_at_ = absl::InfiniteFuture();
    return Action::kExpire;
  }
  if (now >= refresh_at_) {
    refresh_at_ = absl::InfiniteFuture();
    return Action::kRefresh;
  }
  return Action::kNone;
}

absl::Time SessionTimer::NextWakeup() const { return std::min(refresh_at_, expire_at_); }

std::string SessionTimer::Serialize() const {
  return FieldWriter("timer1")
      .Add(interval_s_)
      .Add(we_refresh_ ? 1 : 0)
      .Add(peer_supports_ ? 1 : 0)
      .Add(asked_s_)
      .Add(Nanos(refresh_at_))
      .Add(Nanos(expire_at_))
      .Take();
}

std::optional<SessionTimer> SessionTimer::Restore(const Options& options,
                                                  std::string_view snapshot) {
  FieldReader r("timer1", snapshot);
  SessionTimer t(options);
  t.interval_s_ = static_cast<uint32_t>(r.Number(UINT32_MAX));
  t.we_refresh_ = r.Number(1) != 0;
  t.peer_supports_ = r.Number(1) != 0;
  t.asked_s_ = static_cast<uint32_t>(r.Number(UINT32_MAX));
  t.refresh_at_ = FromNanos(r.Number());
  t.expire_at_ = FromNanos(r.Number());
  if (!r.ok() || !r.at_end()) return std::nullopt;
  return t;
}

}  // namespace zvon::sip
