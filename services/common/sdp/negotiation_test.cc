#include "services/common/sdp/negotiation.h"

#include <catch2/catch.hpp>

namespace zvon::sdp {
namespace {

Session Offer(const std::string& media, const std::string& connection = "192.0.2.7") {
  const auto session = Parse("v=0\r\no=- 5 1 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 " + connection +
                             "\r\nt=0 0\r\n" + media);
  REQUIRE(session.ok());
  return *session;
}

Local Ours() {
  Local local;
  local.address = "198.51.100.1";
  local.port = 20000;
  local.session_id = 77;
  return local;
}

const std::string kAudio = "m=audio 4000 RTP/AVP 0 8 96\r\na=rtpmap:96 telephone-event/8000\r\n";

TEST_CASE("An offer is answered with one codec and the peer's numbers") {
  Local local = Ours();
  const auto answered = MakeAnswer(Offer(kAudio + "a=ptime:30\r\na=rtcp:4011\r\n"), local, {});
  REQUIRE(answered.ok());
  CHECK(answered->body ==
        "v=0\r\no=- 77 1 IN IP4 198.51.100.1\r\ns=zvon\r\nc=IN IP4 198.51.100.1\r\nt=0 0\r\n"
        "m=audio 20000 RTP/AVP 0 96\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:96 telephone-event/8000\r\n"
        "a=fmtp:96 0-16\r\na=ptime:20\r\na=sendrecv\r\n");
  const Agreement& a = answered->agreement;
  CHECK(a.codec == "PCMU");
  CHECK(a.payload_type == 0);
  CHECK(a.dtmf_payload_type == 96);
  CHECK(a.ptime_ms == 30);
  CHECK(a.remote_address == "192.0.2.7");
  CHECK(a.remote_port == 4000);
  CHECK(a.remote_rtcp_port == 4011);
  CHECK_FALSE(a.held_by_peer);
}

TEST_CASE("The answer has the offer's lines in their order, others refused") {
  Local local = Ours();
  const auto answered =
      MakeAnswer(Offer("m=video 5000 RTP/AVP 31\r\nm=audio 5000 udp;\r\n" + kAudio +
                       "m=audio 4002 RTP/AVP 8\r\nm=image 1 udptl t38\r\n"),
                 local, {});
  REQUIRE(answered.ok());
  const auto answer = Parse(answered->body);
  REQUIRE(answer.ok());
  REQUIRE(answer->media.size() == 5);
  CHECK(answer->media[0].type == "video");
  CHECK(answer->media[0].port == 0);
  CHECK(answer->media[1].port == 0);
  CHECK(answer->media[2].port == 20000);
  CHECK(answer->media[3].port == 0);
  CHECK(answer->media[4].formats == std::vector<std::string>{"t38"});
  CHECK(answered->agreement.media_index == 2);
}

TEST_CASE("An offer without usable audio is refused with a reason and changes nothing") {
  const std::pair<const char*, const char*> kCases[] = {
      {"m=audio 5000 udp;\r\n", R"(304 zvon "offer has no usable audio: audio: bad protocol")"},
      {"m=audio 4000 RTP/AVP 18\r\n",
       R"(305 zvon "offer has no usable audio: audio: no common codec")"},
      {"m=audio 4000 RTP/SAVP 8\r\n",
       R"(304 zvon "offer has no usable audio: audio: not audio over RTP/AVP")"},
      {"m=audio 0 RTP/AVP 8\r\n", R"(304 zvon "offer has no usable audio: audio: port 0")"},
      {"", R"(304 zvon "offer has no usable audio: no m= line")"},
  };
  for (const auto& [media, warning] : kCases) {
    Local local = Ours();
    const auto answered = MakeAnswer(Offer(media), local, {});
    REQUIRE_FALSE(answered.ok());
    CHECK(WarningFor(answered.status()) == warning);
    CHECK(local == Ours());
  }
  Session no_c = Offer(kAudio);
  no_c.connection.reset();
  Local local = Ours();
  CHECK_FALSE(MakeAnswer(no_c, local, {}).ok());
}

TEST_CASE("Hold is seen in each of its spellings and answered in kind") {
  struct Case {
    const char* attribute;
    const char* address;
    Direction ours;
    bool held;
  };
  const Case kCases[] = {
      {"a=sendrecv", "192.0.2.7", Direction::kSendRecv, false},
      {"a=sendonly", "192.0.2.7", Direction::kRecvOnly, true},
      {"a=recvonly", "192.0.2.7", Direction::kSendOnly, false},
      {"a=inactive", "192.0.2.7", Direction::kInactive, true},
      {"a=sendrecv", "0.0.0.0", Direction::kRecvOnly, true},
  };
  for (const Case& c : kCases) {
    INFO(c.attribute << c.address);
    Local local = Ours();
    const Session offer = Offer(kAudio + c.attribute + "\r\n", c.address);
    CHECK(IsHold(offer) == c.held);
    const auto answered = MakeAnswer(offer, local, {});
    REQUIRE(answered.ok());
    CHECK(answered->agreement.direction == c.ours);
    CHECK(answered->agreement.held_by_peer == c.held);
    CHECK(Parse(answered->body)->media[0].direction == c.ours);
  }
}

TEST_CASE("The version grows by one per change and not otherwise") {
  Local local = Ours();
  const std::string first = MakeOffer(local, {}, Direction::kSendRecv);
  CHECK(local.version == 1);
  CHECK(MakeOffer(local, {}, Direction::kSendRecv) == first);
  CHECK(local.version == 1);
  MakeOffer(local, {}, Direction::kSendOnly);
  CHECK(local.version == 2);
  const Session offer = Offer(kAudio);
  const auto answered = MakeAnswer(offer, local, {});
  CHECK(local.version == 3);
  CHECK(MakeAnswer(offer, local, {})->body == answered->body);
  CHECK(local.version == 3);
}

TEST_CASE("Our offer and its answer agree") {
  Local local = Ours();
  const auto offer = Parse(MakeOffer(local, {}, Direction::kSendRecv));
  REQUIRE(offer.ok());
  CHECK(offer->media[0].formats == std::vector<std::string>{"8", "0", "101"});
  const auto agreed = ReadAnswer(
      *offer, Offer("m=audio 6000 RTP/AVP 0 100\r\na=rtpmap:100 telephone-event/8000\r\n"));
  REQUIRE(agreed.ok());
  CHECK(agreed->codec == "PCMU");
  CHECK(agreed->dtmf_payload_type == 100);
  CHECK(agreed->remote_port == 6000);
  CHECK(agreed->direction == Direction::kSendRecv);

  const auto hold = Parse(MakeOffer(local, {}, Direction::kSendOnly));
  const auto held = ReadAnswer(*hold, Offer("m=audio 6000 RTP/AVP 8\r\na=recvonly\r\n"));
  REQUIRE(held.ok());
  CHECK(held->direction == Direction::kSendOnly);
  CHECK_FALSE(held->held_by_peer);
  CHECK(held->dtmf_payload_type == -1);
}

TEST_CASE("A bad answer is an error that says why") {
  Local local = Ours();
  const Session offer = *Parse(MakeOffer(local, {}, Direction::kSendRecv));
  CHECK(ReadAnswer(offer, Offer("m=audio 0 RTP/AVP 8\r\n")).status().message() ==
        "answer refuses the audio: port 0");
  CHECK(ReadAnswer(offer, Offer("")).status().message() == "answer has 0 m= lines, the offer 1");
  CHECK(ReadAnswer(offer, Offer("m=audio 6000 RTP/AVP 18\r\n")).status().message() ==
        "answer refuses the audio: no common codec");
}

TEST_CASE("A re-offer keeps the lines and the payload types of the dialog") {
  Local local = Ours();
  const auto answered = MakeAnswer(Offer("m=video 5000 RTP/AVP 31\r\n" + kAudio), local, {});
  REQUIRE(answered.ok());
  const Session mine = *Parse(answered->body);
  const auto again = Parse(MakeOffer(local, {}, Direction::kSendOnly, &mine, &answered->agreement));
  REQUIRE(again->media.size() == 2);
  CHECK(again->media[0].port == 0);
  CHECK(again->media[0].type == "video");
  CHECK(again->media[1].formats == std::vector<std::string>{"8", "0", "96"});
  CHECK(again->origin.version == 2);
}

}  // namespace
}  // namespace zvon::sdp
