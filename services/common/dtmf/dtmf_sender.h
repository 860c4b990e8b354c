#pragma once
// Plays a row of digits as telephone events, one packet a tick of 20 ms. Pure.

#include <cstdint>
#include <deque>
#include <optional>

#include "absl/strings/string_view.h"
#include "services/common/dtmf/dtmf_event.h"

namespace zvon {

class DtmfSender {
 public:
  static constexpr int kTickSamples = 160;
  static constexpr int kDigitTicks = 5;  // 100 ms.
  static constexpr int kEndRepeats = 3;  // The end packet and two repeats.
  static constexpr int kGapTicks = 3;    // After the last repeat: 100 ms between digits.

  // What one tick is to send.
  struct Step {
    DtmfEvent event;
    char digit = '\0';
    bool send = false;      // False in gaps.
    bool first = false;     // Marker bit; a new timestamp.
    bool sounding = false;  // The tone sounds during this tick (in-band).
  };

  // False where `digits` has a character that is no digit; nothing is taken.
  bool Add(absl::string_view digits);
  bool active() const { return !digits_.empty(); }
  // Once a tick while active.
  Step Next();

 private:
  std::deque<char> digits_;
  int tick_ = 0;  // Within the digit in front.
};

}  // namespace zvon
