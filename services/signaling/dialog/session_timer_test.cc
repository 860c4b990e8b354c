#include "services/signaling/dialog/session_timer.h"

#include "services/signaling/dialog/dialog_testing.h"

namespace zvon::sip {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'000'000);
using Action = SessionTimer::Action;

TEST_CASE("A UAC that refreshes does so at half the interval, once") {
  SessionTimer t;
  HeaderBlock headers;
  t.AddToRequest(headers);
  CHECK(headers.text() == "Supported: timer\r\nSession-Expires: 1800\r\nMin-SE: 90\r\n");
  t.ReceiveAnswer(
      PeerResponse(200, "1 INVITE", "Session-Expires: 600;refresher=uac\r\nRequire: timer\r\n"),
      kStart);
  CHECK(t.we_refresh());
  CHECK(t.NextWakeup() == kStart + absl::Seconds(300));
  CHECK(t.Tick(kStart + absl::Seconds(299)) == Action::kNone);
  CHECK(t.Tick(kStart + absl::Seconds(300)) == Action::kRefresh);
  CHECK(t.Tick(kStart + absl::Seconds(301)) == Action::kNone);
  CHECK(t.Tick(kStart + absl::Seconds(568)) == Action::kExpire);
  CHECK(t.NextWakeup() == absl::InfiniteFuture());
}

TEST_CASE("A UAC waits for a refreshing peer and gives up before the end") {
  SessionTimer t;
  t.ReceiveAnswer(PeerResponse(200, "1 INVITE", "Session-Expires: 90;refresher=uas\r\n"), kStart);
  CHECK_FALSE(t.we_refresh());
  CHECK(t.Tick(kStart + absl::Seconds(59)) == Action::kNone);
  CHECK(t.Tick(kStart + absl::Seconds(60)) == Action::kExpire);
}

TEST_CASE("Without Session-Expires in the answer there is no timer") {
  SessionTimer t;
  t.ReceiveAnswer(PeerResponse(200, "1 INVITE"), kStart);
  CHECK_FALSE(t.active());
  CHECK(t.NextWakeup() == absl::InfiniteFuture());
}

TEST_CASE("422 raises the interval and the request goes again, not for ever") {
  SessionTimer t;
  CHECK(t.ReceiveTooSmall(PeerResponse(422, "1 INVITE", "Min-SE: 3600\r\n")));
  HeaderBlock headers;
  t.AddToRequest(headers);
  CHECK(headers.text().find("Session-Expires: 3600\r\n") != std::string::npos);
  CHECK_FALSE(t.ReceiveTooSmall(PeerResponse(422, "2 INVITE", "Min-SE: 3600\r\n")));
}

TEST_CASE("A UAS refuses a short interval and chooses who refreshes") {
  struct Case {
    const char* headers;
    int code;
    const char* answer;
  };
  const Case kCases[] = {
      {"Session-Expires: 60\r\nSupported: timer\r\n", 422, ""},
      {"Session-Expires: 600;refresher=uac\r\nSupported: timer\r\n", 0,
       "Session-Expires: 600;refresher=uac\r\n"},
      {"Session-Expires: 600;refresher=uas\r\nSupported: timer\r\n", 0,
       "Session-Expires: 600;refresher=uas\r\n"},
      {"Session-Expires: 600\r\nSupported: timer\r\n", 0, "Session-Expires: 600;refresher=uac\r\n"},
      {"Session-Expires: 600\r\n", 0, "Session-Expires: 600;refresher=uas\r\n"},
      {"", 0, "Session-Expires: 1800;refresher=uas\r\n"},
      {"Min-SE: 4000\r\n", 0, "Session-Expires: 4000;refresher=uas\r\n"},
  };
  for (const Case& c : kCases) {
    INFO(c.headers);
    SessionTimer t;
    CHECK(t.ReceiveRequest(PeerRequest("INVITE", 1, c.headers)) == c.code);
    HeaderBlock headers;
    if (c.code != 0) {
      t.AddToRefusal(headers);
      CHECK(headers.text() == "Min-SE: 90\r\n");
      continue;
    }
    t.AddToAnswer(headers, kStart);
    CHECK(headers.text().find(c.answer) != std::string::npos);
  }
}

TEST_CASE("A refresh by the peer moves the end") {
  SessionTimer t;
  const Message invite =
      PeerRequest("INVITE", 1, "Session-Expires: 90;refresher=uac\r\nSupported: timer\r\n");
  HeaderBlock headers;
  t.ReceiveRequest(invite);
  t.AddToAnswer(headers, kStart);
  t.ReceiveRequest(invite);
  t.AddToAnswer(headers, kStart + absl::Seconds(45));
  CHECK(t.Tick(kStart + absl::Seconds(100)) == Action::kNone);
  CHECK(t.Tick(kStart + absl::Seconds(105)) == Action::kExpire);
}

TEST_CASE("A session timer continues elsewhere") {
  SessionTimer t;
  t.ReceiveAnswer(PeerResponse(200, "1 INVITE", "Session-Expires: 600;refresher=uac\r\n"), kStart);
  const auto restored = SessionTimer::Restore({}, t.Serialize());
  REQUIRE(restored);
  CHECK(restored->NextWakeup() == t.NextWakeup());
  CHECK(restored->we_refresh());
  CHECK_FALSE(SessionTimer::Restore({}, "rubbish").has_value());
  CHECK(SessionTimer::Restore({}, SessionTimer().Serialize())->NextWakeup() ==
        absl::InfiniteFuture());
}

}  // namespace
}  // namespace zvon::sip
