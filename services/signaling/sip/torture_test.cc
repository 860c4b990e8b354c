// The 49 messages of RFC 4475, each with what the RFC says about it.

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "services/signaling/sip/parse.h"
#include "services/signaling/sip/validate.h"

namespace zvon::sip {
namespace {

constexpr int kDrop = -1;

struct Torture {
  const char* file;
  int code;  // 0: valid and accepted; kDrop; else the answer.
  const char* about;
};

constexpr Torture kMessages[] = {
    // 3.1.1 Valid messages
    {"wsinv", 0, "a short tortuous INVITE"},
    {"intmeth", 501, "wide range of valid characters; a method that we do not have"},
    {"esc01", 0, "valid use of the % escaping mechanism"},
    {"escnull", 0, "escaped nulls in URIs"},
    {"esc02", 501, "use of % when it is not an escape: RE%47IST%45R is no REGISTER"},
    {"lwsdisp", 0, "no LWS between display name and <"},
    {"longreq", 0, "long values in header fields"},
    {"dblreq", 0, "extra trailing octets in a UDP datagram"},
    {"semiuri", 0, "semicolon-separated parameters in URI user part"},
    {"transports", 0, "varied and unknown transport types"},
    {"mpart01", 0, "multipart MIME message"},
    {"unreason", 0, "unusual reason phrase"},
    {"noreason", 0, "empty reason phrase"},
    // 3.1.2 Invalid messages
    {"badinv01", 400, "extraneous header field separators"},
    {"clerr", 400, "content length larger than message"},
    {"ncl", 400, "negative content length"},
    {"scalar02", 400, "request scalar fields with overlarge values"},
    {"scalarlg", kDrop, "response scalar fields with overlarge values"},
    {"quotbal", 400, "unterminated quoted string in display name"},
    {"ltgtruri", 400, "<> enclosing Request-URI"},
    {"lwsruri", 400, "malformed SIP Request-URI (embedded LWS)"},
    {"lwsstart", 400, "multiple SP separating Request-Line elements"},
    {"trws", 400, "SP characters at end of Request-Line"},
    {"escruri", 400, "escaped headers in SIP Request-URI"},
    {"baddate", 0, "invalid time zone in Date: may be ignored, is ignored"},
    {"regbadct", 400, "failure to enclose name-addr URI in <>"},
    {"badaspec", 400, "spaces within addr-spec"},
    {"baddn", 400, "non-token characters in display name"},
    {"badvers", 505, "unknown protocol version"},
    {"mismatch01", 400, "start line and CSeq method mismatch"},
    {"mismatch02", 501, "unknown method with CSeq method mismatch"},
    {"bigcode", kDrop, "overlarge response code"},
    // 3.2 Transaction layer semantics
    {"badbranch", 0, "missing transaction identifier: matched the RFC 2543 way"},
    // 3.3 Application-layer semantics
    {"insuf", 400, "missing required header fields"},
    {"unkscm", 416, "Request-URI with unknown scheme"},
    {"novelsc", 416, "Request-URI with known but atypical scheme"},
    {"unksm2", 0, "unknown URI schemes in header fields: the registrar's business"},
    {"bext01", 420, "Proxy-Require and Require"},
    {"invut", 415, "unknown Content-Type"},
    {"regaut01", 0, "unknown authorization scheme: the registrar challenges"},
    {"multi01", 400, "multiple values in single value required fields"},
    {"mcl01", 400, "multiple Content-Length values"},
    {"bcast", 0, "200 OK response with broadcast Via: matches no transaction"},
    {"zeromf", 0, "Max-Forwards of zero: an OPTIONS for ourselves is answered"},
    {"cparam01", 0, "REGISTER with a Contact header parameter"},
    {"cparam02", 0, "REGISTER with a URL parameter"},
    {"regescrt", 0, "REGISTER with a URL escaped header"},
    {"sdp01", 0, "unacceptable Accept offering: the call layer answers 406"},
    // 3.4 Backward compatibility
    {"inv2543", 0, "INVITE with RFC 2543 syntax"},
};

std::string ReadMessage(const std::string& name) {
  std::ifstream in(std::string(ZVON_TEST_DATA) + "/rfc4475/" + name + ".dat", std::ios::binary);
  REQUIRE(in);
  return {std::istreambuf_iterator<char>(in), {}};
}

int Verdict(const std::string& bytes, std::string& reason) {
  ServerCapabilities able;
  able.methods = {Method::kInvite, Method::kOptions, Method::kRegister, Method::kMessage};
  const ParseResult parsed = Parse(bytes);
  reason = parsed.reason;
  if (parsed.drop()) return kDrop;
  if (parsed.code != 0 || parsed.message.is_response()) return parsed.code;
  return CheckRequest(parsed.message, able).code;
}

TEST_CASE("RFC 4475: every message gets what the RFC says") {
  std::set<std::string> known = {"test"};
  for (const Torture& t : kMessages) {
    known.insert(t.file);
    DYNAMIC_SECTION(t.file << ": " << t.about) {
      std::string reason;
      CHECK(Verdict(ReadMessage(t.file), reason) == t.code);
      INFO(reason);
    }
  }
  CHECK(std::size(kMessages) == 49);
  for (const auto& entry : std::filesystem::directory_iterator(ZVON_TEST_DATA "/rfc4475")) {
    if (entry.path().extension() == ".dat") CHECK(known.count(entry.path().stem()) == 1);
  }
}

TEST_CASE("RFC 4475: values are read as the RFC explains them") {
  const Message wsinv = Parse(ReadMessage("wsinv")).message;
  REQUIRE(wsinv.is_set());
  CHECK(wsinv.to().tag == "1918181833n");
  CHECK(wsinv.max_forwards() == 68u);
  CHECK(wsinv.cseq().number == 9);
  CHECK(wsinv.vias().size() == 3);
  CHECK(wsinv.call_id() == "wsinv.ndaksdj@192.0.2.1");
  const Message cparam = Parse(ReadMessage("cparam01")).message;
  REQUIRE(cparam.is_set());
  CHECK(cparam.contacts()[0].params.Has("unknownparam"));
  CHECK_FALSE(cparam.contacts()[0].uri.HasParam("unknownparam"));
  const Message cparam2 = Parse(ReadMessage("cparam02")).message;
  REQUIRE(cparam2.is_set());
  CHECK(cparam2.contacts()[0].uri.HasParam("unknownparam"));
  const Message doubled = Parse(ReadMessage("dblreq")).message;
  REQUIRE(doubled.is_set());
  CHECK(doubled.body().empty());
}

TEST_CASE("RFC 4475: a message cut anywhere neither crashes nor passes as complete") {
  for (const Torture& t : kMessages) {
    const std::string bytes = ReadMessage(t.file);
    const size_t head = bytes.find("\r\n\r\n");
    for (size_t size = 0; size < std::min(bytes.size(), head + 4); size += 7) {
      CHECK(Parse(std::string_view(bytes).substr(0, size)).code != 0);
    }
  }
}

}  // namespace
}  // namespace zvon::sip
