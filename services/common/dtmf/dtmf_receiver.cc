#include "services/common/dtmf/dtmf_receiver.h"

#include <algorithm>

namespace zvon {

DtmfDigit DtmfReceiver::Finish() {
  pressed_ = false;
  told_ = true;
  return {DigitOfEvent(code_), Pressed()};
}

DtmfReceiver::Result DtmfReceiver::OnEvent(const DtmfEvent& event, uint32_t rtp_timestamp,
                                           absl::Time now) {
  Result result;
  if (DigitOfEvent(event.code) == '\0') return result;
  const auto age = has_last_ ? static_cast<int32_t>(rtp_timestamp - timestamp_) : 1;
  // Late packets of an earlier press.
  if (age < 0) return result;
  if (age > 0) {
    // Section 2.5.1.3: a press longer than 0xFFFF goes on as a new event that
    // begins where the one before ended.
    const bool goes_on = pressed_ && event.code == code_ && age == 0xFFFF;
    if (goes_on) {
      parts_ += age;
    } else {
      if (pressed_ && !told_) result.digit = Finish();
      pressed_ = result.started = true;
      told_ = false;
      code_ = event.code;
      parts_ = 0;
      duration_ = 0;
    }
    has_last_ = true;
    timestamp_ = rtp_timestamp;
  } else if (!pressed_ || event.code != code_) {
    return result;  // Repeats of an end already told.
  }
  last_packet_ = now;
  duration_ = std::max(duration_, parts_ + event.duration);
  if (event.end) {
    // Two presses complete with one packet only where the first one's end was
    // lost and all but the end of the second: the second is told by OnTick.
    if (result.digit) return result;
    if (!told_) result.digit = Finish();
    pressed_ = false;
  }
  return result;
}

std::optional<DtmfDigit> DtmfReceiver::OnTick(absl::Time now) {
  if (!pressed_) return std::nullopt;
  const bool ended = now - last_packet_ >= kEndTimeout;
  const bool held = Pressed() >= kHeldMax;
  if (told_) {
    if (ended) pressed_ = false;
    return std::nullopt;
  }
  if (ended) return Finish();
  if (!held) return std::nullopt;
  told_ = true;
  return DtmfDigit{DigitOfEvent(code_), Pressed()};
}

}  // namespace zvon
