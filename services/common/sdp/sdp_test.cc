#include "services/common/sdp/sdp.h"

#include <catch2/catch.hpp>
#include <string>

namespace zvon::sdp {
namespace {

const std::string kHead =
    "v=0\r\no=- 1 2 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n";

Session Read(const std::string& text) {
  const auto session = Parse(text);
  INFO(text);
  INFO(session.status().ToString());
  REQUIRE(session.ok());
  return *session;
}

// Test number 1: this one line hangs the parser that we do not use.
TEST_CASE("m=audio 5000 udp; is read at once and marked as defective") {
  const Session session = Read(kHead + "m=audio 5000 udp;\r\n");
  REQUIRE(session.media.size() == 1);
  CHECK(session.media[0].protocol == "udp;");
  CHECK(session.media[0].defect == "bad protocol");
  CHECK_FALSE(session.media[0].is_rtp_audio());
}

TEST_CASE("A usual description is read") {
  const Session s = Read(
      kHead +
      "a=sendonly\r\na=tool:x\r\n"
      "m=audio 4000 RTP/AVP 8 0 101 96\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n"
      "a=rtpmap:96 opus/48000/2\r\na=ptime:30\r\na=maxptime:60\r\na=rtcp:4009 IN IP4 192.0.2.3\r\n"
      "m=video 5000/2 RTP/AVPF 97\r\nc=IN IP6 "
      "2001:db8::1\r\nb=AS:64\r\na=recvonly\r\na=rtcp-mux\r\n");
  CHECK(s.origin.session_id == 1);
  CHECK(s.origin.version == 2);
  REQUIRE(s.media.size() == 2);
  const Media& audio = s.media[0];
  CHECK(audio.is_rtp_audio());
  CHECK(s.DirectionOf(audio) == Direction::kSendOnly);
  REQUIRE(audio.codecs.size() == 4);
  CHECK(audio.codecs[0].Is("pcma", 8000));
  CHECK(audio.codecs[2].fmtp == "0-15");
  CHECK(audio.codecs[3].channels == 2);
  CHECK(audio.ptime_ms == 30);
  CHECK(audio.maxptime_ms == 60);
  CHECK(audio.rtcp_port == 4009);
  const Media& video = s.media[1];
  CHECK(video.port_count == 2);
  CHECK(s.ConnectionOf(video)->v6);
  CHECK(s.DirectionOf(video) == Direction::kRecvOnly);
  CHECK(video.rtcp_mux);
  CHECK(video.codecs.empty());  // 97 has no rtpmap.
}

TEST_CASE("What was read prints to an equal description") {
  const Session s =
      Read(kHead +
           "b=CT:1\r\na=x:y:z\r\na=flag\r\nm=audio 4000 RTP/AVP 0 97 200 x\r\n"
           "a=rtpmap:97 iLBC/8000\r\na=fmtp:97 mode=20\r\na=ptime:20\r\na=inactive\r\n"
           "m=image 0 udptl t38\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n");
  CHECK(Read(Print(s)) == s);
}

TEST_CASE("Bad inputs are errors that name the line, or refuse the media line only") {
  struct Case {
    const char* text;
    const char* error;
  };
  const Case kErrors[] = {
      {"", "SDP is empty"},
      {"hello", "SDP line 1: not <letter>="},
      {"v=1\r\n", "SDP line 1: not v=0"},
      {"v=0\r\ns=-\r\n", "SDP has no o= line"},
      {"v=0\r\no=- 1 IN IP4 1.2.3.4\r\n", "SDP line 2: bad o="},
      {"v=0\r\no=- 1 x IN IP4 1.2.3.4\r\n", "SDP line 2: bad o="},
      {"v=0\r\no=- 1 1 IN IP4 1.2.3.4\r\nc=IN IP5 1\r\n", "SDP line 3: bad c="},
      {"v=0\r\no=- 1 1 IN IP4 1.2.3.4\r\nm=\r\n", "SDP line 3: bad m="},
      {"v=0\r\no=- 1 1 IN IP4 1.2.3.4\r\nm=audio\r\n", "SDP line 3: bad m="},
      {"v=0\r\no=- 1 1 IN IP4 1.2.3.4\rm=audio 1 RTP/AVP 0\r\n", "SDP line 2: control byte"},
  };
  for (const Case& c : kErrors) {
    INFO(c.text);
    CHECK(Parse(c.text).status().message() == c.error);
  }
  struct Line {
    const char* lines;
    const char* defect;
  };
  const Line kDefects[] = {
      {"m=audio 70000 RTP/AVP 0\r\n", "bad port"},
      {"m=audio -1 RTP/AVP 0\r\n", "bad port"},
      {"m=audio 4000/0 RTP/AVP 0\r\n", "bad port"},
      {"m=audio 4000 RTP/AVP\r\n", "no formats"},
      {"m=audio 4000\r\n", "bad protocol"},
      {"m=audio 4000 RTP/AVP 0 ;\r\n", "bad format"},
      {"m=audio 4000 RTP/AVP 0\r\nb=AS\r\n", "b= without colon"},
      {"m=audio 4000 RTP/AVP 0\r\nc=IN IP4 1 2 3\r\n", "bad c="},
  };
  for (const Line& line : kDefects) {
    INFO(line.lines);
    const Session session = Read(kHead + line.lines);
    REQUIRE(session.media.size() == 1);
    CHECK(session.media[0].defect == line.defect);
  }
}

TEST_CASE("Odd but legal inputs are taken") {
  CHECK(Read(kHead + "m=audio 4000 RTP/AVP 0").media.size() == 1);  // No final line end.
  CHECK(Read("v=0\no=- 1 1 IN IP4 a.example\nm=audio 1 RTP/AVP 0\n").media.size() ==
        1);  // LF only.
  CHECK(
      Read("v=0\r\no=- 99999999999999999999999 18446744073709551615 IN IP4 h\r\n").origin.version ==
      UINT64_MAX);
  CHECK(Read(kHead).media.empty());
  CHECK(Read(kHead + "m=audio 0 RTP/AVP 0\r\n").media[0].port == 0);
  const Session codecs = Read(
      kHead + "m=audio 1 RTP/AVP 0 0 8 300 128 8\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:8 X/1\r\n");
  REQUIRE(codecs.media[0].codecs.size() == 2);
  CHECK(codecs.media[0].codecs[1].Is("PCMA", 8000));
  CHECK(codecs.media[0].formats.size() == 6);
  CHECK(Read(kHead + "m=audio 1 RTP/AVP 0\r\na=crypto:rubbish\r\na=candidate:1 3 "
                     "udp\r\na=rtpmap:\r\na=fmtp:\r\n")
            .media[0]
            .defect.empty());
}

TEST_CASE("200 media lines are read, one more is an error, 64 KiB is the limit") {
  std::string text = kHead;
  for (int i = 0; i < 200; ++i) text += "m=audio 4000 RTP/AVP 0\r\n";
  CHECK(Read(text).media.size() == 200);
  CHECK(Parse(text + "m=audio 1 RTP/AVP 0\r\n").status().message() ==
        "SDP line 206: too many m= lines");
  CHECK_FALSE(Parse(std::string(70000, 'v')).ok());
}

}  // namespace
}  // namespace zvon::sdp
