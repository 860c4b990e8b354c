#include "services/media/core/source_lock.h"

#include <catch2/catch.hpp>
#include <sstream>

namespace zvon::media {
namespace {

SocketAddress At(const std::string& text) {
  const size_t colon = text.rfind(':');
  return *ParseSocketAddress(text.substr(0, colon), std::stoi(text.substr(colon + 1)));
}

}  // namespace

// Each row: what was signalled, then packets as "milliseconds source verdict".
TEST_CASE("sources are learnt by the table", "[source]") {
  struct Row {
    const char* name;
    const char* signalled;
    const char* packets;
  };
  const Row rows[] = {
      {"the signalled source", "198.51.100.1:4000", "0 198.51.100.1:4000 yes"},
      {"nothing before the signalling", "0.0.0.0:0", "0 198.51.100.1:4000 no"},
      {"a port mapped by a NAT", "198.51.100.1:4000",
       "0 198.51.100.1:777 yes  20 198.51.100.1:777 yes"},
      {"first comes, then strict", "198.51.100.1:4000",
       "0 198.51.100.1:777 yes  600 198.51.100.1:4000 no  620 198.51.100.1:778 no  "
       "640 198.51.100.1:777 yes"},
      {"the signalled one wins within the window", "198.51.100.1:4000",
       "0 198.51.100.1:777 yes  100 198.51.100.1:4000 yes  120 198.51.100.1:777 no"},
      {"a stranger before the first packet", "198.51.100.1:4000",
       "0 203.0.113.9:4000 no  20 198.51.100.1:4000 yes"},
      {"a stranger after the lock", "198.51.100.1:4000",
       "0 198.51.100.1:4000 yes  20 203.0.113.9:4000 no  9999 203.0.113.9:4000 no"},
      {"a phone behind a NAT", "192.168.1.7:4000",
       "0 203.0.113.9:31000 yes  20 203.0.113.9:31000 yes  40 203.0.113.10:31000 no"},
      {"a spray at a NATed phone loses to the phone in time", "192.168.1.7:4000",
       "0 203.0.113.66:1 yes  100 192.168.1.7:4000 yes  120 203.0.113.66:1 no"},
      {"loopback is no NAT", "127.0.0.1:4000", "0 127.0.0.2:4000 no  1 127.0.0.1:4000 yes"},
  };
  for (const Row& row : rows) {
    SourceLock lock;
    lock.Expect(At(row.signalled));
    std::istringstream packets(row.packets);
    int at = 0;
    std::string source;
    std::string verdict;
    while (packets >> at >> source >> verdict) {
      CAPTURE(row.name, at, source);
      const absl::Time now = absl::FromUnixSeconds(1'750'000'000) + absl::Milliseconds(at);
      CHECK(lock.Accept(At(source), now) == (verdict == "yes"));
    }
  }
}

TEST_CASE("a new description unlocks, the same one does not", "[source]") {
  const absl::Time now = absl::FromUnixSeconds(1'750'000'000);
  SourceLock lock;
  lock.Expect(At("198.51.100.1:4000"));
  REQUIRE(lock.Accept(At("198.51.100.1:777"), now));
  lock.Expect(At("198.51.100.1:4000"));
  CHECK_FALSE(lock.Accept(At("198.51.100.1:778"), now));
  CHECK(lock.target() == At("198.51.100.1:777"));
  lock.Expect(At("198.51.100.2:5000"));
  CHECK(lock.target() == At("198.51.100.2:5000"));
  CHECK_FALSE(lock.Accept(At("198.51.100.1:777"), now));
  CHECK(lock.Accept(At("198.51.100.2:5000"), now));
}

}  // namespace zvon::media
