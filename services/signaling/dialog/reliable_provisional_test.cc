#include "services/signaling/dialog/reliable_provisional.h"

#include "services/signaling/dialog/dialog_testing.h"

namespace zvon::sip {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'000'000);
const absl::Duration kT1 = absl::Milliseconds(500);

Message Prack(const std::string& rack) { return PeerRequest("PRACK", 2, "RAck: " + rack + "\r\n"); }

TEST_CASE("One reliable response at a time, repeated until its PRACK") {
  ReliableSender s(100, 1, kT1);
  const auto first = s.Send({.code = 183}, kStart);
  REQUIRE(first);
  CHECK(first->headers.text() == "Require: 100rel\r\nRSeq: 100\r\n");
  CHECK_FALSE(s.Send({.code = 180}, kStart).has_value());
  CHECK_FALSE(s.Tick(kStart + absl::Milliseconds(499)).has_value());
  CHECK(s.Tick(kStart + kT1)->code == 183);
  CHECK(s.NextWakeup() == kStart + 3 * kT1);
  CHECK(s.ReceivePrack(Prack("99 1 INVITE")) == 481);
  CHECK(s.ReceivePrack(Prack("100 2 INVITE")) == 481);
  CHECK(s.ReceivePrack(Prack("100 1 UPDATE")) == 481);
  CHECK(s.ReceivePrack(Prack("100 1 INVITE")) == 0);
  CHECK(s.ReceivePrack(Prack("100 1 INVITE")) == 481);
  const auto second = s.Next(kStart);
  REQUIRE(second);
  CHECK(second->code == 180);
  CHECK(second->headers.text() == "Require: 100rel\r\nRSeq: 101\r\n");
  CHECK_FALSE(s.idle());
  CHECK(s.ReceivePrack(Prack("101 1 INVITE")) == 0);
  CHECK(s.idle());
}

TEST_CASE("Without a PRACK it fails after 64*T1") {
  ReliableSender s(1, 1, kT1);
  s.Send({.code = 183}, kStart);
  int repeats = 0;
  while (s.NextWakeup() < absl::InfiniteFuture()) {
    if (s.Tick(s.NextWakeup())) ++repeats;
  }
  CHECK(s.failed());
  CHECK(repeats == 6);
}

TEST_CASE("A UAC acknowledges reliable responses in order and drops the rest") {
  ReliableReceiver r;
  using V = ReliableReceiver::Verdict;
  CHECK(r.Receive(PeerResponse(180, "5 INVITE")) == V::kUnreliable);
  CHECK(r.Receive(PeerResponse(183, "5 INVITE", "Require: 100rel\r\nRSeq: 7\r\n")) ==
        V::kAcknowledge);
  CHECK(r.rack() == "7 5 INVITE");
  CHECK(r.Receive(PeerResponse(183, "5 INVITE", "Require: 100rel\r\nRSeq: 7\r\n")) == V::kDrop);
  CHECK(r.Receive(PeerResponse(180, "5 INVITE", "Require: 100rel\r\nRSeq: 9\r\n")) == V::kDrop);
  CHECK(r.Receive(PeerResponse(180, "5 INVITE", "Require: 100rel\r\nRSeq: 8\r\n")) ==
        V::kAcknowledge);
  CHECK(r.rack() == "8 5 INVITE");
}

}  // namespace
}  // namespace zvon::sip
