#include "services/signaling/sip/uri.h"

#include <catch2/catch.hpp>

namespace zvon::sip {
namespace {

TEST_CASE("A URI has its parts") {
  const auto uri = ParseUri("sip:1000;isub=1:pw@[2001:db8::1]:5070;transport=tcp;lr?a=b&c=d");
  REQUIRE(uri);
  CHECK(uri->user == "1000;isub=1");
  CHECK(uri->password == "pw");
  CHECK(uri->host == "[2001:db8::1]");
  CHECK(uri->port == 5070);
  CHECK(uri->Param("Transport") == "tcp");
  CHECK(uri->HasParam("lr"));
  CHECK(uri->headers == "a=b&c=d");
  CHECK(uri->ToString(true) == "sip:1000;isub=1:pw@[2001:db8::1]:5070;transport=tcp;lr?a=b&c=d");
  CHECK(uri->ToString() == "sip:1000;isub=1:pw@[2001:db8::1]:5070;transport=tcp;lr");
}

TEST_CASE("Telephone numbers and other schemes") {
  CHECK(ParseUri("tel:+7-495-123.45(67);phone-context=x")->user == "+7-495-123.45(67)");
  CHECK(ParseUri("urn:service:sos")->host == "service:sos");
  CHECK_FALSE(ParseUri("tel:hello").has_value());
}

TEST_CASE("What is no URI is refused") {
  for (const char* bad :
       {"", "sip:", "1000", "sip:a b@h", "sip:a@", "sip:a@h:0", "sip:a@h:65536", "sip:a@h:x",
        "sip:@h", "sip:a@h\r\nX: y", "sip:%4@h", "sip:a@[::1", "sip:a@-h", "<sip:a@h>", "sip:a@h\"",
        "1x:a", "sip:a@b@c", "sip:a@h:5060:5"}) {
    INFO(bad);
    CHECK_FALSE(ParseUri(bad).has_value());
  }
}

TEST_CASE("Escapes are undone and made") {
  CHECK(Unescape("%2B7%zz%4") == "+7%zz%4");
  CHECK(EscapeUser("a b@#") == "a%20b%40%23");
  CHECK(ParseUri("sip:%31000@h")->DecodedUser() == "1000");
}

TEST_CASE("URIs are equal by RFC 3261 section 19.1.4") {
  const auto equal = [](const char* a, const char* b) {
    return UriEquals(*ParseUri(a), *ParseUri(b));
  };
  CHECK(equal("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtlanTa.CoM;Transport=tcp"));
  CHECK(equal("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"));
  CHECK_FALSE(equal("SIP:ALICE@AtLanTa.CoM", "sip:alice@AtLanTa.CoM"));
  CHECK_FALSE(equal("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"));
  CHECK_FALSE(equal("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"));
  CHECK_FALSE(equal("sip:carol@c.com;security=on", "sip:carol@c.com;security=off"));
}

TEST_CASE("An address of record is scheme, user and host") {
  CHECK(AddressOfRecord(*ParseUri("SIP:%3101@Zvon.Example:5060;transport=tcp")) ==
        "sip:101@zvon.example");
}

}  // namespace
}  // namespace zvon::sip
