#pragma once
// Two real endpoints on loopback for tests: one calls, one answers.

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "services/common/executor/loop.h"
#include "services/common/time/clock.h"
#include "services/signaling/sip/parse.h"
#include "services/signaling/transaction/sip_endpoint.h"

namespace zvon::sip {

// Waits for a condition with a deadline; never sleeps to hide a race.
class Waiter {
 public:
  template <class Change>
  void Update(Change change) {
    std::lock_guard lock(mutex_);
    change();
    changed_.notify_all();
  }
  template <class Condition>
  bool Until(Condition condition, std::chrono::seconds limit = std::chrono::seconds(10)) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, limit, condition);
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
};

// Answers by a function per request and writes down what happened.
class ScriptedHandler : public EndpointHandler {
 public:
  std::function<void(ServerId, const Message&, const Flow&)> on_request;
  std::function<bool(const Message&)> on_unknown_cancel;
  Waiter waiter;
  std::vector<std::string> log;

  void Note(const std::string& text) {
    waiter.Update([&] { log.push_back(text); });
  }
  bool Saw(const std::string& text, std::chrono::seconds limit = std::chrono::seconds(10)) {
    return waiter.Until([&] { return std::find(log.begin(), log.end(), text) != log.end(); },
                        limit);
  }
  void OnRequest(ServerId id, const Message& request, const Flow& flow) override {
    if (on_request) on_request(id, request, flow);
    Note(std::string(request.method_name()));
  }
  void OnCancel(ServerId invite, const Message&) override {
    if (on_cancel) on_cancel(invite);
    Note("CANCEL");
  }
  void OnAck(ServerId invite, const Message&, const Flow&) override {
    Note(invite ? "ACK" : "stray ACK");
  }
  void OnAckMissing(ServerId) override { Note("ACK missing"); }
  void OnFlowClosed(const Flow&) override { Note("closed"); }
  bool OnUnknownCancel(const Message& cancel, const Flow&) override {
    return on_unknown_cancel && on_unknown_cancel(cancel);
  }
  std::function<void(ServerId)> on_cancel;
};

inline ServerCapabilities TestCapabilities() {
  ServerCapabilities able;
  able.methods = {Method::kInvite, Method::kAck,     Method::kBye,
                  Method::kCancel, Method::kOptions, Method::kRegister};
  able.option_tags = {"timer"};
  return able;
}

// An endpoint on its own loop thread.
struct Peer {
  explicit Peer(SipEndpoint::Options options) {
    if (options.capabilities.methods.empty()) options.capabilities = TestCapabilities();
    endpoint = std::make_unique<SipEndpoint>(options, loop, SystemRandom(), handler, *resolver);
    loop.Start();
    absl::Status status;
    loop.PostAndWait([&] { status = endpoint->Start(); });
    INFO(status.ToString());
    REQUIRE(status.ok());
  }
  explicit Peer(std::vector<Protocol> protocols = {Protocol::kUdp, Protocol::kTcp})
      : Peer(OptionsFor(protocols)) {}
  ~Peer() {
    loop.PostAndWait([this] { endpoint->Stop(); });
    loop.Stop();
  }
  static SipEndpoint::Options OptionsFor(const std::vector<Protocol>& protocols) {
    SipEndpoint::Options options;
    for (Protocol p : protocols)
      options.listen.push_back({p, *SocketAddress::Parse("127.0.0.1:0"), "", 0});
    options.admission.source_rate = 0;
    return options;
  }
  SocketAddress Address(size_t listener = 0) const { return endpoint->LocalAddress(listener); }
  std::string Uri(size_t listener = 0, const std::string& params = "") const {
    return "sip:1000@" + Address(listener).ToString() + params;
  }
  EndpointStats Stats() {
    EndpointStats stats;
    loop.PostAndWait([&] { stats = endpoint->Stats(); });
    return stats;
  }

  SteadyClock clock;
  Loop loop{{}, clock};
  ScriptedHandler handler;
  NumericResolver numeric;
  Resolver* resolver = &numeric;
  std::unique_ptr<SipEndpoint> endpoint;
};

inline OutRequest TestRequest(std::string_view method, const std::string& uri,
                              const std::string& call_id) {
  OutRequest r;
  r.method = method;
  r.uri = uri;
  r.from = "<sip:anna@example.com>;tag=f";
  r.to = "<" + uri + ">";
  r.call_id = call_id;
  return r;
}

}  // namespace zvon::sip
