#include <benchmark/benchmark.h>

#include "services/signaling/sip/builder.h"
#include "services/signaling/sip/parse.h"

namespace zvon::sip {
namespace {

constexpr std::string_view kInvite =
    "INVITE sip:1000@192.0.2.1:5060 SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 192.0.2.7:5062;branch=z9hG4bK-524287-1---7a2d;rport\r\n"
    "Max-Forwards: 70\r\n"
    "Contact: <sip:anna@192.0.2.7:5062>\r\n"
    "To: <sip:1000@192.0.2.1>\r\n"
    "From: \"Anna\" <sip:anna@192.0.2.1>;tag=7c3f\r\n"
    "Call-ID: 78723b7cfe@192.0.2.7\r\n"
    "CSeq: 1 INVITE\r\n"
    "Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, NOTIFY, INFO, UPDATE, PRACK\r\n"
    "Supported: 100rel, timer, replaces\r\n"
    "User-Agent: bench\r\n"
    "Content-Type: application/sdp\r\n"
    "Content-Length: 130\r\n\r\n"
    "v=0\r\no=- 1 1 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\nm=audio 4000 RTP/AVP "
    "8 0 101\r\n"
    "a=rtpmap:101 telephone-event/8000\r\n";

void ParseInvite(benchmark::State& state) {
  const std::string text(kInvite);
  for (auto _ : state) benchmark::DoNotOptimize(Parse(text));
}
BENCHMARK(ParseInvite);

void BuildResponse(benchmark::State& state) {
  const Message invite = Parse(kInvite).message;
  const OutResponse ok{.code = 200,
                       .to_tag = "abcdef",
                       .contact = "<sip:zvon@192.0.2.1>",
                       .content_type = "application/sdp",
                       .body = std::string(130, 'v')};
  const SocketAddress source = SocketAddress::V4(0xc0000207, 5062);
  for (auto _ : state) benchmark::DoNotOptimize(Serialize(ok, invite, source));
}
BENCHMARK(BuildResponse);

}  // namespace
}  // namespace zvon::sip

BENCHMARK_MAIN();
