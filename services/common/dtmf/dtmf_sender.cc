#include "services/common/dtmf/dtmf_sender.h"

#include <algorithm>

namespace zvon {

bool DtmfSender::Add(absl::string_view digits) {
  if (FindNoDigit(digits) != '\0') return false;
  digits_.insert(digits_.end(), digits.begin(), digits.end());
  return true;
}

DtmfSender::Step DtmfSender::Next() {
  Step step;
  step.digit = digits_.front();
  step.event.code = EventOfDigit(step.digit).value_or(0);
  step.event.duration = static_cast<uint16_t>(std::min(tick_ + 1, kDigitTicks) * kTickSamples);
  step.first = tick_ == 0;
  step.sounding = tick_ < kDigitTicks;
  // The last sounding packet is the first of the three ends (section 2.5.1.4).
  step.event.end = tick_ >= kDigitTicks - 1;
  step.send = tick_ < kDigitTicks - 1 + kEndRepeats;
  if (++tick_ >= kDigitTicks - 1 + kEndRepeats + kGapTicks) {
    tick_ = 0;
    digits_.pop_front();
  }
  return step;
}

}  // namespace zvon
