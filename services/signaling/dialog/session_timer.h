#pragma once
// Session timers (RFC 4028): who refreshes when, and when a dialog is dead.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "services/signaling/sip/builder.h"
#include "services/signaling/sip/message.h"

namespace zvon::sip {

class SessionTimer {
 public:
  struct Options {
    uint32_t interval_s = 1800;  // What we ask for.
    uint32_t min_s = 90;         // Below it: 422.
  };
  enum class Action : uint8_t { kNone, kRefresh, kExpire };

  explicit SessionTimer(const Options& options) : options_(options) {}
  SessionTimer() : SessionTimer(Options()) {}

  // UAC: headers for our INVITE or UPDATE (Supported, Session-Expires, Min-SE).
  void AddToRequest(HeaderBlock& headers) const;
  // UAC: a 2xx to it came. Session off when it has no Session-Expires.
  void ReceiveAnswer(const Message& response, absl::Time now);
  // UAC: 422; true when the request is to be sent again with a larger interval.
  bool ReceiveTooSmall(const Message& response);
  // UAS: a session-starting or refreshing request. 0 or 422 (then add Min-SE by
  // AddToRefusal).
  int ReceiveRequest(const Message& request);
  void AddToRefusal(HeaderBlock& headers) const;
  // UAS: headers for our 2xx; starts the timer.
  void AddToAnswer(HeaderBlock& headers, absl::Time now);

  // kRefresh: send UPDATE or re-INVITE now (once per due time);
  // kExpire: the peer has not refreshed: BYE.
  Action Tick(absl::Time now);
  absl::Time NextWakeup() const;
  bool active() const { return interval_s_ != 0; }
  bool we_refresh() const { return we_refresh_; }
  uint32_t interval_s() const { return interval_s_; }

  std::string Serialize() const;
  static std::optional<SessionTimer> Restore(const Options& options, std::string_view snapshot);

 private:
  void Restart(absl::Time now);

  Options options_;
  uint32_t interval_s_ = 0;  // 0: no timer in this session.
  bool we_refresh_ = false;
  bool peer_supports_ = false;
  uint32_t asked_s_ = 0;
  bool asked_refresher_us_ = false;
  absl::Time refresh_at_ = absl::InfiniteFuture();
  absl::Time expire_at_ = absl::InfiniteFuture();
};

}  // namespace zvon::sip
