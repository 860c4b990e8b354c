#include "services/signaling/resolver/dns_records.h"

#include <catch2/catch.hpp>
#include <map>

namespace zvon::sip {
namespace {

TEST_CASE("SRV records are ordered by priority and drawn by weight") {
  const std::vector<SrvRecord> records = {
      {20, 0, 1, "last"}, {10, 90, 1, "heavy"}, {10, 10, 1, "light"}};
  std::map<std::string, int> first;
  const RandomSource random = SeededRandom(3);
  for (int i = 0; i < 2000; ++i) {
    const auto ordered = OrderSrv(records, random);
    REQUIRE(ordered.size() == 3);
    CHECK(ordered[2].host == "last");
    ++first[ordered[0].host];
  }
  CHECK(first["heavy"] > 1650);
  CHECK(first["light"] > 100);
}

TEST_CASE("NAPTR records choose protocols that we have, secure ones for sips") {
  const std::vector<NaptrRecord> records = {{20, 0, "s", "SIP+D2T", "t"},
                                            {10, 5, "S", "sip+d2u", "u"},
                                            {10, 1, "s", "SIPS+D2T", "x"},
                                            {1, 0, "s", "SIP+D2S", "sctp"},
                                            {1, 0, "u", "SIP+D2U", "other"}};
  const auto all = ChooseNaptr(records, {Protocol::kUdp, Protocol::kTcp}, false);
  REQUIRE(all.size() == 2);
  CHECK(all[0].name == "u");
  CHECK(all[1].protocol == Protocol::kTcp);
  const auto secure = ChooseNaptr(records, {Protocol::kUdp, Protocol::kTls}, true);
  REQUIRE(secure.size() == 1);
  CHECK(secure[0].name == "x");
}

TEST_CASE("The least TTL of any bytes ends well") {
  CHECK(LeastTtl("", absl::Seconds(7)) == absl::Seconds(7));
  std::string message("\0\1\x81\x80\0\1\0\2\0\0\0\0\1a\0\0\1\0\1", 19);
  message += std::string("\xc0\x0c\0\1\0\1\0\0\1\0\0\4abcd", 16) +
             std::string("\xc0\x0c\0\1\0\1\0\0\0\5\0\4abcd", 16);
  CHECK(LeastTtl(message, absl::Seconds(7)) == absl::Seconds(5));
  for (size_t size = 0; size < message.size(); ++size)
    LeastTtl(message.substr(0, size), absl::Seconds(7));
}

}  // namespace
}  // namespace zvon::sip
