#include "services/signaling/sip/builder.h"

#include <catch2/catch.hpp>

#include "services/signaling/sip/parse.h"

namespace zvon::sip {
namespace {

OutRequest Invite() {
  OutRequest r;
  r.method = "INVITE";
  r.uri = "sip:101@192.0.2.5";
  r.routes = {"<sip:p1;lr>", "<sip:p2;lr>"};
  r.from = FormatAddress("Анна \"A\"", "sip:1000@zvon", "f");
  r.to = FormatAddress("", "sip:101@zvon");
  r.call_id = "c";
  r.cseq = 7;
  r.contact = "<sip:zvon@192.0.2.1>";
  r.headers.Add("Supported", "timer");
  r.content_type = "application/sdp";
  r.body = "v=0\r\n";
  return r;
}
constexpr std::string_view kVia = "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKx;rport";

TEST_CASE("A built request is read back") {
  const ParseResult parsed = Parse(Serialize(Invite(), kVia));
  REQUIRE(parsed.code == 0);
  const Message& m = parsed.message;
  CHECK(m.top_via().branch == "z9hG4bKx");
  CHECK(m.routes().size() == 2);
  CHECK(m.from().DisplayText() == "Анна \"A\"");
  CHECK(m.cseq().number == 7);
  CHECK(m.body() == "v=0\r\n");
  CHECK(m.Supports("timer"));
}

TEST_CASE("CANCEL and ACK repeat what RFC 3261 says") {
  const Message cancel = Parse(SerializeCancel(Invite(), kVia)).message;
  REQUIRE(cancel.is_set());
  CHECK(cancel.method() == Method::kCancel);
  CHECK(cancel.cseq().method == Method::kCancel);
  CHECK(cancel.cseq().number == 7);
  CHECK(cancel.routes().size() == 2);
  CHECK(cancel.body().empty());
  const Message invite = Parse(Serialize(Invite(), kVia)).message;
  const Message busy =
      Parse(Serialize(OutResponse{.code = 486, .to_tag = "t"}, invite, SocketAddress::V4(1, 2)))
          .message;
  const Message ack = Parse(SerializeAck(Invite(), kVia, busy)).message;
  CHECK(ack.method() == Method::kAck);
  CHECK(ack.to().tag == "t");
  CHECK(ack.top_via().branch == "z9hG4bKx");
}

TEST_CASE("A response copies what it must and fills received and rport") {
  const Message invite =
      Parse(
          "INVITE sip:a@b SIP/2.0\r\nv: SIP/2.0/UDP "
          "10.0.0.1:5062;rport;branch=z9hG4bK1;received=6.6.6.6,"
          " SIP/2.0/UDP old\r\nf: <sip:a@b>;tag=f\r\nt: <sip:c@d>\r\ni: id\r\nCSeq: 1 INVITE\r\n"
          "Record-Route: <sip:p;lr>\r\n\r\n")
          .message;
  REQUIRE(invite.is_set());
  OutResponse ok{.code = 200, .to_tag = "t", .contact = "<sip:z>"};
  const std::string text = Serialize(ok, invite, *SocketAddress::Parse("192.0.2.7:4000"));
  CHECK(text ==
        "SIP/2.0 200 OK\r\n"
        "Via: SIP/2.0/UDP 10.0.0.1:5062;branch=z9hG4bK1;received=192.0.2.7;rport=4000, SIP/2.0/UDP "
        "old\r\n"
        "From: <sip:a@b>;tag=f\r\n"
        "To: <sip:c@d>;tag=t\r\n"
        "Call-ID: id\r\n"
        "CSeq: 1 INVITE\r\n"
        "Record-Route: <sip:p;lr>\r\n"
        "Contact: <sip:z>\r\n"
        "Content-Length: 0\r\n\r\n");
  ok.code = 100;
  CHECK(Serialize(ok, invite, {}).find("tag=t") == std::string::npos);
  ok.code = 404;
  CHECK(Serialize(ok, invite, {}).find("Record-Route") == std::string::npos);
}

TEST_CASE("No value can break out of its header") {
  OutRequest r = Invite();
  r.uri = "sip:x@y\r\nEvil: 1";
  r.from += "\r\nEvil: 1";
  r.headers.Add("X-A", std::string("v\r\nEvil: 1\0z", 12)).Add("Bad Name\r\nEvil", "1");
  r.contact = "<sip:a>\nEvil: 1";
  r.content_type = "application/sdp\r\nEvil: 1";
  const std::string text = Serialize(r, "SIP/2.0/UDP h\r\nEvil: 1");
  CHECK(text.find("\nEvil") == std::string::npos);
  CHECK(text.find('\0') == std::string::npos);
  CHECK(FormatAddress("a\r\nb", "sip:a>\r\nEvil: 1<", "t") == "\"a  b\" <sip:aEvil:1>;tag=t");
}

TEST_CASE("Branches and tags are random, long and legal") {
  const RandomSource random = SeededRandom(1);
  const std::string a = MakeBranch(random), b = MakeBranch(random);
  CHECK(a.substr(0, 7) == "z9hG4bK");
  CHECK(a.size() == 29);
  CHECK(a != b);
  CHECK(MakeTag(random).size() == 10);
}

}  // namespace
}  // namespace zvon::sip
