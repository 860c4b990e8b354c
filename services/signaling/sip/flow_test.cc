#include "services/signaling/sip/flow.h"

#include <catch2/catch.hpp>

namespace zvon::sip {
namespace {

TEST_CASE("Addresses are read and written") {
  for (const char* text : {"192.0.2.1:5060", "[2001:db8::1]:5061", "0.0.0.0:0"}) {
    INFO(text);
    REQUIRE(SocketAddress::Parse(text));
    CHECK(SocketAddress::Parse(text)->ToString() == text);
  }
  CHECK(SocketAddress::Parse("127.0.0.1:1")->is_v4());
  CHECK(SocketAddress::FromHost("::ffff:127.0.0.1", 1) == SocketAddress::V4(0x7f000001, 1));
  for (const char* bad :
       {"", ":5060", "host:5060", "1.2.3.4", "1.2.3.4:x", "::1:5060", "1.2.3:5"}) {
    INFO(bad);
    CHECK_FALSE(SocketAddress::Parse(bad).has_value());
  }
}

TEST_CASE("Flows survive being written down") {
  Flow flow{Protocol::kTls, *SocketAddress::Parse("[::1]:40000"), 2, 17};
  CHECK(flow.ToString() == "tls:[::1]:40000@2#17");
  CHECK(Flow::Parse(flow.ToString()) == flow);
  flow = {Protocol::kUdp, *SocketAddress::Parse("192.0.2.1:5060")};
  CHECK(Flow::Parse(flow.ToString()) == flow);
  CHECK_FALSE(Flow::Parse("carrier pigeon").has_value());
}

}  // namespace
}  // namespace zvon::sip
