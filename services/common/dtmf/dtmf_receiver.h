#pragma once
// Turns telephone-event packets into digits: one for each key press, however
// many of its packets were lost, doubled or late. Pure.

#include <cstdint>
#include <optional>

#include "absl/time/time.h"
#include "services/common/dtmf/dtmf_event.h"

namespace zvon {

struct DtmfDigit {
  char digit = '\0';
  absl::Duration duration;
};

class DtmfReceiver {
 public:
  // Without a packet for so long a press has ended, though its three end
  // packets were lost.
  static constexpr absl::Duration kEndTimeout = absl::Milliseconds(120);
  // A key held longer is told once, now, and not again when it is let go.
  static constexpr absl::Duration kHeldMax = absl::Seconds(5);

  struct Result {
    // A press has begun with this packet.
    bool started = false;
    // A press is complete (this one or, where its end was lost, the one before).
    std::optional<DtmfDigit> digit;
  };
  Result OnEvent(const DtmfEvent& event, uint32_t rtp_timestamp, absl::Time now);
  // A press whose end was lost, or that is held too long.
  std::optional<DtmfDigit> OnTick(absl::Time now);

  bool pressed() const { return pressed_; }

 private:
  DtmfDigit Finish();
  absl::Duration Pressed() const { return absl::Microseconds(duration_ * 125); }

  bool pressed_ = false;
  bool told_ = false;  // This press was told already (held too long).
  bool has_last_ = false;
  uint8_t code_ = 0;
  uint32_t timestamp_ = 0;  // Of the press or, long ones, of its present part.
  int64_t duration_ = 0;    // Of the parts before and the present one.
  int64_t parts_ = 0;
  absl::Time last_packet_ = absl::InfinitePast();
};

}  // namespace zvon
