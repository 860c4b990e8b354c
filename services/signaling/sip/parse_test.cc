#include "services/signaling/sip/parse.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <ctime>
#include <string>

namespace zvon::sip {
namespace {

constexpr std::string_view kInvite =
    "INVITE sip:1000@zvon.example;user=phone SIP/2.0\r\n"
    "v: SIP/2.0/TCP proxy.example:5070;branch=z9hG4bKtop;rport , SIP/2.0/UDP "
    "192.0.2.9;branch=z9hG4bKold;received=10.0.0.1\r\n"
    "Max-Forwards: 69\r\n"
    "f: \"Anna \\\"A\\\"\" <sip:anna@example.com>;tag=f1\r\n"
    "t: <sip:1000@zvon.example>\r\n"
    "i: call-1@example\r\n"
    "CSeq: 314 INVITE\r\n"
    "Record-Route: <sip:p2;lr>, <sip:p1;lr>;x=y\r\n"
    "Record-Route: <sip:p0;lr>\r\n"
    "m: <sip:anna@10.0.0.1:5062;ob>;+sip.instance=\"<urn:uuid:1>\"\r\n"
    "k: 100rel, timer\r\n"
    "Require: Replaces\r\n"
    "x: 1800;refresher=uas\r\n"
    "Min-SE: 90\r\n"
    "Replaces: 12345@atlanta;to-tag=a;from-tag=b\r\n"
    "X-Thing: one\r\n"
    "  two\r\n"
    "c: application/sdp; charset=x\r\n"
    "l: 5\r\n"
    "\r\n"
    "v=0\r\n"
    "junk after the body";

std::string With(std::string_view from, std::string_view to) {
  std::string text(kInvite);
  const size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

TEST_CASE("A request is read into typed values") {
  const ParseResult parsed = Parse(kInvite);
  REQUIRE(parsed.code == 0);
  const Message& m = parsed.message;
  CHECK(m.is_request());
  CHECK(m.method() == Method::kInvite);
  CHECK(m.request_uri_text() == "sip:1000@zvon.example;user=phone");
  CHECK(m.request_uri().user == "1000");
  REQUIRE(m.vias().size() == 2);
  CHECK(m.top_via().transport == "TCP");
  CHECK(m.top_via().host == "proxy.example");
  CHECK(m.top_via().port == 5070);
  CHECK(m.top_via().branch == "z9hG4bKtop");
  CHECK(m.top_via().has_rport);
  CHECK(m.vias()[1].received == "10.0.0.1");
  CHECK(m.from().DisplayText() == "Anna \"A\"");
  CHECK(m.from().tag == "f1");
  CHECK(m.from().uri.host == "example.com");
  CHECK(m.to().tag.empty());
  CHECK(m.call_id() == "call-1@example");
  CHECK(m.cseq().number == 314);
  REQUIRE(m.record_routes().size() == 3);
  CHECK(m.record_routes()[1].raw == "<sip:p1;lr>;x=y");
  REQUIRE(m.contacts().size() == 1);
  CHECK(m.contacts()[0].params.Get("+sip.instance") == "\"<urn:uuid:1>\"");
  CHECK(m.contacts()[0].uri.HasParam("ob"));
  CHECK(m.Supports("TIMER"));
  CHECK(m.Requires("replaces"));
  CHECK_FALSE(m.Supports("path"));
  CHECK(m.session_expires()->seconds == 1800);
  CHECK(m.session_expires()->refresher == "uas");
  CHECK(m.min_se() == 90u);
  CHECK(m.replaces()->from_tag == "b");
  CHECK(m.max_forwards() == 69u);
  CHECK(m.Header("x-thing") == "one\r\n  two");
  CHECK(m.Header("Supported") == "100rel, timer");
  CHECK(m.content_type() == "application/sdp");
  CHECK(m.body() == "v=0\r\n");
  CHECK(m.has_sdp());
}

TEST_CASE("A response is read") {
  const ParseResult parsed = Parse(
      "SIP/2.0 183 Session Progress\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: "
      "<sip:a@b>;tag=1\r\n"
      "To: <sip:c@d>;tag=2\r\nCall-ID: x\r\nCSeq: 7 INVITE\r\nRSeq: 988789\r\nContact: "
      "<sip:c@h>\r\n"
      "WWW-Authenticate: Digest realm=\"a, b\", nonce=\"n\", algorithm=SHA-256\r\n\r\n");
  REQUIRE(parsed.code == 0);
  CHECK(parsed.message.status() == 183);
  CHECK(parsed.message.reason() == "Session Progress");
  CHECK(parsed.message.method() == Method::kInvite);
  CHECK(parsed.message.rseq() == 988789u);
  REQUIRE(parsed.message.challenges().size() == 1);
  CHECK(parsed.message.challenges()[0].Param("realm") == "a, b");
  CHECK(parsed.message.challenges()[0].Param("ALGORITHM") == "SHA-256");
  CHECK_FALSE(parsed.message.challenges()[0].Param("qop"));
}

TEST_CASE("PRACK, REFER and events are read") {
  const std::string head =
      "Via: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\n"
      "Call-ID: x\r\n";
  const ParseResult prack =
      Parse("PRACK sip:c@d SIP/2.0\r\n" + head + "CSeq: 8 PRACK\r\nRAck: 776656 1 INVITE\r\n\r\n");
  REQUIRE(prack.code == 0);
  CHECK(prack.message.rack()->rseq == 776656);
  CHECK(prack.message.rack()->cseq == 1);
  CHECK(prack.message.rack()->method == "INVITE");
  const ParseResult refer =
      Parse("REFER sip:c@d SIP/2.0\r\n" + head +
            "CSeq: 8 REFER\r\nr: <sip:x@y?Replaces=abc%3Bto-tag%3D1>\r\no: refer;id=1\r\n\r\n");
  REQUIRE(refer.code == 0);
  REQUIRE(refer.message.refer_to());
  CHECK(refer.message.refer_to()->uri.headers == "Replaces=abc%3Bto-tag%3D1");
  CHECK(refer.message.event() == "refer");
}

TEST_CASE("SDP is found in a multipart body") {
  const std::string body =
      "--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b\r\ncontent-type: "
      "application/sdp\r\n\r\nv=0\r\n--b--\r\n";
  const ParseResult parsed = Parse(
      "INVITE sip:c@d SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n"
      "To: <sip:c@d>\r\nCall-ID: x\r\nCSeq: 8 INVITE\r\nContent-Type: "
      "multipart/mixed;boundary=\"b\"\r\n\r\n" +
      body);
  REQUIRE(parsed.code == 0);
  CHECK(parsed.message.sdp() == "v=0");
}

TEST_CASE("Malformed requests are answered with 400 and a reason") {
  struct Case {
    const char* from;
    const char* to;
    int code;
    const char* reason;
  };
  const Case kCases[] = {
      {"CSeq: 314 INVITE", "CSeq: 2147483648 INVITE", 400, "Bad CSeq Number"},
      {"CSeq: 314 INVITE", "CSeq: 314 BYE", 400, "CSeq Method Mismatch"},
      {"Max-Forwards: 69", "Max-Forwards: 69\r\nMax-Forwards: 70", 400,
       "Several Max-Forwards headers"},
      {"l: 5", "l: 5\r\nContent-Length: 6", 400, "Several Content-Length headers"},
      {"l: 5", "l: 500", 400, "Body shorter than Content-Length"},
      {"l: 5", "l: -5", 400, "Bad Content-Length"},
      {"X-Thing: one", "X-Thing\x01: one", 400, "Bad header line"},
      {"X-Thing: one", "X-Thing: on\x02 e", 400, "Control byte in header"},
      {"X-Thing: one", "X-Thing: one\rX-Evil: 1", 400, "Bare CR or LF in header"},
      {"X-Thing: one", "X-Thing: one\nX-Evil: 1", 400, "Bare CR or LF in header"},
      {"i: call-1@example\r\n", "", 400, "Missing Call-ID"},
      {"f: \"Anna", "f: Anna", 400, "Bad From"},
      {"SIP/2.0\r\nv", "SIP/3.0\r\nv", 505, "Version Not Supported"},
      {"Max-Forwards: 69", "Max-Forwards: 256", 400, "Bad Max-Forwards"},
      {"proxy.example:5070", "proxy.example:99999", 400, "Bad Via"},
      {"m: <sip:anna@10.0.0.1:5062;ob>", "m: <sip:anna@10.0.0.1:5062;ob", 400, "Bad Contact"},
  };
  for (const Case& c : kCases) {
    INFO(c.to);
    const ParseResult parsed = Parse(With(c.from, c.to));
    CHECK(parsed.code == c.code);
    CHECK(parsed.reason == c.reason);
    CHECK_FALSE(parsed.drop());
  }
}

TEST_CASE("What cannot be answered is dropped") {
  CHECK(Parse("").drop());
  CHECK(Parse("\r\n\r\n").drop());
  CHECK(Parse("GET / HTTP/1.1\r\nHost: x\r\n\r\n").drop());
  CHECK(Parse(std::string(70000, 'a')).drop());
  CHECK(Parse(With("INVITE sip", "ACK sip")).drop());  // CSeq mismatch in an ACK.
  CHECK(Parse("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h\r\n\r\n").drop());
}

TEST_CASE("Huge and many headers end in an answer, not in a crash") {
  std::string vias;
  for (int i = 0; i < 1000; ++i)
    vias += "Via: SIP/2.0/UDP h" + std::to_string(i) + ";branch=z9hG4bKx\r\n";
  CHECK(Parse(With("Max-Forwards: 69\r\n", vias)).code == 400);
  std::string one_line = "Via: SIP/2.0/UDP h;branch=z9hG4bK1";
  for (int i = 0; i < 1000; ++i) one_line += ", SIP/2.0/UDP h;branch=z9hG4bKx";
  CHECK(Parse(With("Max-Forwards: 69", one_line)).code == 400);
  CHECK(Parse(With("X-Thing: one", "X-Thing: " + std::string(60000, 'x'))).code == 0);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
// Invariant 33, over what attackers find: long lists in one header.
TEST_CASE("64 KiB of one header cost less than 10 ms of CPU") {
  struct Case {
    const char* name;
    const char* unit;
  };
  const Case kCases[] = {
      {"Contact", "<sip:a@b>,"}, {"Route", "<sip:a;lr>,"},
      {"Via", "SIP/2.0/UDP h,"}, {"Contact", "\"\""},
      {"Supported", "a,"},       {"Call-Info", "<http://a>;b=c,"},
      {"Accept", "a/b;q=1,"},    {"Authorization", "a=\"b\","},
      {"Event", ";a=b"},         {"Warning", "399 a \"b\","},
      {"Subject", "(("},         {"X", "\r\n "},
  };
  for (const Case& c : kCases) {
    std::string header = std::string(c.name) + ": ";
    while (header.size() < 64'000) header += c.unit;
    const std::string text = With("X-Thing: one", header);
    // The best of three: the machine may be busy.
    double best_ms = 1e9;
    for (int i = 0; i < 3; ++i) {
      const std::clock_t start = std::clock();
      Parse(text);
      best_ms =
          std::min(best_ms, 1000.0 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
    }
    INFO(c.name << " " << c.unit);
    CHECK(best_ms < 10);
  }
}
#endif

}  // namespace
}  // namespace zvon::sip
