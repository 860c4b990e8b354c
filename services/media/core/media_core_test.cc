#include "services/media/core/media_core.h"

#include <catch2/catch.hpp>

#include "services/common/dtmf/dtmf_event.h"
#include "services/media/core/core_rig.h"

namespace zvon::media {
namespace {

std::vector<uint8_t> EventBytes(char digit, bool end, uint16_t duration) {
  std::vector<uint8_t> bytes(kDtmfEventSize);
  WriteDtmfEvent({*EventOfDigit(digit), end, 10, duration}, absl::MakeSpan(bytes));
  return bytes;
}

// A whole press as a phone sends it, a packet a tick.
void Press(CoreRig& rig, const std::string& id, int port, char digit) {
  for (int i = 1; i <= 7; ++i) {
    rig.Receive(id, port, 101,
                EventBytes(digit, i >= 5, static_cast<uint16_t>(std::min(i, 5) * 160)), i == 1);
    rig.Tick();
  }
  rig.SkipTimestamp(id, port, 1120);
}

PlayItem Hello() { return {PlayItem::Kind::kPrompt, "ru/hello", 0, {}}; }

}  // namespace

TEST_CASE("an endpoint is told ready, again when asked again", "[core]") {
  CoreRig rig;
  rig.Create("a", 4000);
  rig.Create("a", 4000);
  const auto ready = rig.All<EndpointReady>();
  REQUIRE(ready.size() == 2);
  CHECK(ready[0].port == ready[1].port);
  CHECK(rig.core.endpoint_count() == 1);
}

TEST_CASE("a port that cannot be had fails the command and leaves nothing", "[core]") {
  CoreRig rig;
  rig.port_error = absl::ResourceExhaustedError("no free port");
  rig.Create("a", 4000);
  const auto failed = rig.All<CommandFailed>();
  REQUIRE(failed.size() == 1);
  CHECK(failed[0].command == "create_endpoint");
  CHECK(failed[0].status.code() == absl::StatusCode::kResourceExhausted);
  CHECK(rig.core.endpoint_count() == 0);
  CHECK(rig.core.CallIds().empty());
}

TEST_CASE("a prompt is sent packet by packet and its end told exactly", "[core]") {
  CoreRig rig;
  rig.Create("a", 4000);
  rig.Do(Play{"a", "p1", {Hello()}, false, false, {}});
  rig.Tick(10);
  const auto sent = rig.SentTo(4000);
  REQUIRE(sent.size() == 3);  // 400 samples.
  for (size_t i = 0; i < sent.size(); ++i) {
    const RtpPacket packet = sent[i].rtp();
    CHECK(packet.header.payload_type == 8);
    CHECK(packet.payload.size() == 160);
    CHECK(packet.payload[0] == 0x11);
    CHECK(packet.header.sequence == static_cast<uint16_t>(sent[0].rtp().header.sequence + i));
    CHECK(packet.header.timestamp == sent[0].rtp().header.timestamp + 160 * i);
  }
  CHECK(sent[2].rtp().payload[79] == 0x11);
  CHECK(sent[2].rtp().payload[80] == kSilenceALaw);
  const auto finished = rig.All<PlayFinished>();
  REQUIRE(finished.size() == 1);
  CHECK(finished[0].reason == PlayFinished::Reason::kEnd);
  CHECK(finished[0].played == absl::Milliseconds(50));
}

TEST_CASE("one play follows another without a jump on the wire", "[core]") {
  CoreRig rig;
  rig.Create("a", 4000);
  rig.Do(Play{"a", "p1", {Hello()}, false, false, {}});
  rig.Tick(3);
  rig.Do(Play{"a", "p2", {Hello()}, false, false, {}});
  rig.Tick(3);
  const auto sent = rig.SentTo(4000);
  REQUIRE(sent.size() == 6);
  CHECK(sent[5].rtp().header.timestamp == sent[0].rtp().header.timestamp + 5 * 160);
  CHECK_FALSE(sent[3].rtp().header.marker);
}

TEST_CASE("plays end as they should be told", "[core]") {
  CoreRig rig;
  rig.Create("a", 4000);
  SECTION("missing prompt") {
    rig.Do(Play{"a", "p1", {{PlayItem::Kind::kPrompt, "ru/none", 0, {}}}, false, false, {}});
    const auto finished = rig.All<PlayFinished>();
    REQUIRE(finished.size() == 1);
    CHECK(finished[0].reason == PlayFinished::Reason::kFailed);
    CHECK_THAT(finished[0].message, Catch::Contains("ru/none"));
  }
  SECTION("stopped by name, and not by another's name") {
    rig.Do(Play{"a", "p1", {Hello()}, true, false, {}});
    rig.Tick(50);
    rig.Do(StopPlay{"a", "p0"});
    CHECK(rig.All<PlayFinished>().empty());
    rig.Do(StopPlay{"a", "p1"});
    rig.Do(StopPlay{"a", "p1"});
    REQUIRE(rig.All<PlayFinished>().size() == 1);
    CHECK(rig.All<PlayFinished>()[0].reason == PlayFinished::Reason::kStopped);
    CHECK(rig.All<PlayFinished>()[0].played == absl::Seconds(1));
  }
  SECTION("replaced") {
    rig.Do(Play{"a", "p1", {Hello()}, true, false, {}});
    rig.Do(Play{"a", "p2", {Hello()}, true, false, {}});
    REQUIRE(rig.All<PlayFinished>().size() == 1);
    CHECK(rig.All<PlayFinished>()[0].play_id == "p1");
  }
  SECTION("repeated while it plays and after its end") {
    const Play play{"a", "p1", {Hello()}, false, false, {}};
    rig.Do(play);
    rig.Tick(1);
    rig.Do(play);
    rig.Tick(5);
    CHECK(rig.SentTo(4000).size() == 3);
    rig.Do(play);
    rig.Tick(5);
    CHECK(rig.SentTo(4000).size() == 3);
    CHECK(rig.All<PlayFinished>().size() == 2);
  }
  SECTION("endpoint unknown") {
    rig.Do(Play{"x", "p1", {Hello()}, false, false, {}});
    REQUIRE(rig.All<PlayFinished>().size() == 1);
    CHECK(rig.All<PlayFinished>()[0].reason == PlayFinished::Reason::kFailed);
  }
}

TEST_CASE("packet times other than 20 ms are kept", "[core]") {
  for (const int ms : {10, 30, 40, 60}) {
    CoreRig rig;
    RemoteDescription remote = CoreRig::Remote(4000);
    remote.packet_ms = ms;
    rig.Do(CreateEndpoint{"a", remote, 0});
    rig.Do(Play{
        "a", "p", {{PlayItem::Kind::kTone, "", 440, absl::Milliseconds(240)}}, false, false, {}});
    rig.Tick(20);
    const auto sent = rig.SentTo(4000);
    CAPTURE(ms);
    REQUIRE(sent.size() == static_cast<size_t>(240 / ms));
    for (const auto& packet : sent)
      CHECK(packet.rtp().payload.size() == static_cast<size_t>(ms * 8));
  }
}

TEST_CASE("two bridged legs hear each other, each by its own codec", "[core]") {
  CoreRig rig;
  rig.Create("a", 4000, Codec::kPcma);
  rig.Create("b", 5000, Codec::kPcmu);
  rig.Do(Bridge{"a", "b"});
  for (int i = 0; i < 5; ++i) {
    rig.ReceiveAudio("a", 4000, 0x11, 8);
    rig.ReceiveAudio("b", 5000, 0x33, 0);
    rig.Tick();
  }
  const auto to_a = rig.SentTo(4000);
  const auto to_b = rig.SentTo(5000);
  REQUIRE(to_a.size() == 5);
  REQUIRE(to_b.size() == 5);
  CHECK(to_b[0].rtp().header.payload_type == 0);
  CHECK(to_b[0].rtp().payload[0] == LinearToMuLaw(ALawToLinear(0x11)));
  CHECK(to_a[0].rtp().header.payload_type == 8);
  CHECK(to_a[0].rtp().payload[0] == LinearToALaw(MuLawToLinear(0x33)));
  CHECK(to_a[4].rtp().header.sequence == static_cast<uint16_t>(to_a[0].rtp().header.sequence + 4));
  CHECK(to_a[0].rtp().header.ssrc != 5000);
}

TEST_CASE("bridging stops what both played; a play pauses the bridge", "[core]") {
  CoreRig rig;
  rig.Create("a", 4000);
  rig.Create("b", 5000);
  rig.Do(Play{"a", "p1", {Hello()}, true, false, {}});
  rig.Do(Play{"b", "p2", {Hello()}, true, false, {}});
  rig.Do(Bridge{"a", "b"});
  CHECK(rig.All<PlayFinished>().size() == 2);
  rig.Do(Play{"a", "p3", {Hello()}, false, false, {}});
  rig.ReceiveAudio("b", 5000, 0x77);
  rig.Tick(4);
  rig.ReceiveAudio("b", 5000, 0x77);
  const auto sent = rig.SentTo(4000);
  REQUIRE(sent.size() == 4);
  CHECK(sent[0].rtp().payload[0] == 0x11);
  CHECK(sent[3].rtp().payload[0] == 0x77);
  CHECK(sent[3].rtp().header.sequence == static_cast<uint16_t>(sent[0].rtp().header.sequence + 3));
}

TEST_CASE("nothing is sent where there is nothing to say", "[core]") {
  CoreRig rig;
  rig.Create("a", 4000);
  rig.ReceiveAudio("a", 4000, 1);
  rig.Tick(100);
  CHECK(rig.SentTo(4000).empty());
  MediaCoreOptions options;
  options.comfort_silence = true;
  CoreRig comfortable(options);
  comfortable.Create("a", 4000);
  comfortable.Tick(100);
  CHECK(comfortable.SentTo(4000).size() == 100);
}

TEST_CASE("unbridged and echoing legs", "[core]") {
  CoreRig rig;
  rig.Create("a", 4000);
  rig.Create("b", 5000);
  rig.Do(Bridge{"a", "b"});
  rig.Do(Unbridge{"b"});
  rig.ReceiveAudio("a", 4000, 1);
  CHECK(rig.SentTo(5000).empty());
  rig.Do(Echo{"a"});
  rig.ReceiveAudio("a", 4000, 9);
  REQUIRE(rig.SentTo(4000).size() == 1);
  CHECK(rig.SentTo(4000)[0].rtp().payload[0] == 9);
  rig.Do(Unbridge{"a"});
  rig.ReceiveAudio("a", 4000, 9);
  CHECK(rig.SentTo(4000).size() == 1);
  rig.Do(Echo{"a"});
  rig.Do(StopPlay{"a", ""});
  rig.ReceiveAudio("a", 4000, 9);
  CHECK(rig.SentTo(4000).size() == 1);
}

TEST_CASE("a third source is counted, never heard, recorded or answered", "[core]") {
  CoreRig rig;
  rig.Create("a", 4000);
  rig.Create("b", 5000);
  rig.Do(Bridge{"a", "b"});
  rig.Do(StartRecording{"rec", "demo", "i", "a", "b", ""});
  rig.ReceiveAudio("a", 4000, 1);
  rig.Tick(50);
  for (int i = 0; i < 100; ++i) rig.ReceiveAudio("a", 6666, 0x7F);
  rig.Tick(50);
  CHECK(rig.SentTo(5000).size() == 1);
  CHECK(rig.SentTo(6666).empty());
  for (const auto& op : rig.recording) {
    for (const int16_t sample : op.pcm) CHECK(sample != ALawToLinear(0x7F));
  }
  rig.Do(DeleteEndpoint{"a"});
  const auto closed = rig.All<EndpointClosed>();
  REQUIRE(closed.size() == 1);
  CHECK(closed[0].quality.packets_refused == 100);
  CHECK(closed[0].quality.packets_received == 1);
}

TEST_CASE("what was not agreed upon is refused", "[core]") {
  CoreRig rig;
  rig.Do(CreateEndpoint{"a", {}, 0});
  rig.ReceiveAudio("a", 4000, 1);  // Nothing signalled yet.
  rig.Do(UpdateEndpoint{"a", CoreRig::Remote(4000)});
  rig.Receive("a", 4000, 3, {1, 2, 3});  // GSM.
  rig.Receive("a", 4000, 0, std::vector<uint8_t>(160, 1));
  rig.core.HandleRtp(rig.slots["a"], *ParseSocketAddress("127.0.0.1", 4000),
                     std::vector<uint8_t>(9000, 0x80), rig.now, rig.effects);
  rig.core.HandleRtp(rig.slots["a"], *ParseSocketAddress("127.0.0.1", 4000), {}, rig.now,
                     rig.effects);
  CHECK(rig.core.counts().rtp_refused == 5);
  rig.ReceiveAudio("a", 4000, 1);
  CHECK(rig.core.counts().rtp_received == 1);
}

TEST_CASE("a key press is one digit and stops what a digit may stop", "[core]") {
  CoreRig rig;
  rig.Create("a", 4000);
  rig.Do(Play{"a", "p1", {Hello()}, true, true, {}});
  rig.Tick(2);
  Press(rig, "a", 4000, '5');
  Press(rig, "a", 4000, '#');
  rig.Tick(20);
  const auto digits = rig.All<DigitReceived>();
  REQUIRE(digits.size() == 2);
  CHECK(digits[0].digit == '5');
  CHECK(digits[0].duration == absl::Milliseconds(100));
  CHECK(digits[1].digit == '#');
  const auto finished = rig.All<PlayFinished>();
  REQUIRE(finished.size() == 1);
  CHECK(finished[0].reason == PlayFinished::Reason::kDigit);
  CHECK(finished[0].played == absl::Milliseconds(40));  // At the press, not at its end.
}

TEST_CASE("key presses cross a bridge under the peer's payload type", "[core]") {
  CoreRig rig;
  rig.Create("a", 4000, Codec::kPcma, 101);
  rig.Create("b", 5000, Codec::kPcma, 96);
  rig.Do(Bridge{"a", "b"});
  rig.ReceiveAudio("a", 4000, 1);
  Press(rig, "a", 4000, '7');
  rig.ReceiveAudio("a", 4000, 1);
  const auto sent = rig.SentTo(5000);
  REQUIRE(sent.size() == 9);
  for (size_t i = 1; i <= 7; ++i) {
    CHECK(sent[i].rtp().header.payload_type == 96);
    CHECK(sent[i].rtp().header.timestamp == sent[1].rtp().header.timestamp);
    CHECK(ParseDtmfEvent(sent[i].rtp().payload)->code == 7);
  }
  CHECK(sent[1].rtp().header.marker);
  CHECK(sent[8].rtp().header.sequence == static_cast<uint16_t>(sent[0].rtp().header.sequence + 8));
}

TEST_CASE("a peer that takes no events hears the tone, though the first packet is lost", "[core]") {
  CoreRig rig;
  rig.Create("a", 4000);
  rig.Create("b", 5000, Codec::kPcma, 0);
  rig.Do(Bridge{"a", "b"});
  for (int i = 2; i <= 7; ++i) {
    rig.Receive("a", 4000, 101,
                EventBytes('1', i >= 5, static_cast<uint16_t>(std::min(i, 5) * 160)));
    rig.Tick();
  }
  rig.Tick(10);
  std::vector<int16_t> pcm;
  for (const auto& packet : rig.SentTo(5000)) {
    CHECK(packet.rtp().header.payload_type == 8);
    for (const uint8_t code : packet.rtp().payload) pcm.push_back(ALawToLinear(code));
  }
  REQUIRE(pcm.size() == 800);
  CHECK(ToneShare(pcm, 697, 8000) > 0.4);
  CHECK(ToneShare(pcm, 1209, 8000) > 0.4);
}

TEST_CASE("digits are sent as events, or as tones to who takes none", "[core]") {
  CoreRig rig;
  rig.Create("a", 4000, Codec::kPcma, 96);
  rig.Create("b", 5000, Codec::kPcma, 0);
  rig.Do(SendDigits{"a", "1#"});
  rig.Do(SendDigits{"b", "1"});
  rig.Tick(40);
  const auto to_a = rig.SentTo(4000);
  REQUIRE(to_a.size() == 14);
  CHECK(to_a[0].rtp().header.payload_type == 96);
  CHECK(ParseDtmfEvent(to_a[13].rtp().payload)->code == 11);
  CHECK(ParseDtmfEvent(to_a[13].rtp().payload)->end);
  CHECK(ParseDtmfEvent(to_a[13].rtp().payload)->duration == 800);
  CHECK(to_a[7].time - to_a[0].time == absl::Milliseconds(200));
  std::vector<int16_t> pcm;
  for (const auto& packet : rig.SentTo(5000)) {
    for (const uint8_t code : packet.rtp().payload) pcm.push_back(ALawToLinear(code));
  }
  REQUIRE(pcm.size() == 800);
  CHECK(ToneShare(pcm, 697, 8000) > 0.4);
  CHECK(ToneShare(pcm, 1209, 8000) > 0.4);
  rig.Do(SendDigits{"a", "1x"});
  CHECK_THAT(std::string(rig.All<CommandFailed>().at(0).status.message()), Catch::Contains("'x'"));
}

TEST_CASE("silence of the remote is told once, not on hold, again after a word", "[core]") {
  CoreRig rig;
  rig.Create("a", 4000);
  rig.ReceiveAudio("a", 4000, 1);
  rig.Tick(29 * 50);
  CHECK(rig.All<MediaTimeout>().empty());
  rig.Tick(100 * 50);
  CHECK(rig.All<MediaTimeout>().size() == 1);
  rig.ReceiveAudio("a", 4000, 1);
  rig.Tick(31 * 50);
  CHECK(rig.All<MediaTimeout>().size() == 2);
  RemoteDescription held = CoreRig::Remote(4000);
  held.direction = Direction::kSendOnly;
  rig.ReceiveAudio("a", 4000, 1);
  rig.Do(UpdateEndpoint{"a", held});
  rig.Tick(100 * 50);
  CHECK(rig.All<MediaTimeout>().size() == 2);
  rig.Do(UpdateEndpoint{"a", CoreRig::Remote(4000)});
  rig.Tick(29 * 50);
  CHECK(rig.All<MediaTimeout>().size() == 2);
  rig.Tick(2 * 50);
  CHECK(rig.All<MediaTimeout>().size() == 3);
}

TEST_CASE("directions are as seen from us", "[core]") {
  CoreRig rig;
  rig.Create("a", 4000);
  rig.Create("b", 5000);
  rig.Do(Bridge{"a", "b"});
  struct Row {
    Direction direction;  // Of b.
    bool to_b;
    bool from_b;
  };
  for (const Row& row : {Row{Direction::kSendRecv, true, true},
                         {Direction::kSendOnly, true, false},
                         {Direction::kRecvOnly, false, true},
                         {Direction::kInactive, false, false}}) {
    RemoteDescription remote = CoreRig::Remote(5000);
    remote.direction = row.direction;
    rig.Do(UpdateEndpoint{"b", remote});
    rig.sent.clear();
    rig.ReceiveAudio("a", 4000, 1);
    rig.ReceiveAudio("b", 5000, 1);
    CHECK(rig.SentTo(5000).size() == (row.to_b ? 1 : 0));
    CHECK(rig.SentTo(4000).size() == (row.from_b ? 1 : 0));
  }
}

TEST_CASE("reports go out every five seconds and at the end", "[core]") {
  CoreRig rig;
  rig.Create("a", 4000);
  rig.Do(Play{"a", "p", {Hello()}, true, false, {}});
  for (int i = 0; i < 1000; ++i) {
    if (i % 10 != 0) {
      rig.ReceiveAudio("a", 4000, 1);
    } else {
      rig.SkipTimestamp("a", 4000, 160);
    }
    rig.Tick();
  }
  std::vector<RtcpCompound> reports;
  for (const auto& packet : rig.sent) {
    if (packet.rtcp) {
      CHECK(packet.to.port == 4001);
      reports.push_back(*ParseRtcp(packet.bytes));
    }
  }
  REQUIRE(reports.size() >= 3);
  REQUIRE(reports.size() <= 4);
  CHECK(reports[0].sender);
  CHECK(reports[0].sender->packets >= 100);
  REQUIRE(reports[0].blocks.size() == 1);
  CHECK(reports[0].blocks[0].ssrc == 4000);
  CHECK_FALSE(reports[0].bye);
  rig.Do(DeleteCall{});
  CHECK(ParseRtcp(rig.sent.back().bytes)->bye);
}

TEST_CASE("a call's end takes everything with it", "[core]") {
  CoreRig rig;
  rig.Create("a", 4000);
  rig.Create("b", 5000);
  rig.Do(Bridge{"a", "b"});
  rig.Do(StartRecording{"rec", "demo", "i", "a", "b", "agent1"});
  rig.Tick(100);
  rig.Do(DeleteCall{});
  rig.Do(DeleteCall{});
  CHECK(rig.All<EndpointClosed>().size() == 2);
  REQUIRE(rig.All<RecordingStopped>().size() == 1);
  CHECK(rig.All<RecordingStopped>()[0].recorded == absl::Seconds(2));
  CHECK(rig.closed.size() == 2);
  CHECK(rig.core.CallIds().empty());
  CHECK(rig.core.endpoint_count() == 0);
}

TEST_CASE("bad commands fail by name and change nothing", "[core]") {
  CoreRig rig;
  rig.Create("a", 4000);
  rig.Do(Bridge{"a", "x"});
  rig.Do(Bridge{"a", "a"});
  rig.Do(UpdateEndpoint{"x", CoreRig::Remote(1)});
  RemoteDescription wrong = CoreRig::Remote(4000);
  wrong.packet_ms = 25;
  rig.Do(UpdateEndpoint{"a", wrong});
  rig.Do(PauseRecording{"none", "card"});
  rig.Do(StartRecording{"", "", "", "a", "", ""});
  rig.Do(StartRecording{"../etc", "demo", "", "a", "", ""});
  rig.Do(CreateEndpoint{"", {}, 0});
  std::vector<std::string> names;
  for (const auto& failed : rig.All<CommandFailed>()) names.push_back(failed.command);
  CHECK(names == std::vector<std::string>{"bridge", "bridge", "update_endpoint", "update_endpoint",
                                          "pause_recording", "start_recording", "start_recording",
                                          "create_endpoint"});
  CHECK(rig.core.endpoint_count() == 1);
}

TEST_CASE("a recording has each leg in its channel, gaps and changes told", "[core]") {
  CoreRig rig;
  rig.Create("a", 4000);
  rig.Create("b", 5000);
  rig.Create("c", 6000);
  auto talk = [&rig](int ticks) {
    for (int i = 0; i < ticks; ++i) {
      rig.ReceiveAudio("a", 4000, 0x11);
      rig.ReceiveAudio("b", 5000, 0x33);
      rig.ReceiveAudio("c", 6000, 0x44);
      rig.Tick();
    }
  };
  talk(5);
  rig.Do(StartRecording{"rec", "demo", "i", "a", "b", "agent1"});
  talk(50);
  rig.Do(PauseRecording{"rec", "card"});
  talk(50);
  rig.Do(ResumeRecording{"rec"});
  talk(50);
  rig.Do(StartRecording{"rec", "demo", "i", "a", "c", "agent2"});
  talk(50);
  rig.Do(StopRecording{"rec"});
  rig.Do(StopRecording{"rec"});
  std::vector<int16_t> pcm;
  std::string kinds;
  for (const auto& op : rig.recording) {
    if (op.kind == RecordingOp::Kind::kAudio) {
      CHECK(op.frame == static_cast<int64_t>(pcm.size() / 2));
      pcm.insert(pcm.end(), op.pcm.begin(), op.pcm.end());
    } else {
      kinds += "OACGRX"[static_cast<int>(op.kind)];
    }
  }
  CHECK(kinds == "OGRCX");
  REQUIRE(pcm.size() == 8000 * 4 * 2);
  auto at = [&pcm](double seconds, int channel) {
    return pcm[static_cast<size_t>(seconds * 8000) * 2 + channel];
  };
  CHECK(at(0.5, 0) == ALawToLinear(0x11));
  CHECK(at(0.5, 1) == ALawToLinear(0x33));
  CHECK(at(1.5, 0) == 0);
  CHECK(at(1.5, 1) == 0);
  CHECK(at(2.5, 1) == ALawToLinear(0x33));
  CHECK(at(3.5, 1) == ALawToLinear(0x44));
  CHECK(rig.All<RecordingStopped>().size() == 2);
  CHECK(rig.All<RecordingStopped>()[0].recorded == absl::Seconds(4));
}

}  // namespace zvon::media
