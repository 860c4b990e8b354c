// Two layers joined by a network that loses, doubles and reorders, from many
// seeds: what the RFCs promise must hold in every one.

#include <functional>
#include <map>

#include "services/signaling/transaction/transaction_testing.h"

namespace zvon::sip {
namespace {

struct Network {
  double loss = 0, duplicate = 0;
  absl::Duration delay_max;
};

class Simulation {
 public:
  Simulation(uint64_t seed, Network network)
      : network_(network),
        random_(SeededRandom(seed)),
        client_(Options(), SeededRandom(seed + 1)),
        server_(Options(), SeededRandom(seed + 2)) {}

  void Run(int requests) {
    for (int i = 0; i < requests; ++i) StartAt(now_ + Delay(absl::Seconds(10)), i);
    while (!events_.empty() || Wakeup() < absl::InfiniteFuture()) Step();
  }

  struct Call {
    bool invite = false, cancelled = false;
    int arrived = 0, finals = 0, acks = 0, missing = 0, code = 0;
    bool accepted = false, answered = false;
  };
  std::map<std::string, Call> calls;
  int delivered = 0;
  size_t left() const { return client_.client_count() + server_.server_count(); }

 private:
  static TransactionLayer::Options Options() { return {}; }
  absl::Time Wakeup() const { return std::min(client_.NextWakeup(), server_.NextWakeup()); }
  absl::Duration Delay(absl::Duration max) {
    return absl::Nanoseconds(static_cast<int64_t>(random_() % absl::ToInt64Nanoseconds(max)));
  }
  bool Chance(double p) { return static_cast<double>(random_() % 1'000'000) < p * 1e6; }
  void At(absl::Time when, std::function<void()> what) { events_.emplace(when, std::move(what)); }

  void Step() {
    const absl::Time next_event = events_.empty() ? absl::InfiniteFuture() : events_.begin()->first;
    now_ = std::max(now_, std::min(next_event, Wakeup()));
    if (next_event <= now_) {
      const auto event = std::move(events_.begin()->second);
      events_.erase(events_.begin());
      event();
    }
    Effects effects;
    client_.Tick(now_, effects);
    server_.Tick(now_, effects);
    Perform(effects);
  }

  void StartAt(absl::Time when, int number) {
    At(when, [this, number] {
      OutRequest r;
      const bool invite = number % 3 != 0;
      r.method = invite ? "INVITE" : "OPTIONS";
      r.uri = "sip:101@b";
      r.call_id = "call" + std::to_string(number);
      r.from = "<sip:a@a>;tag=f" + std::to_string(number);
      r.to = "<sip:b@b>";
      calls[r.call_id].invite = invite;
      Effects effects;
      const ClientId id = client_.Request(r, kUdpPeer, "a:5060", now_, effects);
      requests_[id] = r;
      Perform(effects);
      if (!invite || !Chance(0.2)) return;
      At(now_ + Delay(absl::Seconds(5)), [this, id, call_id = r.call_id] {
        calls[call_id].cancelled = true;
        Effects cancel;
        client_.Cancel(id, now_, cancel);
        Perform(cancel);
      });
    });
  }

  void Deliver(const std::string& bytes) {
    const int copies = Chance(network_.loss) ? 0 : Chance(network_.duplicate) ? 2 : 1;
    for (int i = 0; i < copies; ++i) {
      At(now_ + Delay(network_.delay_max), [this, bytes] {
        ++delivered;
        const Message m = ReadMessage(bytes);
        Effects effects;
        (m.is_request() ? server_ : client_).Receive(m, kUdpPeer, now_, effects);
        Perform(effects);
      });
    }
  }

  void Perform(Effects& effects) {
    for (const Effect& effect : effects) {
      std::visit([this](const auto& e) { On(e); }, effect);
    }
  }

  void On(const SendBytes& e) { Deliver(e.bytes); }
  void On(const RequestArrived& e) {
    Call& call = calls[std::string(e.request.call_id())];
    ++call.arrived;
    call_of_[e.id] = e.request.call_id();
    const int final_code = Chance(0.3) ? 486 : 200;
    if (call.invite) RespondAt(e.id, Delay(absl::Seconds(1)), 180);
    RespondAt(e.id, Delay(absl::Seconds(8)), final_code);
  }
  void RespondAt(ServerId id, absl::Duration delay, int code) {
    At(now_ + delay, [this, id, code] {
      if (!server_.ServerIsOpen(id)) return;
      Call& call = calls[call_of_[id]];
      if (code >= 200) call.answered = true;
      if (code == 200 && call.invite) call.accepted = true;
      Effects effects;
      server_.Respond(id, {.code = code, .to_tag = "t" + std::to_string(id)}, now_, effects);
      Perform(effects);
    });
  }
  void On(const CancelArrived& e) {
    CHECK(server_.ServerIsOpen(e.invite));
    calls[call_of_[e.invite]].answered = true;
    Effects effects;
    server_.Respond(e.invite, {.code = 487}, now_, effects);
    Perform(effects);
  }
  void On(const AckArrived& e) {
    if (e.invite) ++calls[call_of_[e.invite]].acks;
  }
  void On(const AckMissing& e) { ++calls[call_of_[e.invite]].missing; }
  void On(const ServerEnded&) {}
  void On(const ResponseArrived& e) {
    if (e.response.status() < 200) return;
    Call& call = calls[std::string(e.response.call_id())];
    ++call.finals;
    call.code = e.response.status();
    if (!call.invite || call.code != 200) return;
    OutRequest ack = requests_[e.id];
    ack.method = "ACK";
    ack.to = e.response.to().raw;
    Effects effects;
    client_.Ack(e.id, ack, kUdpPeer, "a:5060", now_, effects);
    Perform(effects);
  }
  void On(const ClientFailed& e) {
    Call& call = calls[requests_[e.id].call_id];
    ++call.finals;
    call.code = 408;
  }
  void On(const ClientEnded&) {}

  Network network_;
  RandomSource random_;
  TransactionLayer client_, server_;
  absl::Time now_ = absl::FromUnixSeconds(1'000'000);
  std::multimap<absl::Time, std::function<void()>> events_;
  std::map<ClientId, OutRequest> requests_;
  std::map<ServerId, std::string> call_of_;
};

void CheckPromises(Simulation& s) {
  for (const auto& [name, call] : s.calls) {
    INFO(name << " code " << call.code);
    CHECK(call.finals == 1);   // Invariant 10: exactly one final outcome.
    CHECK(call.arrived <= 1);  // No retransmission reaches the user.
    CHECK(call.acks + call.missing == (call.accepted ? 1 : 0));
    if (call.code != 408) CHECK(call.answered);
  }
  CHECK(s.left() == 0);  // Nothing is left in memory.
}

TEST_CASE("Every request ends exactly once on a bad network") {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    Simulation s(seed, {.loss = 0.02 * static_cast<double>(seed % 20),
                        .duplicate = 0.1,
                        .delay_max = absl::Milliseconds(1 + 13 * (seed % 40))});
    INFO("seed " << seed);
    s.Run(40);
    CheckPromises(s);
  }
}

TEST_CASE("On a good network nothing fails and nothing is repeated") {
  Simulation s(99, {.delay_max = absl::Milliseconds(20)});
  s.Run(300);
  CheckPromises(s);
  for (const auto& [name, call] : s.calls) {
    INFO(name);
    CHECK(call.code != 408);
    CHECK(call.missing == 0);
  }
}

TEST_CASE("With nobody there every request times out") {
  Simulation s(5, {.loss = 1.0, .delay_max = absl::Milliseconds(5)});
  s.Run(20);
  CheckPromises(s);
  for (const auto& [name, call] : s.calls) CHECK(call.code == 408);
}

}  // namespace
}  // namespace zvon::sip
