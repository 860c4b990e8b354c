#include <catch2/catch.hpp>

#include "services/gateway/core/answered_requests.h"
#include "services/gateway/core/byte_range.h"
#include "services/gateway/core/client_address.h"
#include "services/gateway/core/error_text.h"
#include "services/gateway/core/json_limits.h"
#include "services/gateway/core/offer_guard.h"
#include "services/gateway/core/permissions.h"
#include "services/gateway/core/replay_buffer.h"
#include "services/gateway/core/url.h"

namespace zvon::gateway {
namespace {

std::shared_ptr<const std::string> Body(int i) {
  return std::make_shared<const std::string>("{\"pong\":" + std::to_string(i) + "}");
}

}  // namespace

TEST_CASE("a client that comes back gets exactly what it has missed") {
  ReplayBuffer buffer(10);
  for (int i = 1; i <= 8; ++i) buffer.Add(Body(i));
  auto missed = buffer.After(5);
  REQUIRE(missed);
  REQUIRE(missed->size() == 3);
  CHECK(missed->front().sequence == 6);
  CHECK(NumberedFrame(missed->front()) == "{\"sequence\":\"6\",\"pong\":6}");
  CHECK(buffer.After(8)->empty());
}

TEST_CASE("what is forgotten or was never sent cannot be resumed") {
  ReplayBuffer buffer(3);
  for (int i = 1; i <= 8; ++i) buffer.Add(Body(i));
  CHECK_FALSE(buffer.After(4));
  CHECK(buffer.After(5)->size() == 3);
  CHECK_FALSE(buffer.After(9));
  CHECK_FALSE(buffer.After(-1));
  buffer.Acknowledge(7);
  CHECK(buffer.size() == 1);
  CHECK_FALSE(buffer.After(6));
  buffer.Acknowledge(99);
  CHECK(buffer.size() == 1);
}

TEST_CASE("the buffer is bounded in bytes too") {
  ReplayBuffer buffer(1000, 100);
  for (int i = 0; i < 50; ++i) buffer.Add(Body(100 + i));
  CHECK(buffer.size() <= 10);
  CHECK(buffer.last() == 50);
}

TEST_CASE("ranges of RFC 9110") {
  struct Row {
    const char* header;
    bool satisfiable;
    int64_t first, last;
    const char* content_range;
  };
  const Row rows[] = {
      {"", true, 0, 999, "bytes 0-999/1000"},
      {"bytes=0-0", true, 0, 0, "bytes 0-0/1000"},
      {"bytes=0-", true, 0, 999, "bytes 0-999/1000"},
      {"bytes=500-2000", true, 500, 999, "bytes 500-999/1000"},
      {"bytes=-100", true, 900, 999, "bytes 900-999/1000"},
      {"bytes=-5000", true, 0, 999, "bytes 0-999/1000"},
      {"bytes=1000-", false, 0, 0, "bytes */1000"},
      {"bytes=-0", false, 0, 0, "bytes */1000"},
      // Not understood: the whole, as if no range were there.
      {"bytes=5-1", true, 0, 999, "bytes 0-999/1000"},
      {"bytes=a-b", true, 0, 999, "bytes 0-999/1000"},
      {"bytes=-", true, 0, 999, "bytes 0-999/1000"},
      {"bytes=1-2x", true, 0, 999, "bytes 0-999/1000"},
      {"bytes=0-1,5-6", true, 0, 999, "bytes 0-999/1000"},
      {"items=0-1", true, 0, 999, "bytes 0-999/1000"},
      {"bytes=99999999999999999999-", true, 0, 999, "bytes 0-999/1000"},
  };
  for (const Row& row : rows) {
    INFO(row.header);
    ByteRange range = ResolveRange(ParseRange(row.header), 1000);
    CHECK(range.satisfiable == row.satisfiable);
    if (row.satisfiable) {
      CHECK(range.first == row.first);
      CHECK(range.last == row.last);
    }
    CHECK(ContentRange(range, 1000) == row.content_range);
  }
}

TEST_CASE("permissions hold themselves, what is below them, and areas") {
  struct Row {
    const char* held;
    std::string_view asked;
    bool may;
  };
  const Row rows[] = {
      {"*", kWriteDirectory, true},
      {"live.read", kReadLive, true},
      {"live.*", kReadLive, true},
      {"live.*", kReadReports, false},
      {"live", kReadLive, true},
      {"recordings.listen", kListenOwn, true},
      {"recordings.listen.own", kListen, false},
      {"directory.write", kReadDirectory, true},
      {"directory.read", kWriteDirectory, false},
      {"liv", kReadLive, false},
      {"", kReadLive, false},
  };
  for (const Row& row : rows) {
    INFO(row.held << " / " << row.asked);
    CHECK(MayDo({row.held}, row.asked) == row.may);
  }
  CHECK_FALSE(MayDo({}, kReadLive));
}

TEST_CASE("an older offer is refused, whoever sends it") {
  OfferGuard guard;
  CHECK(guard.Accept("demo/agent1", {2, 7}));
  CHECK(guard.Accept("demo/agent1", {2, 7}));
  CHECK_FALSE(guard.Accept("demo/agent1", {2, 6}));
  CHECK_FALSE(guard.Accept("demo/agent1", {1, 100}));
  CHECK(guard.Accept("demo/agent1", {3, 1}));
  CHECK(guard.Accept("demo/agent2", {1, 1}));
}

TEST_CASE("a repeated request is answered again, not carried out again") {
  AnsweredRequests requests;
  absl::Time now = absl::FromUnixSeconds(1000);
  std::string answer;
  CHECK(requests.Begin("a", now, &answer) == AnsweredRequests::Seen::kNew);
  CHECK(requests.Begin("a", now, &answer) == AnsweredRequests::Seen::kUnderWay);
  requests.Finish("a", "done");
  CHECK(requests.Begin("a", now + absl::Seconds(59), &answer) == AnsweredRequests::Seen::kAnswered);
  CHECK(answer == "done");
  CHECK(requests.Begin("a", now + absl::Seconds(60), &answer) == AnsweredRequests::Seen::kNew);
  for (int i = 0; i < 5000; ++i)
    requests.Begin(std::to_string(i), now + absl::Seconds(60), &answer);
  CHECK(requests.size() <= AnsweredRequests::kIdsMax);
}

TEST_CASE("nesting is counted outside strings, without recursion") {
  CHECK(JsonDepth("{\"a\":[1,{\"b\":2}]}") == 3);
  CHECK(JsonDepth("{\"a\":\"[[[[\\\"[[\"}") == 1);
  CHECK(JsonDepth(std::string(1'000'000, '[')) == kJsonDepthMax + 1);
  CHECK(JsonDepth("") == 0);
}

TEST_CASE("paths and queries are matched and decoded") {
  auto match = MatchPath("/api/v1/interactions/{id}", "/api/v1/interactions/a%2Fb");
  REQUIRE(match);
  CHECK(match->at("id") == "a/b");
  CHECK_FALSE(MatchPath("/api/v1/interactions/{id}", "/api/v1/interactions/"));
  CHECK_FALSE(MatchPath("/api/v1/interactions/{id}", "/api/v1/interactions/a/b"));
  CHECK_FALSE(MatchPath("/api/v1/interactions/{id}", "/api/v1/interactions/%zz"));
  auto query = Query::Parse("queue=sales,support&queue=vip&number=%2B7+9&empty");
  REQUIRE(query);
  CHECK(query->List("queue") == std::vector<std::string>{"sales", "support", "vip"});
  CHECK(query->Get("number") == "+7 9");
  CHECK(query->Has("empty"));
  CHECK_FALSE(query->Has("agent"));
  CHECK_FALSE(Query::Parse("a=%0"));
  CHECK_FALSE(Query::Parse("a=%00"));
}

TEST_CASE("only pages of our own host or of the list may open a socket") {
  CHECK(OriginAllowed("http://zvon.example:8080", "zvon.example:8080", {}));
  CHECK(OriginAllowed("https://ZVON.example", "zvon.EXAMPLE", {}));
  CHECK_FALSE(OriginAllowed("http://evil.example", "zvon.example", {}));
  CHECK_FALSE(OriginAllowed("http://zvon.example.evil", "zvon.example", {}));
  CHECK_FALSE(OriginAllowed("null", "zvon.example", {}));
  CHECK(OriginAllowed("https://app.example", "zvon.example", {"https://app.example"}));
  CHECK(OriginAllowed("", "zvon.example", {}));
}

TEST_CASE("no path leads out of the folder of the desktop") {
  CHECK(SafeRelativePath("/assets/index-1a2b.js") == "assets/index-1a2b.js");
  for (const char* bad :
       {"/../etc/passwd", "/%2e%2e/etc/passwd", "/a/../../b", "//etc/passwd", "/.env",
        "/a/.git/config", "/a\\b", "/a%00b", "/%", "", "/", "a", "/c:/x"}) {
    INFO(bad);
    CHECK(SafeRelativePath(bad).empty());
  }
}

TEST_CASE("a cookie is found by its whole name") {
  CHECK(CookieValue("a=1; zvon_session=tok; b=2", "zvon_session") == "tok");
  CHECK(CookieValue("xzvon_session=evil", "zvon_session").empty());
  CHECK(CookieValue("", "zvon_session").empty());
}

TEST_CASE("only trusted proxies say whose request it is") {
  const std::vector<std::string> trusted = {"10.0.0.0/8", "::1", "2001:db8::/32"};
  CHECK(ClientAddress("192.0.2.1", "1.2.3.4", trusted) == "192.0.2.1");
  CHECK(ClientAddress("10.1.1.1", "1.2.3.4", trusted) == "1.2.3.4");
  CHECK(ClientAddress("10.1.1.1", "9.9.9.9, 1.2.3.4, 10.2.2.2", trusted) == "1.2.3.4");
  CHECK(ClientAddress("10.1.1.1", "", trusted) == "10.1.1.1");
  CHECK(ClientAddress("10.1.1.1", "nonsense", trusted) == "10.1.1.1");
  CHECK(ClientAddress("::1", "2001:db8::7, 2001:db9::1", trusted) == "2001:db9::1");
  CHECK(ClientAddress("10.1.1.1", "1.2.3.4", {}) == "10.1.1.1");
  CHECK_FALSE(InNetworks("10.1.1.1", {"10.0.0.0/33", "x/8", "/", "10.0.0.0/"}));
  CHECK(InNetworks("10.1.1.1", {"0.0.0.0/0"}));
  CHECK_FALSE(InNetworks("::2", {"0.0.0.0/0"}));
}

TEST_CASE("an error names the field it begins with") {
  CHECK(FieldOf(absl::InvalidArgumentError("reasonId: no such reason")) == "reasonId");
  CHECK(FieldOf(absl::InvalidArgumentError("the frame is empty")).empty());
  CHECK(FieldOf(absl::InvalidArgumentError("not the JSON expected: x")).empty());
  CHECK(FieldOf(absl::NotFoundError("a: b")).empty());
}

TEST_CASE("error texts speak the user's language and keep secrets inside") {
  absl::Status wrong = absl::InvalidArgumentError("pageSize: \"x\" is no number");
  CHECK(ErrorText(wrong, Language::kEnglish) == "pageSize: \"x\" is no number");
  CHECK(ErrorText(wrong, Language::kRussian) ==
        "Неверное значение. (pageSize: \"x\" is no number)");
  absl::Status inside = absl::InternalError("SELECT * FROM users");
  CHECK(ErrorText(inside, Language::kEnglish) == "Something went wrong.");
  CHECK(HttpStatusOf(absl::StatusCode::kUnavailable) == 503);
  CHECK(CodeName(absl::StatusCode::kUnauthenticated) == "UNAUTHENTICATED");
  CHECK(LanguageOf("ru-RU,ru;q=0.9") == Language::kRussian);
  CHECK(LanguageOf("de") == Language::kEnglish);
}

}  // namespace zvon::gateway
