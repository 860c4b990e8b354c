#include "services/common/dtmf/dtmf_event.h"

namespace zvon {
namespace {

constexpr absl::string_view kDigits = "0123456789*#ABCD";

}  // namespace

std::optional<DtmfEvent> ParseDtmfEvent(absl::Span<const uint8_t> payload) {
  if (payload.size() < kDtmfEventSize) return std::nullopt;
  return DtmfEvent{payload[0], (payload[1] & 0x80) != 0, static_cast<uint8_t>(payload[1] & 0x3F),
                   static_cast<uint16_t>(payload[2] << 8 | payload[3])};
}

void WriteDtmfEvent(const DtmfEvent& event, absl::Span<uint8_t> out) {
  out[0] = event.code;
  out[1] = static_cast<uint8_t>((event.end ? 0x80 : 0) | (event.volume & 0x3F));
  out[2] = static_cast<uint8_t>(event.duration >> 8);
  out[3] = static_cast<uint8_t>(event.duration);
}

char DigitOfEvent(uint8_t code) { return code < kDigits.size() ? kDigits[code] : '\0'; }

std::optional<uint8_t> EventOfDigit(char digit) {
  if (digit >= 'a' && digit <= 'd') digit = static_cast<char>(digit - 'a' + 'A');
  const size_t at = digit == '\0' ? absl::string_view::npos : kDigits.find(digit);
  if (at == absl::string_view::npos) return std::nullopt;
  return static_cast<uint8_t>(at);
}

char FindNoDigit(absl::string_view digits) {
  for (const char digit : digits) {
    if (!EventOfDigit(digit)) return digit == '\0' ? '?' : digit;
  }
  return '\0';
}

DtmfTones TonesOfDigit(char digit) {
  constexpr int kLow[] = {697, 770, 852, 941};
  constexpr int kHigh[] = {1209, 1336, 1477, 1633};
  constexpr absl::string_view kPad = "123A456B789C*0#D";
  if (digit >= 'a' && digit <= 'd') digit = static_cast<char>(digit - 'a' + 'A');
  const size_t at = digit == '\0' ? absl::string_view::npos : kPad.find(digit);
  if (at == absl::string_view::npos) return {};
  return {kLow[at / 4], kHigh[at % 4]};
}

}  // namespace zvon
