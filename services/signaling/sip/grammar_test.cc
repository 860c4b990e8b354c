#include "services/signaling/sip/grammar.h"

#include <catch2/catch.hpp>

namespace zvon::sip {
namespace {

TEST_CASE("Numbers are digits only and in range") {
  CHECK(ParseNumber<uint16_t>("65535") == 65535);
  for (const char* bad : {"", "65536", "-1", "+1", " 1", "1 ", "0x1", "99999999999999999999"}) {
    CHECK_FALSE(ParseNumber<uint16_t>(bad).has_value());
  }
}

TEST_CASE("Lists are split outside quotes and brackets") {
  const auto list = SplitList(R"("a,b" <sip:x,y@h>, <sip:z>;p="q,r" , )");
  REQUIRE(list.size() == 2);
  CHECK(list[0] == R"("a,b" <sip:x,y@h>)");
  CHECK(list[1] == R"(<sip:z>;p="q,r")");
  CHECK(SplitList("\"open, quote").size() == 1);
}

TEST_CASE("Parameters are found without case, quotes respected") {
  CHECK(*FindParam("a=1;B=\"x;y\";c", "b") == "\"x;y\"");
  CHECK(FindParam("a=1;c", "C")->empty());
  CHECK_FALSE(FindParam("ab=1", "a").has_value());
}

TEST_CASE("Name-addr splits into display, URI and parameters") {
  const auto full = SplitNameAddr(R"("A <b>; \" c" <sip:u@h;lr>;tag=1;x)");
  REQUIRE(full);
  CHECK(full->display == R"("A <b>; \" c")");
  CHECK(full->uri == "sip:u@h;lr");
  CHECK(full->params == "tag=1;x");
  const auto bare = SplitNameAddr("sip:u@h;tag=2");
  CHECK(bare->uri == "sip:u@h");
  CHECK(bare->params == "tag=2");
  CHECK_FALSE(SplitNameAddr("<sip:u@h").has_value());
  CHECK_FALSE(SplitNameAddr("<sip:u@h> junk").has_value());
}

TEST_CASE("A tag is taken off and the rest kept") {
  CHECK(WithoutTag("\"A\" <sip:a@b;tag=no>;x=1;tag=yes;y") == "\"A\" <sip:a@b;tag=no>;x=1;y");
  CHECK(WithoutTag("sip:a@b;tag=yes") == "sip:a@b");
  CHECK(WithoutTag("<sip:a@b>") == "<sip:a@b>");
}

TEST_CASE("Quoted strings lose quotes and escapes") {
  CHECK(Unquote(R"("a \"b\" \\")") == R"(a "b" \)");
  CHECK(Unquote("plain") == "plain");
  CHECK(Unquote("\"") == "\"");
}

}  // namespace
}  // namespace zvon::sip
