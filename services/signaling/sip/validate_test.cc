#include "services/signaling/sip/validate.h"

#include <catch2/catch.hpp>

#include "services/signaling/sip/parse.h"

namespace zvon::sip {
namespace {

Message Request(const std::string& line, const std::string& method, const std::string& more = "",
                const std::string& body = "") {
  const ParseResult parsed = Parse(
      line +
      " SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\n"
      "Call-ID: x\r\nCSeq: 8 " +
      method + "\r\n" + more + "\r\n" + body);
  INFO(parsed.reason);
  REQUIRE(parsed.code == 0);
  return parsed.message;
}

TEST_CASE("Requests are refused in the order of RFC 3261 section 8.2") {
  ServerCapabilities able;
  able.methods = {Method::kInvite, Method::kOptions};
  able.option_tags = {"100rel", "timer"};
  CHECK(CheckRequest(Request("INVITE sip:c@d", "INVITE"), able).code == 0);
  const OutResponse not_allowed = CheckRequest(Request("MESSAGE sip:c@d", "MESSAGE"), able);
  CHECK(not_allowed.code == 405);
  CHECK(not_allowed.headers.text() == "Allow: INVITE, OPTIONS\r\n");
  CHECK(CheckRequest(Request("FLY sip:c@d", "FLY"), able).code == 501);
  CHECK(CheckRequest(Request("OPTIONS http://x", "OPTIONS"), able).code == 416);
  const OutResponse extension =
      CheckRequest(Request("INVITE sip:c@d", "INVITE", "Require: timer, nothing, more\r\n"), able);
  CHECK(extension.code == 420);
  CHECK(extension.headers.text() == "Unsupported: nothing, more\r\n");
  const OutResponse body =
      CheckRequest(Request("INVITE sip:c@d", "INVITE", "Content-Type: text/plain\r\n", "hi"), able);
  CHECK(body.code == 415);
  CHECK(body.headers.text() == "Accept: application/sdp\r\n");
  CHECK(CheckRequest(Request("CANCEL sip:c@d", "CANCEL", "Require: x\r\n"), able).code == 0);
}

}  // namespace
}  // namespace zvon::sip
