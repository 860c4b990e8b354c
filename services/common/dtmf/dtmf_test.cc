#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "services/common/dtmf/dtmf_event.h"
#include "services/common/dtmf/dtmf_receiver.h"
#include "services/common/dtmf/dtmf_sender.h"

namespace zvon {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'750'000'000);

struct Packet {
  DtmfEvent event;
  uint32_t timestamp = 0;
};

// Packets of a press as phones send them, with the tick each belongs to.
std::vector<Packet> Press(char digit, uint32_t timestamp, int packets = 5) {
  std::vector<Packet> out;
  for (int i = 1; i <= packets + 2; ++i) {
    const auto duration = static_cast<uint16_t>(std::min(i, packets) * 160);
    out.push_back({{*EventOfDigit(digit), i >= packets, 10, duration}, timestamp});
  }
  return out;
}

// Feeds one packet each 20 ms, then lets half a second pass; gives the digits.
std::string Heard(const std::vector<Packet>& packets) {
  DtmfReceiver receiver;
  std::string digits;
  absl::Time now = kStart;
  auto tick = [&] {
    now += absl::Milliseconds(20);
    if (auto digit = receiver.OnTick(now)) digits += digit->digit;
  };
  for (const Packet& packet : packets) {
    const auto result = receiver.OnEvent(packet.event, packet.timestamp, now);
    if (result.digit) digits += result.digit->digit;
    tick();
  }
  for (int i = 0; i < 25; ++i) tick();
  return digits;
}

std::vector<Packet> Join(std::vector<Packet> a, const std::vector<Packet>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

}  // namespace

TEST_CASE("events are read back as written", "[dtmf]") {
  uint8_t bytes[kDtmfEventSize];
  WriteDtmfEvent({11, true, 10, 0x0320}, absl::MakeSpan(bytes));
  const auto event = ParseDtmfEvent(bytes);
  REQUIRE(event);
  CHECK(event->code == 11);
  CHECK(event->end);
  CHECK(event->volume == 10);
  CHECK(event->duration == 0x0320);
  CHECK_FALSE(ParseDtmfEvent(absl::MakeSpan(bytes, 3)));
}

TEST_CASE("the sixteen digits have their codes and tones", "[dtmf]") {
  for (const char digit : std::string("0123456789*#ABCD")) {
    CAPTURE(digit);
    const auto code = EventOfDigit(digit);
    REQUIRE(code);
    CHECK(DigitOfEvent(*code) == digit);
    CHECK(TonesOfDigit(digit).low_hz >= 697);
  }
  CHECK(TonesOfDigit('5').low_hz == 770);
  CHECK(TonesOfDigit('5').high_hz == 1336);
  CHECK(DigitOfEvent(16) == '\0');
  CHECK_FALSE(EventOfDigit('x'));
  CHECK(FindNoDigit("12x") == 'x');
  CHECK(FindNoDigit("12#*aD") == '\0');
}

TEST_CASE("a press is one digit whatever happens to its packets", "[dtmf]") {
  const auto whole = Press('5', 1000);
  std::vector<Packet> without_end(whole.begin(), whole.begin() + 4);
  std::vector<Packet> only_end(whole.end() - 1, whole.end());
  std::vector<Packet> doubled;
  for (const Packet& packet : whole) doubled.insert(doubled.end(), 2, packet);
  std::vector<Packet> swapped = whole;
  std::swap(swapped[3], swapped[5]);
  CHECK(Heard(whole) == "5");
  CHECK(Heard(without_end) == "5");
  CHECK(Heard(only_end) == "5");
  CHECK(Heard(doubled) == "5");
  CHECK(Heard(swapped) == "5");
}

TEST_CASE("two presses are two digits, ends lost or not", "[dtmf]") {
  const auto first = Press('5', 1000);
  const auto second = Press('5', 3000);
  std::vector<Packet> first_open(first.begin(), first.begin() + 4);
  std::vector<Packet> second_end(second.end() - 1, second.end());
  CHECK(Heard(Join(first, second)) == "55");
  CHECK(Heard(Join(first_open, second)) == "55");
  CHECK(Heard(Join(first_open, second_end)) == "55");
  // A late packet of the first press after the second has begun.
  auto late = Join(first, second);
  late.push_back(first[2]);
  CHECK(Heard(late) == "55");
}

TEST_CASE("the timestamp may wrap between presses", "[dtmf]") {
  CHECK(Heard(Join(Press('1', 0xFFFFFF00), Press('2', 0x300))) == "12");
}

TEST_CASE("a key held for minutes is one digit, told after five seconds", "[dtmf]") {
  DtmfReceiver receiver;
  absl::Time now = kStart;
  int told = 0;
  absl::Time told_at;
  uint32_t part = 0;
  for (int64_t duration = 160; duration <= 8000 * 60; duration += 160) {
    while (duration - part > 0xFFFF) part += 0xFFFF;
    const auto result =
        receiver.OnEvent({3, false, 10, static_cast<uint16_t>(duration - part)}, 1000 + part, now);
    told += result.digit.has_value();
    now += absl::Milliseconds(20);
    if (receiver.OnTick(now)) {
      ++told;
      told_at = now;
    }
  }
  CHECK(told == 1);
  CHECK(told_at - kStart >= absl::Seconds(5));
  CHECK(told_at - kStart <= absl::Seconds(5.1));
  for (int i = 0; i < 20; ++i) {
    now += absl::Milliseconds(20);
    CHECK_FALSE(receiver.OnTick(now));
  }
  CHECK_FALSE(receiver.pressed());
}

TEST_CASE("events that are no digits are passed over", "[dtmf]") {
  DtmfReceiver receiver;
  const auto result = receiver.OnEvent({16, true, 10, 800}, 1, kStart);
  CHECK_FALSE(result.started);
  CHECK_FALSE(result.digit);
}

TEST_CASE("a sender's packets make a receiver hear the same digits", "[dtmf]") {
  DtmfSender sender;
  REQUIRE(sender.Add("12##"));
  CHECK_FALSE(sender.Add("1x"));
  std::vector<Packet> packets;
  uint32_t clock = 0;
  uint32_t timestamp = 0;
  int sent = 0;
  int ticks = 0;
  for (; sender.active(); clock += 160, ++ticks) {
    const auto step = sender.Next();
    if (step.first) timestamp = clock;
    if (step.send) packets.push_back({step.event, timestamp});
    sent += step.send;
  }
  CHECK(sent == 4 * 7);
  CHECK(ticks == 4 * 10);
  CHECK(Heard(packets) == "12##");
}

}  // namespace zvon
