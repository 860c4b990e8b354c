#include "services/signaling/resolver/hosts_file.h"

#include <catch2/catch.hpp>

namespace zvon::sip {
namespace {

TEST_CASE("The hosts file gives addresses in its order") {
  const HostsFile hosts =
      HostsFile::Read("# comment\n192.0.2.1 Phone phone.local # x\n\n::1 phone\nrubbish here\n");
  const auto found = hosts.Find("PHONE");
  REQUIRE(found.size() == 2);
  CHECK(found[0].Host() == "192.0.2.1");
  CHECK(found[1].Host() == "::1");
  CHECK(hosts.Find("here").empty());
  CHECK(hosts.Find("localhost").size() == 1);
  CHECK(HostsFile::Load("/nonexistent").Find("x").empty());
}

}  // namespace
}  // namespace zvon::sip
