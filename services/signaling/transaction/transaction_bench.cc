// What one call costs below the call layer: parsing, transactions, text. No
// sockets; bytes go from one layer to the other.

#include <benchmark/benchmark.h>

#include "services/signaling/sip/parse.h"
#include "services/signaling/transaction/transaction_layer.h"

namespace zvon::sip {
namespace {

constexpr std::string_view kSdp =
    "v=0\r\no=- 1 1 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\nm=audio 4000 RTP/AVP "
    "8 0 101\r\n"
    "a=rtpmap:101 telephone-event/8000\r\n";
const Flow kFlow{Protocol::kUdp, *SocketAddress::Parse("192.0.2.7:5060")};

// A caller and a callee joined without a network.
class Pair {
 public:
  Pair() : caller_({}, SeededRandom(1)), callee_({}, SeededRandom(2)) {}

  // INVITE, 100, 180, 200, ACK, BYE, 200: both ends.
  void Call() {
    OutRequest invite;
    invite.method = "INVITE";
    invite.uri = "sip:1000@192.0.2.1";
    invite.from = "\"Anna\" <sip:anna@192.0.2.7>;tag=abcdef";
    invite.to = "<sip:1000@192.0.2.1>";
    invite.call_id = "bench" + std::to_string(++calls_);
    invite.contact = "<sip:anna@192.0.2.7:5062>";
    invite.headers.Add("Supported", "100rel, timer, replaces");
    invite.content_type = "application/sdp";
    invite.body = kSdp;
    Effects effects;
    const ClientId id = caller_.Request(invite, kFlow, "192.0.2.7:5060", now_, effects);
    Deliver(effects, callee_);
    for (int code : {100, 180, 200}) {
      callee_.Respond(server_,
                      {.code = code,
                       .to_tag = "callee",
                       .contact = "<sip:zvon@192.0.2.1>",
                       .content_type = "application/sdp",
                       .body = std::string(code == 200 ? kSdp : "")},
                      now_, effects);
      Deliver(effects, caller_);
    }
    OutRequest ack = invite;
    ack.method = "ACK";
    ack.to += ";tag=callee";
    ack.body.clear();
    caller_.Ack(id, ack, kFlow, "192.0.2.7:5060", now_, effects);
    Deliver(effects, callee_);
    OutRequest bye = ack;
    bye.method = "BYE";
    ++bye.cseq;
    caller_.Request(bye, kFlow, "192.0.2.7:5060", now_, effects);
    Deliver(effects, callee_);
    callee_.Respond(server_, {.code = 200}, now_, effects);
    Deliver(effects, caller_);
    now_ += absl::Milliseconds(1);
    caller_.Tick(now_, effects);
    callee_.Tick(now_, effects);
    effects.clear();
  }

 private:
  void Deliver(Effects& effects, TransactionLayer& to) {
    Effects out;
    for (const Effect& effect : effects) {
      if (const auto* send = std::get_if<SendBytes>(&effect)) {
        to.Receive(Parse(send->bytes).message, kFlow, now_, out);
      }
    }
    for (const Effect& effect : out) {
      if (const auto* arrived = std::get_if<RequestArrived>(&effect)) server_ = arrived->id;
    }
    effects.clear();
  }

  TransactionLayer caller_, callee_;
  ServerId server_ = 0;
  absl::Time now_ = absl::FromUnixSeconds(1'000'000);
  uint64_t calls_ = 0;
};

void WholeCallBothEnds(benchmark::State& state) {
  Pair pair;
  for (auto _ : state) pair.Call();
  state.SetLabel("7 messages, each built and parsed once");
}
BENCHMARK(WholeCallBothEnds)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace zvon::sip

BENCHMARK_MAIN();
