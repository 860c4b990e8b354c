#pragma once
// Builders and a small driver for tests of the transaction layer.

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "services/signaling/sip/parse.h"
#include "services/signaling/transaction/transaction_layer.h"

namespace zvon::sip {

inline const Flow kUdpPeer{Protocol::kUdp, *SocketAddress::Parse("192.0.2.7:5062")};
inline const Flow kTcpPeer{Protocol::kTcp, *SocketAddress::Parse("192.0.2.7:40000"), 0, 3};

inline Message ReadMessage(const std::string& text) {
  const ParseResult parsed = Parse(text);
  INFO(text << "\n" << parsed.reason);
  REQUIRE(parsed.code == 0);
  return parsed.message;
}

struct RequestText {
  std::string method = "INVITE";
  std::string branch = "z9hG4bKb1";
  std::string to_tag;
  int cseq = 1;
  std::string cseq_method;
  std::string via_params = ";rport";

  Message Read() const {
    return ReadMessage(method + " sip:1000@zvon SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1:5062;branch=" +
                       branch + via_params + "\r\nFrom: <sip:a@b>;tag=f\r\nTo: <sip:1000@zvon>" +
                       (to_tag.empty() ? "" : ";tag=" + to_tag) + "\r\nCall-ID: c1\r\nCSeq: " +
                       std::to_string(cseq) + " " + (cseq_method.empty() ? method : cseq_method) +
                       "\r\nMax-Forwards: 70\r\n\r\n");
  }
};

// A layer with its time; effects are kept until taken.
struct LayerDriver {
  explicit LayerDriver(TransactionLayer::Options options = {}) : layer(options, SeededRandom(7)) {}
  void Receive(const Message& m, const Flow& flow = kUdpPeer) {
    layer.Receive(m, flow, now, effects);
  }
  void Respond(ServerId id, const OutResponse& r) { layer.Respond(id, r, now, effects); }
  // Time goes on from wake-up to wake-up.
  void Advance(absl::Duration by) {
    const absl::Time end = now + by;
    while (layer.NextWakeup() <= end) {
      now = std::max(now, layer.NextWakeup());
      layer.Tick(now, effects);
    }
    now = end;
  }
  template <class T>
  std::vector<T> Take() {
    std::vector<T> out;
    Effects rest;
    for (Effect& e : effects) {
      if (auto* t = std::get_if<T>(&e)) {
        out.push_back(std::move(*t));
      } else {
        rest.push_back(std::move(e));
      }
    }
    effects = std::move(rest);
    return out;
  }
  // Status codes (or methods) of what was sent since the last call.
  std::vector<std::string> TakeSent() {
    std::vector<std::string> out;
    for (const SendBytes& s : Take<SendBytes>()) {
      const Message m = ReadMessage(s.bytes);
      out.push_back(m.is_request() ? std::string(m.method_name()) : std::to_string(m.status()));
    }
    return out;
  }
  ServerId Arrive(const Message& m, const Flow& flow = kUdpPeer) {
    Receive(m, flow);
    const auto arrived = Take<RequestArrived>();
    REQUIRE(arrived.size() == 1);
    return arrived[0].id;
  }

  TransactionLayer layer;
  absl::Time now = absl::FromUnixSeconds(1'000'000);
  Effects effects;
};

using Sent = std::vector<std::string>;

}  // namespace zvon::sip
