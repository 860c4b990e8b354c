// A worker on real sockets.

#include "services/media/server/media_worker.h"

#include <catch2/catch.hpp>
#include <condition_variable>
#include <mutex>

#include "services/media/adapters/spandsp_detector.h"
#include "services/media/adapters/udp_ports.h"
#include "services/media/server/test_phone.h"

namespace zvon::media {
namespace {

class TonePrompts final : public PromptSource {
 public:
  absl::StatusOr<PromptPtr> Find(const std::string& name) const override {
    auto prompt = std::make_shared<Prompt>();
    ToneGenerator tone(600, 8000, 0.3);
    for (int i = 0; i < 8000; ++i) {
      const int16_t sample = tone.Next();
      prompt->a_law.push_back(LinearToALaw(sample));
      prompt->mu_law.push_back(LinearToMuLaw(sample));
    }
    return PromptPtr(prompt);
  }
};

class WorkerRig {
 public:
  explicit WorkerRig(int port_min = 40000, int port_max = 41999)
      : worker({0, 1, *ParseSocketAddress("127.0.0.1", 0), port_min, port_max, {}}, clock_,
               SystemRandom(), prompts_, MakeSpandspDetector,
               {[this](std::vector<Event> events) {
                  std::lock_guard lock(mutex_);
                  for (Event& event : events) events_.push_back(std::move(event));
                },
                [this](std::vector<RecordingOp> ops) {
                  std::lock_guard lock(mutex_);
                  for (RecordingOp& op : ops) ops_.push_back(std::move(op));
                }}) {
    REQUIRE(worker.Start().ok());
  }
  template <class Body>
  void Do(Body body) {
    REQUIRE(worker.Post(Command{"call", std::move(body)}));
  }
  template <class Body>
  std::vector<Body> All() const {
    std::lock_guard lock(mutex_);
    std::vector<Body> found;
    for (const Event& event : events_) {
      if (const Body* body = std::get_if<Body>(&event.body)) found.push_back(*body);
    }
    return found;
  }
  std::vector<RecordingOp> ops() const {
    std::lock_guard lock(mutex_);
    return ops_;
  }
  // Gives the local port.
  int Create(const std::string& id, const TestPhone& phone, uint8_t dtmf = 101) {
    RemoteDescription remote;
    remote.address = *ParseSocketAddress("127.0.0.1", phone.port());
    remote.codec = phone.payload_type() == 8 ? Codec::kPcma : Codec::kPcmu;
    remote.payload_type = phone.payload_type();
    remote.dtmf_payload_type = dtmf;
    const size_t before = All<EndpointReady>().size();
    Do(CreateEndpoint{id, remote, 0});
    REQUIRE(WaitFor([&] { return All<EndpointReady>().size() > before; }));
    return All<EndpointReady>().back().port;
  }

 private:
  SteadyClock clock_;
  TonePrompts prompts_;
  mutable std::mutex mutex_;
  std::vector<Event> events_;     // By mutex_.
  std::vector<RecordingOp> ops_;  // By mutex_.

 public:
  MediaWorker worker;
};

}  // namespace

TEST_CASE("two bridged phones hear each other's tone and are recorded", "[worker]") {
  WorkerRig rig;
  TestPhone alice(G711Law::kALaw);
  TestPhone bob(G711Law::kMuLaw);
  const int a = rig.Create("a", alice);
  const int b = rig.Create("b", bob);
  CHECK(a % 2 == 0);
  rig.Do(Bridge{"a", "b"});
  rig.Do(StartRecording{"rec", "demo", "i", "a", "b", "agent1"});
  alice.Talk(a, 440);
  bob.Talk(b, 1000);
  REQUIRE(WaitFor([&] { return alice.heard().size() >= 100 && bob.heard().size() >= 100; }));
  CHECK(ToneShare(alice.pcm(), 1000, 8000) > 0.95);
  CHECK(ToneShare(bob.pcm(), 440, 8000) > 0.95);
  rig.Do(DeleteCall{});
  REQUIRE(WaitFor([&] { return rig.All<EndpointClosed>().size() == 2; }));
  std::vector<int16_t> left;
  std::vector<int16_t> right;
  for (const RecordingOp& op : rig.ops()) {
    for (size_t i = 0; i < op.pcm.size(); i += 2) {
      left.push_back(op.pcm[i]);
      right.push_back(op.pcm[i + 1]);
    }
  }
  // The first 200 ms may lack what came before the tones began.
  REQUIRE(left.size() > 12000);
  CHECK(ToneShare(absl::MakeConstSpan(left).subspan(1600, 8000), 440, 8000) > 0.9);
  CHECK(ToneShare(absl::MakeConstSpan(right).subspan(1600, 8000), 1000, 8000) > 0.9);
  const auto quality = rig.All<EndpointClosed>()[0].quality;
  CHECK(quality.packets_received >= 100);
  CHECK(quality.packets_lost == 0);
}

TEST_CASE("a prompt comes at its pace, whole, and its end is told on time", "[worker]") {
  WorkerRig rig;
  TestPhone phone(G711Law::kALaw);
  rig.Create("a", phone);
  const auto begin = std::chrono::steady_clock::now();
  rig.Do(Play{"a", "p", {{PlayItem::Kind::kPrompt, "ru/tone", 0, {}}}, false, false, {}});
  REQUIRE(WaitFor([&] { return !rig.All<PlayFinished>().empty(); }));
  const auto took = std::chrono::steady_clock::now() - begin;
  CHECK(took > std::chrono::milliseconds(960));
  CHECK(took < std::chrono::milliseconds(1300));
  CHECK(rig.All<PlayFinished>()[0].played == absl::Seconds(1));
  REQUIRE(WaitFor([&] { return phone.heard().size() >= 50; }));
  const auto heard = phone.heard();
  REQUIRE(heard.size() == 50);
  CHECK(ToneShare(phone.pcm(), 600, 8000) > 0.98);
  for (size_t i = 1; i < heard.size(); ++i) {
    CHECK(heard[i].header.sequence == static_cast<uint16_t>(heard[i - 1].header.sequence + 1));
    CHECK(heard[i].header.timestamp == heard[i - 1].header.timestamp + 160);
  }
}

TEST_CASE("digits cross from one endpoint to another", "[worker]") {
  // Two endpoints that are each other's remote: what one sends the other gets.
  for (const uint8_t dtmf : {uint8_t{101}, uint8_t{0}}) {
    WorkerRig rig;
    rig.Do(CreateEndpoint{"a", std::nullopt, 0});
    rig.Do(CreateEndpoint{"b", std::nullopt, 0});
    REQUIRE(WaitFor([&] { return rig.All<EndpointReady>().size() == 2; }));
    const auto ready = rig.All<EndpointReady>();
    for (int i = 0; i < 2; ++i) {
      RemoteDescription remote;
      remote.address = *ParseSocketAddress("127.0.0.1", ready[1 - i].port);
      remote.codec = Codec::kPcma;
      remote.payload_type = 8;
      remote.dtmf_payload_type = dtmf;
      rig.Do(UpdateEndpoint{ready[i].endpoint_id, remote});
    }
    // In-band detection needs a continuous stream around the tones.
    if (dtmf == 0) {
      rig.Do(SendDigits{"a", "159#159#"});
    } else {
      rig.Do(SendDigits{"a", "159#"});
    }
    const size_t expected = dtmf == 0 ? 7 : 4;
    REQUIRE(WaitFor([&] { return rig.All<DigitReceived>().size() >= expected; }));
    std::string digits;
    for (const auto& digit : rig.All<DigitReceived>()) digits += digit.digit;
    CHECK(digits.substr(0, 4) == "159#");
  }
}

TEST_CASE("ports come from the range and are all given back", "[worker]") {
  WorkerRig rig(42000, 42009);
  for (int i = 0; i < 6; ++i) rig.Do(CreateEndpoint{"e" + std::to_string(i), std::nullopt, 0});
  REQUIRE(WaitFor(
      [&] { return rig.All<EndpointReady>().size() + rig.All<CommandFailed>().size() == 6; }));
  const auto ready = rig.All<EndpointReady>();
  const auto failed = rig.All<CommandFailed>();
  CHECK(ready.size() <= 5);
  REQUIRE(failed.size() >= 1);
  CHECK(failed[0].status.code() == absl::StatusCode::kResourceExhausted);
  for (const auto& endpoint : ready) {
    CHECK(endpoint.port >= 42000);
    CHECK(endpoint.port <= 42008);
    CHECK(endpoint.port % 2 == 0);
  }
  rig.Do(DeleteCall{});
  rig.Do(CreateEndpoint{"again", std::nullopt, ready[0].port});
  REQUIRE(WaitFor([&] { return rig.All<EndpointReady>().size() == ready.size() + 1; }));
  CHECK(rig.All<EndpointReady>().back().port == ready[0].port);
}

TEST_CASE("a hundred calls on one worker keep their pace", "[worker]") {
  WorkerRig rig(43000, 43999);
  TestPhone phone(G711Law::kALaw);
  RemoteDescription remote;
  remote.address = *ParseSocketAddress("127.0.0.1", phone.port());
  remote.codec = Codec::kPcma;
  remote.payload_type = 8;
  for (int i = 0; i < 100; ++i) {
    const std::string call = "call" + std::to_string(i);
    REQUIRE(rig.worker.Post(Command{call, CreateEndpoint{"a", remote, 0}}));
    REQUIRE(rig.worker.Post(Command{
        call, Play{"a", "p", {{PlayItem::Kind::kPrompt, "ru/tone", 0, {}}}, false, false, {}}}));
  }
  REQUIRE(WaitFor([&] { return rig.All<PlayFinished>().size() == 100; }));
  // Sent, all of them: one phone's socket need not hold the bursts of a hundred.
  REQUIRE(WaitFor([&] { return rig.worker.counts().media.rtp_sent == 5000; }));
  CHECK(rig.worker.counts().send_failed == 0);
}

}  // namespace zvon::media
