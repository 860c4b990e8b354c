// A tape of operations on a transaction layer. After each: no effect names an
// id that has ended, no request fails twice. At the end of time nothing is left.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "services/signaling/sip/parse.h"
#include "services/signaling/transaction/transaction_layer.h"

using namespace zvon::sip;  // NOLINT

namespace {

void Require(bool condition) {
  if (!condition) std::abort();
}

class Tape {
 public:
  Tape(const uint8_t* data, size_t size) : data_(data), size_(size) {}
  bool done() const { return at_ >= size_; }
  unsigned Next(unsigned below) { return done() ? 0 : data_[at_++] % below; }

 private:
  const uint8_t* data_;
  size_t size_, at_ = 0;
};

class Machine {
 public:
  Machine() : layer_(Options(), zvon::SeededRandom(1)) {}

  void Run(Tape tape) {
    while (!tape.done()) {
      Step(tape);
      Watch();
    }
    now_ += absl::Minutes(10);
    for (int i = 0; i < 100'000 && layer_.NextWakeup() <= now_; ++i) {
      layer_.Tick(now_, effects_);
      Watch();
      now_ += absl::Minutes(10);
    }
    Require(layer_.client_count() == 0);
    // An INVITE that its user leaves open stays open.
    for (ServerId id : open_invites_) layer_.Respond(id, {.code = 500}, now_, effects_);
    Watch();
    for (int i = 0; i < 100'000 && layer_.NextWakeup() < absl::InfiniteFuture(); ++i) {
      now_ = std::max(now_, layer_.NextWakeup());
      layer_.Tick(now_, effects_);
      Watch();
    }
    Require(layer_.server_count() == 0);
  }

 private:
  static TransactionLayer::Options Options() {
    TransactionLayer::Options options;
    options.server_max = 20;
    options.client_max = 20;
    return options;
  }

  void Step(Tape& tape) {
    static const int kCodes[] = {100, 180, 183, 200, 202, 302, 404, 486, 503, 603};
    const Flow flow{tape.Next(2) ? Protocol::kTcp : Protocol::kUdp, SocketAddress::V4(1, 5060), 0,
                    tape.Next(2)};
    switch (tape.Next(8)) {
      case 0: {
        static const char* kMethods[] = {"INVITE", "ACK", "CANCEL", "BYE", "OPTIONS"};
        const std::string method = kMethods[tape.Next(5)];
        const std::string n = std::to_string(tape.Next(6));
        const std::string branch =
            tape.Next(4) ? ";branch=z9hG4bK" + std::to_string(tape.Next(6)) : "";
        Receive("" + method + " sip:a SIP/2.0\r\nVia: SIP/2.0/UDP h" + branch +
                    "\r\nFrom: <sip:a@b>;tag=" + n + "\r\nTo: <sip:c@d>" +
                    (tape.Next(2) ? ";tag=t" : "") + "\r\nCall-ID: c\r\nCSeq: 1 " + method +
                    "\r\n\r\n",
                flow);
        break;
      }
      case 1:
        layer_.Respond(1 + tape.Next(40), {.code = kCodes[tape.Next(10)]}, now_, effects_);
        break;
      case 2: {
        OutRequest r;
        r.method = tape.Next(2) ? "INVITE" : "OPTIONS";
        r.uri = "sip:a";
        r.from = "<sip:a>;tag=1";
        r.to = "<sip:b>";
        r.call_id = "o";
        layer_.Request(r, flow, "h:1", now_, effects_);
        break;
      }
      case 3:
        if (!sent_.empty()) {  // Some request of ours is answered.
          const Message request = sent_[tape.Next(static_cast<unsigned>(sent_.size()))];
          Receive(Serialize(OutResponse{.code = kCodes[tape.Next(10)],
                                        .to_tag = std::to_string(tape.Next(3))},
                            request, {}),
                  flow);
        }
        break;
      case 4:
        layer_.Cancel(1 + tape.Next(40), now_, effects_);
        break;
      case 5: {
        OutRequest ack;
        ack.method = "ACK";
        ack.to = "<sip:b>;tag=" + std::to_string(tape.Next(3));
        layer_.Ack(1 + tape.Next(40), ack, flow, "h:1", now_, effects_);
        break;
      }
      case 6:
        now_ += absl::Milliseconds(1) * (1 << tape.Next(16));
        layer_.Tick(now_, effects_);
        break;
      case 7: {
        if (tape.Next(2)) layer_.SendFailed(1 + tape.Next(40), 1 + tape.Next(40), now_, effects_);
        const std::string snapshot = layer_.Snapshot(1 + tape.Next(40));
        const auto raw = TransactionLayer::SnapshotRequest(snapshot);
        if (!raw.ok()) break;
        Require(layer_.Restore(snapshot, Parse(*raw).message, now_, effects_).ok());
        break;
      }
    }
  }

  void Receive(const std::string& bytes, const Flow& flow) {
    const ParseResult parsed = Parse(bytes);
    if (parsed.code == 0) layer_.Receive(parsed.message, flow, now_, effects_);
  }

  void Watch() {
    for (const Effect& effect : effects_) {
      std::visit([this](const auto& e) { On(e); }, effect);
    }
    effects_.clear();
  }
  void On(const SendBytes& e) {
    const ParseResult parsed = Parse(e.bytes);
    if (parsed.drop() || !parsed.message.is_request() || parsed.message.method() == Method::kAck)
      return;
    if (sent_.size() < 64) sent_.push_back(parsed.message);
  }
  void On(const RequestArrived& e) {
    Require(layer_.ServerRequest(e.id) != nullptr);
    if (e.request.method() == Method::kInvite) open_invites_.push_back(e.id);
  }
  void On(const CancelArrived& e) { Require(layer_.ServerIsOpen(e.invite)); }
  void On(const AckArrived& e) { Require(e.ack.method() == Method::kAck); }
  void On(const AckMissing&) {}
  void On(const ServerEnded& e) { Require(!layer_.ServerIsOpen(e.id)); }
  void On(const ResponseArrived& e) {
    Require(!ended_[e.id]);
    if (e.response.status() >= 300) Require(!std::exchange(final_[e.id], true));
  }
  void On(const ClientFailed& e) { Require(!std::exchange(final_[e.id], true)); }
  void On(const ClientEnded& e) { Require(!std::exchange(ended_[e.id], true)); }

  TransactionLayer layer_;
  absl::Time now_ = absl::FromUnixSeconds(1'000'000);
  Effects effects_;
  std::vector<Message> sent_;
  std::vector<ServerId> open_invites_;
  std::map<ClientId, bool> final_, ended_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > 2000) return 0;
  Machine().Run({data, size});
  return 0;
}
