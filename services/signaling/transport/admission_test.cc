#include "services/signaling/transport/admission.h"

#include <catch2/catch.hpp>

namespace zvon::sip {
namespace {

SocketAddress From(const char* host) { return *SocketAddress::FromHost(host, 5060); }
const absl::Time kStart = absl::FromUnixSeconds(1000);

TEST_CASE("A source gets its burst and then its rate") {
  Admission a({.source_rate = 10, .source_burst = 5});
  for (int i = 0; i < 5; ++i) CHECK(a.Admit(From("192.0.2.1"), kStart));
  CHECK_FALSE(a.Admit(From("192.0.2.1"), kStart));
  CHECK(a.Admit(From("192.0.2.2"), kStart));
  CHECK(a.Admit(From("192.0.2.1"), kStart + absl::Milliseconds(100)));
  CHECK_FALSE(a.Admit(From("192.0.2.1"), kStart + absl::Milliseconds(100)));
  CHECK(a.refused() == 2);
}

TEST_CASE("A flooding source does not use up what all share") {
  Admission a({.global_rate = 100, .global_burst = 100, .source_rate = 10, .source_burst = 10});
  for (int i = 0; i < 10'000; ++i) a.Admit(From("192.0.2.1"), kStart);
  int others = 0;
  for (int i = 0; i < 50; ++i) others += a.Admit(SocketAddress::V4(0x0a000000 + i, 1), kStart);
  CHECK(others == 50);
}

TEST_CASE("Trusted networks are not limited") {
  Admission a(
      {.source_rate = 1, .source_burst = 1, .trusted = {"10.0.0.0/8", "2001:db8::/32", "rubbish"}});
  for (int i = 0; i < 5; ++i) {
    CHECK(a.Admit(From("10.200.3.4"), kStart));
    CHECK(a.Admit(From("2001:db8:1::1"), kStart));
  }
  CHECK_FALSE(a.IsTrusted(From("11.0.0.1")));
  CHECK_FALSE(a.IsTrusted(From("2001:db9::1")));
}

TEST_CASE("Spoofed sources do not fill the memory") {
  Admission a({.global_rate = 0, .sources_max = 1000});
  for (uint32_t i = 0; i < 20'000; ++i) a.Admit(SocketAddress::V4(i, 1), kStart);
  CHECK(a.sources() <= 1000);
}

}  // namespace
}  // namespace zvon::sip
