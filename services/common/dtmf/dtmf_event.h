#pragma once
// RFC 4733 telephone events for the sixteen DTMF digits. Pure.

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace zvon {

constexpr size_t kDtmfEventSize = 4;

// Section 2.3.
struct DtmfEvent {
  uint8_t code = 0;  // 0-15 are digits.
  bool end = false;
  uint8_t volume = 10;    // -dBm0, 0-63.
  uint16_t duration = 0;  // In timestamp units.
};

std::optional<DtmfEvent> ParseDtmfEvent(absl::Span<const uint8_t> payload);
// `out` has kDtmfEventSize bytes.
void WriteDtmfEvent(const DtmfEvent& event, absl::Span<uint8_t> out);

// '0'-'9', '*', '#', 'A'-'D'; 0 for other events (flash is 16).
char DigitOfEvent(uint8_t code);
// Nothing for what is no digit. Takes 'a'-'d' too.
std::optional<uint8_t> EventOfDigit(char digit);
// The first character that is no digit, or 0.
char FindNoDigit(absl::string_view digits);

// The two tones of a digit, in Hz (ITU-T Q.23); zeros for no digit.
struct DtmfTones {
  int low_hz = 0;
  int high_hz = 0;
};
DtmfTones TonesOfDigit(char digit);

}  // namespace zvon
