// The whole gateway between a browser in small and fakes of the services.

#include "services/gateway/gateway.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "services/gateway/testing/fake_platform.h"
#include "services/gateway/testing/web_client.h"

namespace zvon::gateway {
namespace {

struct Fixture {
  Fixture() {
    char name[] = "/tmp/zvon-gateway-XXXXXX";
    dir = mkdtemp(name);
    std::filesystem::create_directories(dir + "/web/assets");
    std::ofstream(dir + "/web/index.html") << "<title>Zvon</title>";
    std::ofstream(dir + "/web/assets/app-1a.js") << "alert(1)";
    std::ofstream(dir + "/secret.txt") << "secret";
    GatewaySettings settings;
    settings.listen = "127.0.0.1:0";
    settings.web.web_dir = dir + "/web";
    settings.web.allowed_origins = {"https://pages.example"};
    settings.backends.directory = platform.Address(platform.directory_server);
    settings.backends.recording = platform.Address(platform.recording_server);
    settings.backends.reporting = platform.Address(platform.reporting_server);
    settings.backends.signaling = {platform.Address(platform.signaling_server)};
    // The standby first, so that every test follows it to the leader.
    settings.routing = {platform.Address(platform.standby_server),
                        platform.Address(platform.routing_server)};
    auto started = Gateway::Start(settings, "gateway-0", clock, metrics, [&](TaskRunner& runner) {
      ConfigurationWatchOptions options;
      options.directory_address = settings.backends.directory;
      options.cache_file = dir + "/configuration.pb";
      return WatchDirectory(runner, options);
    });
    REQUIRE(started.ok());
    gateway = std::move(*started);
    port = gateway->port();
    REQUIRE(Eventually([&] {
      return gateway->Degraded().empty() && Get("/api/v1/settings", "boss").status == 200;
    }));
  }
  ~Fixture() {
    gateway.reset();
    std::filesystem::remove_all(dir);
  }
  WebResponse Get(const std::string& target, const std::string& user, WebHeaders headers = {}) {
    headers.emplace_back("Authorization", "Bearer token-" + user);
    return Fetch(port, "GET", target, headers);
  }
  WebResponse LogIn(const std::string& body, WebHeaders headers = {}) {
    return Fetch(port, "POST", "/api/v1/sessions", headers, body);
  }
  std::unique_ptr<WebSocketClient> Connect(const std::string& hello) {
    auto socket = std::make_unique<WebSocketClient>(port);
    REQUIRE(socket->status() == 101);
    socket->Send("{\"id\":\"h\",\"hello\":{" + hello + "}}");
    return socket;
  }
  // An agent's desktop, welcomed and told its state.
  std::unique_ptr<WebSocketClient> Agent(const std::string& user = "agent1") {
    auto socket = Connect("\"token\":\"token-" + user + "\",\"agent\":true");
    REQUIRE(socket->Await("welcome"));
    REQUIRE(socket->Await("AGENT_STATE_NOT_READY"));
    return socket;
  }

  std::string dir;
  SteadyClock clock;
  Metrics metrics{"gateway"};
  FakePlatform platform;
  std::unique_ptr<Gateway> gateway;
  int port = 0;
};

std::string SessionIdIn(const std::string& welcome) {
  size_t begin = welcome.find("\"clientSessionId\":\"") + 19;
  return welcome.substr(begin, welcome.find('"', begin) - begin);
}

routing::v1::AgentStatus Offered(int64_t epoch, int64_t counter, const std::string& offer_id) {
  routing::v1::AgentStatus status;
  status.set_tenant_id("demo");
  status.set_agent_id("agent1");
  status.set_state(routing::v1::AGENT_STATE_OFFERED);
  status.mutable_offer()->set_offer_id(offer_id);
  status.mutable_offer()->mutable_token()->set_epoch(epoch);
  status.mutable_offer()->mutable_token()->set_counter(counter);
  return status;
}

}  // namespace

TEST_CASE("log-in gives a token and a cookie that scripts cannot read") {
  Fixture f;
  WebResponse good = f.LogIn(R"({"tenant":"demo","login":"agent1","password":"right"})");
  CHECK(good.status == 200);
  CHECK_THAT(good.body, Catch::Contains("\"token\":\"token-agent1\"") &&
                            Catch::Contains("\"expireTime\":\"20") &&
                            Catch::Contains("\"userId\":\"agent1\"") &&
                            Catch::Contains("\"calls.handle\""));
  CHECK_THAT(good.headers["set-cookie"], Catch::StartsWith("zvon_session=token-agent1; ") &&
                                             Catch::Contains("HttpOnly") &&
                                             Catch::Contains("SameSite=Strict"));
  WebResponse me = Fetch(f.port, "GET", "/api/v1/me", {{"Cookie", "zvon_session=token-agent1"}});
  CHECK(me.status == 200);
  CHECK_THAT(me.body, Catch::Contains("\"userId\":\"agent1\""));

  WebResponse wrong = f.LogIn(R"({"tenant":"demo","login":"agent1","password":"wrong"})",
                              {{"Accept-Language", "ru"}});
  CHECK(wrong.status == 401);
  CHECK_THAT(wrong.body, Catch::Contains("\"code\":\"UNAUTHENTICATED\"") &&
                             Catch::Contains("Неверный логин или пароль"));
}

TEST_CASE("bad requests are named and cost nobody else anything") {
  Fixture f;
  struct Row {
    std::string body;
    int status;
    const char* text;
  };
  const Row rows[] = {
      {"", 400, "not the JSON expected"},
      {"{", 400, "not the JSON expected"},
      {"[]", 400, "not the JSON expected"},
      {R"({"tenant":"demo"})", 400, "login: is missing"},
      {R"({"tenant":1,"login":"a","password":"b"})", 400, "tenant: expected a text"},
      {R"({"tenant":"demo","login":"a","password":"b","x":"y"})", 400,
       "x: this field is not known"},
      {"{\"tenant\":" + std::string(20'000, '[') + std::string(20'000, ']') + "}", 400,
       "nested deeper than 32"},
      {std::string(200'000, 'x'), 413, "larger than 64 KiB"},
  };
  for (const Row& row : rows) {
    INFO(row.body.substr(0, 80));
    WebResponse response = f.LogIn(row.body);
    CHECK(response.status == row.status);
    CHECK_THAT(response.body, Catch::Contains(row.text));
    CHECK_THAT(response.body, Catch::StartsWith("{\"error\":{\"code\":\"INVALID_ARGUMENT\""));
  }
  CHECK(Fetch(f.port, "GET", "/api/v1/nothing").status == 404);
  CHECK(Fetch(f.port, "PUT", "/api/v1/me").status == 405);
  CHECK(Fetch(f.port, "GET", "/api/v1/me").status == 401);
  CHECK(f.Get("/api/v1/me?a=%zz", "boss").status == 400);
  CHECK(f.Get("/api/v1/interactions?from=yesterday", "boss").status == 400);
  CHECK(f.Get("/api/v1/interactions?pageSize=5000", "boss").status == 400);
  CHECK(Fetch(f.port, "GET", "/api/v1/me", {{"X-Long", std::string(20'000, 'a')}}).status == 431);
  CHECK(f.LogIn(R"({"tenant":"demo","login":"agent1","password":"right"})",
                {{"Origin", "https://evil.example"}})
            .status == 403);
  CHECK(f.Get("/api/v1/me", "boss").status == 200);
}

TEST_CASE("a user sees the settings of the own tenant, without secrets") {
  Fixture f;
  WebResponse settings = f.Get("/api/v1/settings", "agent1");
  CHECK_THAT(settings.body, Catch::Contains("Перерыв") && Catch::Contains("\"101\"") &&
                                !Catch::Contains("agent1-secret-login") &&
                                !Catch::Contains("another tenant"));
  CHECK_THAT(f.Get("/api/v1/settings", "spy").body,
             Catch::Contains("another tenant") && !Catch::Contains("Перерыв"));
}

TEST_CASE("reports: who may not read them sees the own interactions only") {
  Fixture f;
  WebResponse list = f.Get(
      "/api/v1/interactions?from=2026-11-23T00:00:00Z&queue=sales,support&"
      "agent=agent2&pageSize=20",
      "boss");
  CHECK(list.status == 200);
  CHECK(list.body == "{\"interactions\":[{\"interactionId\":\"i-1\"}],\"nextPageToken\":\"next\"}");
  auto asked = f.platform.reporting.last_list();
  CHECK(asked.tenant_id() == "demo");
  CHECK(asked.page_size() == 20);
  CHECK(asked.filter().queue_ids_size() == 2);
  CHECK(asked.filter().agent_ids(0) == "agent2");

  CHECK(f.Get("/api/v1/interactions?agent=agent2", "agent1").status == 200);
  asked = f.platform.reporting.last_list();
  REQUIRE(asked.filter().agent_ids_size() == 1);
  CHECK(asked.filter().agent_ids(0) == "agent1");
  CHECK(f.Get("/api/v1/interactions/i-1", "agent1").status == 200);
  CHECK(f.Get("/api/v1/interactions/i-1", "agent2").status == 404);
  CHECK(f.Get("/api/v1/reports/queues", "agent1").status == 403);
}

TEST_CASE("an export is streamed in the tenant's time zone") {
  Fixture f;
  WebResponse csv = f.Get("/api/v1/interactions.csv", "boss");
  CHECK(csv.status == 200);
  CHECK(csv.headers["content-type"] == "text/csv; charset=utf-8");
  CHECK_THAT(csv.headers["content-disposition"], Catch::Contains("interactions.csv"));
  CHECK_THAT(csv.body,
             Catch::StartsWith("zone;Europe/Moscow\r\n") && Catch::EndsWith("row 999\r\n"));
}

TEST_CASE("sound is read by ranges, as players do") {
  Fixture f;
  const std::string all = FakeRecording::Bytes();
  const std::string url = "/api/v1/recordings/rec-1/audio";
  WebResponse whole = f.Get(url, "boss");
  CHECK(whole.status == 200);
  CHECK(whole.headers["accept-ranges"] == "bytes");
  CHECK(whole.headers["content-type"] == "audio/ogg");
  CHECK(whole.body == all);

  struct Row {
    const char* range;
    const char* content_range;
    size_t first, length;
  };
  const Row rows[] = {{"bytes=0-99", "bytes 0-99/100000", 0, 100},
                      {"bytes=29990-30010", "bytes 29990-30010/100000", 29990, 21},
                      {"bytes=99000-", "bytes 99000-99999/100000", 99000, 1000},
                      {"bytes=99990-200000", "bytes 99990-99999/100000", 99990, 10},
                      {"bytes=-10", "bytes 99990-99999/100000", 99990, 10}};
  for (const Row& row : rows) {
    INFO(row.range);
    WebResponse part = f.Get(url, "boss", {{"Range", row.range}});
    CHECK(part.status == 206);
    CHECK(part.headers["content-range"] == row.content_range);
    CHECK(part.body == all.substr(row.first, row.length));
  }
  WebResponse beyond = f.Get(url, "boss", {{"Range", "bytes=100000-"}});
  CHECK(beyond.status == 416);
  CHECK(beyond.headers["content-range"] == "bytes */100000");

  WebResponse wav = f.Get(url + "?format=wav&download=1", "boss");
  CHECK(wav.headers["content-type"] == "audio/wav");
  CHECK_THAT(wav.headers["content-disposition"], Catch::Contains("rec-1.wav"));
  CHECK(f.Get(url + "?format=mp3", "boss").status == 400);
}

TEST_CASE("an agent listens to the own recordings only, a stranger to none") {
  Fixture f;
  const std::string url = "/api/v1/recordings/rec-1/audio";
  CHECK(f.Get(url, "agent1").status == 200);
  CHECK(f.Get(url, "agent2").status == 403);
  CHECK(f.Get(url, "spy").status == 404);
  CHECK(f.Get("/api/v1/recordings/rec-2/audio", "boss").status == 404);
  CHECK(Fetch(f.port, "GET", url).status == 401);
}

TEST_CASE("the desktop's files are served with caching, and nothing beside them") {
  Fixture f;
  WebResponse index = Fetch(f.port, "GET", "/");
  CHECK(index.body == "<title>Zvon</title>");
  CHECK_THAT(index.headers["content-security-policy"], Catch::Contains("frame-ancestors 'none'"));
  CHECK(index.headers["cache-control"] == "no-cache");
  CHECK(Fetch(f.port, "GET", "/", {{"If-None-Match", index.headers["etag"]}}).status == 304);
  CHECK(Fetch(f.port, "GET", "/live").body == index.body);
  WebResponse script = Fetch(f.port, "GET", "/assets/app-1a.js");
  CHECK_THAT(script.headers["cache-control"], Catch::Contains("immutable"));
  CHECK(Fetch(f.port, "HEAD", "/assets/app-1a.js").headers["content-length"] == "8");
  for (const char* path :
       {"/../secret.txt", "/%2e%2e/secret.txt", "/assets/../../secret.txt", "/missing.js"}) {
    INFO(path);
    CHECK(Fetch(f.port, "GET", path).status == 404);
  }
  CHECK(Fetch(f.port, "POST", "/").status == 405);
}

TEST_CASE("a record of the directory is changed by those who may") {
  Fixture f;
  auto put = [&](const std::string& user, const std::string& body) {
    return Fetch(f.port, "PUT", "/api/v1/directory/skills/sales",
                 {{"Authorization", "Bearer token-" + user}}, body);
  };
  WebResponse done = put("boss", R"({"skill":{"displayName":"Продажи"}})");
  CHECK(done.status == 200);
  CHECK_THAT(done.body, Catch::Contains("tenants/demo/skills/sales"));
  CHECK(put("agent1", R"({"skill":{}})").status == 403);
  CHECK(put("boss", R"({"name":"tenants/other/skills/sales","skill":{}})").status == 400);
  CHECK(put("boss", R"({"nonsense":1})").status == 400);
}

TEST_CASE("a socket is for our own pages and our own protocol") {
  Fixture f;
  std::string own = "http://127.0.0.1:" + std::to_string(f.port);
  CHECK(WebSocketClient(f.port, {{"Origin", own}}).status() == 101);
  CHECK(WebSocketClient(f.port, {{"Origin", "https://pages.example"}}).status() == 101);
  CHECK(WebSocketClient(f.port, {{"Origin", "https://evil.example"}}).status() == 403);
  CHECK(WebSocketClient(f.port, {}, "/ws", "").status() == 400);
  CHECK(WebSocketClient(f.port, {}, "/other").status() == 404);
}

TEST_CASE("hello with a wrong token is refused, with the cookie alone it works") {
  Fixture f;
  auto bad = f.Connect("\"token\":\"nonsense\"");
  CHECK_THAT(bad->Await("response").value_or(""), Catch::Contains("UNAUTHENTICATED"));
  CHECK(bad->AwaitClose() == 4401);
  WebSocketClient good(f.port, {{"Cookie", "zvon_session=token-boss"}});
  good.Send(R"({"id":"h","hello":{}})");
  CHECK(good.Await("welcome"));
  auto looker = f.Connect("\"token\":\"token-boss\",\"agent\":false");
  REQUIRE(looker->Await("welcome"));
  looker->Send(R"({"id":"1","setState":{"state":"AGENT_STATE_READY"}})");
  CHECK_THAT(looker->Await("\"1\"").value_or(""), Catch::Contains("FAILED_PRECONDITION"));
}

TEST_CASE("bad frames are answered and the socket stays") {
  Fixture f;
  auto socket = f.Agent();
  // The hub is given the configuration a moment after the pages have it.
  int tries = 0;
  REQUIRE(Eventually([&] {
    socket->Send("{\"id\":\"w" + std::to_string(++tries) +
                 "\",\"setState\":{\"state\":\"AGENT_STATE_NOT_READY\",\"reasonId\":\"no\"}}");
    return socket->Await("response").value_or("").find("\"field\":\"reasonId\"") !=
           std::string::npos;
  }));
  const std::pair<std::string, const char*> rows[] = {
      {"nonsense", "INVALID_ARGUMENT"},
      {R"({"id":"a","unknown":{}})", "INVALID_ARGUMENT"},
      {R"({"id":"a"})", "INVALID_ARGUMENT"},
      {R"({"id":"a2","setState":{"state":"AGENT_STATE_ENGAGED"}})", "READY or NOT_READY"},
      {R"({"id":"a3","setState":{"state":"AGENT_STATE_NOT_READY","reasonId":"nonsense"}})",
       "\"field\":\"reasonId\""},
      {R"({"id":"a4","finishWrapUp":{"interactionId":"i","dispositionId":"nonsense"}})",
       "\"field\":\"dispositionId\""},
      {R"({"id":"b","callAction":{"callId":"nobody's","action":"ACTION_HOLD"}})", "NOT_FOUND"},
      {R"({"id":"c","transfer":{"callId":"x","number":"1","queueId":"q"}})", "one of number"},
      {R"({"id":"d","sendDigits":{"callId":"x","digits":"12x"}})", "digits: expected"},
      {R"({"id":"f","declineOffer":{"offerId":"gone"}})", "NOT_FOUND"},
      {"{\"id\":\"g\",\"x\":" + std::string(30'000, '[') + std::string(30'000, ']') + "}",
       "nested"},
  };
  for (const auto& [frame, expected] : rows) {
    INFO(frame.substr(0, 80));
    socket->Send(frame);
    CHECK_THAT(socket->Await("response").value_or(""), Catch::Contains(expected));
  }
  socket->Send(R"({"ping":{}})");
  CHECK(socket->Await("pong"));
  socket->Send(std::string(70'000, 'x'));
  // 1009, or a broken connection where the rest of the frame was still on its way.
  int code = socket->AwaitClose().value_or(-1);
  CHECK((code == 1009 || code == 0));
}

TEST_CASE("an agent signs in, changes state, and a repeat is not carried out twice") {
  Fixture f;
  auto socket = f.Agent();
  CHECK(f.platform.routing->WasAsked("demo/agent1 sign_in"));
  socket->Send(R"({"id":"r1","setState":{"state":"AGENT_STATE_READY"}})");
  CHECK(socket->Await("AGENT_STATE_READY"));
  CHECK(socket->Await("\"id\":\"r1\""));
  socket->Send(R"({"id":"r1","setState":{"state":"AGENT_STATE_READY"}})");
  CHECK(socket->Await("\"id\":\"r1\""));
  socket->Send(R"({"id":"r2","signOut":{}})");
  CHECK(socket->Await("\"id\":\"r2\""));
  CHECK(f.platform.routing->WasAsked("demo/agent1 sign_out"));
  CHECK_FALSE(f.platform.routing->WasAsked("demo/agent1 set_state", 2));
}

TEST_CASE("what was missed in a break follows the welcome, in order and once") {
  Fixture f;
  auto first = std::make_unique<WebSocketClient>(f.port);
  first->Send(R"({"id":"h","hello":{"token":"token-agent1","agent":true}})");
  std::string id = SessionIdIn(first->Await("welcome").value_or(""));
  std::string state = first->Await("AGENT_STATE_NOT_READY").value_or("");
  CHECK_THAT(state, Catch::StartsWith("{\"sequence\":\"1\",\"agent\":"));
  first->Break();
  f.platform.routing->Tell(Offered(1, 1, "offer-1"));
  routing::v1::AgentStatus engaged = Offered(1, 1, "");
  engaged.clear_offer();
  engaged.set_state(routing::v1::AGENT_STATE_ENGAGED);
  f.platform.routing->Tell(engaged);

  auto second = f.Connect("\"token\":\"token-agent1\",\"agent\":true,\"clientSessionId\":\"" + id +
                          "\",\"lastSequence\":\"1\"");
  CHECK_THAT(second->Await("welcome").value_or(""), Catch::Contains("\"resumed\":true"));
  CHECK_THAT(second->Await("sequence").value_or(""),
             Catch::StartsWith("{\"sequence\":\"2\"") && Catch::Contains("offer-1"));
  CHECK_THAT(second->Await("sequence").value_or(""),
             Catch::StartsWith("{\"sequence\":\"3\"") && Catch::Contains("ENGAGED"));
  CHECK_FALSE(f.platform.routing->WasAsked("demo/agent1 sign_out"));
  CHECK_FALSE(f.platform.routing->WasAsked("demo/agent1 sign_in", 2));
}

TEST_CASE("nobody resumes a session of somebody else, or one that is unknown") {
  Fixture f;
  auto first = f.Connect("\"token\":\"token-agent1\"");
  std::string id = SessionIdIn(first->Await("welcome").value_or(""));
  auto other = f.Connect("\"token\":\"token-agent2\",\"clientSessionId\":\"" + id + "\"");
  std::string welcome = other->Await("welcome").value_or("");
  CHECK_THAT(welcome, !Catch::Contains("\"resumed\":true"));
  CHECK(SessionIdIn(welcome) != id);
  auto late = f.Connect(R"("token":"token-agent1","clientSessionId":"x","lastSequence":"7")");
  CHECK_THAT(late->Await("welcome").value_or(""), !Catch::Contains("resumed"));
}

TEST_CASE("a second desk of the same agent replaces the first") {
  Fixture f;
  auto first = f.Agent();
  auto second = f.Connect(R"("token":"token-agent1","agent":true)");
  CHECK(second->Await("welcome"));
  CHECK(first->AwaitClose() == 4409);
  CHECK(second->Await("AGENT_STATE_NOT_READY"));
  CHECK_FALSE(f.platform.routing->WasAsked("demo/agent1 sign_out"));
}

TEST_CASE("the gateway is the last judge of an offer") {
  Fixture f;
  auto socket = f.Agent();
  f.platform.routing->Tell(Offered(2, 5, "offer-new"));
  CHECK(socket->Await("offer-new"));
  f.platform.routing->Tell(Offered(1, 9, "offer-old"));
  f.platform.routing->Tell(Offered(2, 6, "offer-next"));
  std::string next = socket->Await("offer-").value_or("");
  CHECK_THAT(next, Catch::Contains("offer-next"));
  socket->Send(R"({"id":"d","declineOffer":{"offerId":"offer-next"}})");
  CHECK_THAT(socket->Await("\"id\":\"d\"").value_or(""), !Catch::Contains("error"));
  CHECK(f.platform.routing->WasAsked("demo/agent1 decline_offer"));
}

TEST_CASE("a router that forgot its agents is told again, with their last state") {
  Fixture f;
  auto socket = f.Agent();
  socket->Send(R"({"id":"r","setState":{"state":"AGENT_STATE_READY"}})");
  REQUIRE(socket->Await("\"id\":\"r\""));
  f.platform.RestartRouting();
  REQUIRE(Eventually([&] { return f.platform.routing->WasAsked("demo/agent1 set_state"); }));
  CHECK(f.platform.routing->asked().front() == "demo/agent1 sign_in");
  CHECK(socket->Await("AGENT_STATE_READY"));
}

TEST_CASE("an agent whom the router lost is signed in again, and ready again") {
  Fixture f;
  auto socket = f.Agent();
  socket->Send(R"({"id":"r","setState":{"state":"AGENT_STATE_READY"}})");
  REQUIRE(socket->Await("\"id\":\"r\""));
  f.platform.routing->Forget("demo", "agent1");
  CHECK(Eventually([&] { return f.platform.routing->WasAsked("demo/agent1 sign_in", 2); }));
  CHECK(socket->Await("AGENT_STATE_READY"));
}

TEST_CASE("calls are shown to their agent and commands go to their owner") {
  Fixture f;
  auto socket = f.Agent();
  auto other = f.Agent("agent2");
  signalingservice::v1::AgentCall call;
  call.set_tenant_id("demo");
  call.set_agent_id("agent1");
  call.set_call_id("call-1");
  call.set_state(call::v1::LEG_STATE_ANSWERED);
  f.platform.signaling.Tell(call);
  CHECK_THAT(socket->Await("call-1").value_or(""), Catch::Contains("LEG_STATE_ANSWERED"));
  socket->Send(R"({"id":"1","callAction":{"callId":"call-1","action":"ACTION_HOLD"}})");
  CHECK_THAT(socket->Await("\"id\":\"1\"").value_or(""), Catch::Contains("\"callId\":\"call-1\""));
  socket->Send(R"({"id":"2","transfer":{"callId":"call-1","queueId":"support"}})");
  CHECK(socket->Await("\"id\":\"2\""));
  other->Send(R"({"id":"3","callAction":{"callId":"call-1","action":"ACTION_HANG_UP"}})");
  CHECK_THAT(other->Await("\"id\":\"3\"").value_or(""), Catch::Contains("NOT_FOUND"));
  other->Send(R"({"id":"4","startCall":{"number":"1000"}})");
  CHECK_THAT(other->Await("\"id\":\"4\"").value_or(""), Catch::Contains("call-new"));
  auto commands = f.platform.signaling.commands();
  REQUIRE(commands.size() == 3);
  CHECK(commands[0].has_hold());
  CHECK(commands[0].agent_id() == "agent1");
  CHECK(commands[1].blind_transfer().queue_id() == "support");
  CHECK(commands[2].agent_id() == "agent2");
  CHECK(commands[0].request_id() != commands[2].request_id());
}

TEST_CASE("the live view is for those who may, of their own tenant") {
  Fixture f;
  auto boss = f.Connect(R"("token":"token-boss")");
  REQUIRE(boss->Await("welcome"));
  boss->Send(R"({"id":"s","subscribe":{"topic":"TOPIC_LIVE"}})");
  REQUIRE(boss->Await("\"id\":\"s\""));
  REQUIRE(Eventually([&] { return f.platform.routing->WasAsked("demo/ watch_tenant"); }));
  routing::v1::QueueStatus queue;
  queue.set_tenant_id("other");
  queue.set_queue_id("hidden");
  f.platform.routing->Tell(queue);
  queue.set_tenant_id("demo");
  queue.set_queue_id("sales");
  queue.set_waiting(3);
  f.platform.routing->Tell(queue);
  CHECK_THAT(boss->Await("liveQueue").value_or(""), Catch::Contains("\"sales\""));
  // A second one who looks is given what is known.
  auto second = f.Connect(R"("token":"token-boss")");
  second->Send(R"({"id":"x","ping":{}})");
  REQUIRE(second->Await("welcome"));
  second->Send(R"({"id":"s","subscribe":{"topic":"TOPIC_LIVE"}})");
  CHECK_THAT(second->Await("liveQueue").value_or(""), Catch::Contains("\"waiting\":3"));
  CHECK_FALSE(f.platform.routing->WasAsked("demo/ watch_tenant", 2));
}

TEST_CASE("an agent sees who is free, not whom the others talk to") {
  Fixture f;
  auto agent = f.Agent();
  agent->Send(R"({"id":"s","subscribe":{"topic":"TOPIC_LIVE"}})");
  REQUIRE(agent->Await("\"id\":\"s\""));
  REQUIRE(Eventually([&] { return f.platform.routing->WasAsked("demo/ watch_tenant"); }));
  routing::v1::AgentStatus colleague;
  colleague.set_tenant_id("demo");
  colleague.set_agent_id("agent2");
  colleague.set_state(routing::v1::AGENT_STATE_ENGAGED);
  colleague.mutable_interaction()->set_caller_number("79161112233");
  f.platform.routing->Tell(colleague);
  const std::string frame = agent->Await("liveAgent").value_or("");
  CHECK_THAT(frame, Catch::Contains("AGENT_STATE_ENGAGED"));
  CHECK_THAT(frame, !Catch::Contains("79161112233"));
}

TEST_CASE("changed settings and services out of reach are told") {
  Fixture f;
  auto socket = f.Connect(R"("token":"token-agent1")");
  REQUIRE(socket->Await("welcome"));
  directory::v1::Resource reason;
  reason.set_name("tenants/demo/reasons/lunch");
  reason.set_revision(2);
  (*reason.mutable_not_ready_reason()->mutable_display_names())["ru"] = "Обед";
  f.platform.directory.Publish(reason);
  CHECK_THAT(socket->Await("setting").value_or(""), Catch::Contains("Обед"));
  f.platform.signaling_server->Stop(absl::ZeroDuration());
  CHECK_THAT(socket->Await("degradation").value_or(""), Catch::Contains("\"signaling\""));
}

TEST_CASE("log-out ends the user's sockets and signs the agent out") {
  Fixture f;
  auto socket = f.Agent();
  WebResponse out =
      Fetch(f.port, "DELETE", "/api/v1/sessions", {{"Authorization", "Bearer token-agent1"}});
  CHECK(out.status == 200);
  CHECK_THAT(out.headers["set-cookie"], Catch::Contains("Max-Age=0"));
  CHECK(socket->AwaitClose() == 4401);
  CHECK(Eventually([&] { return f.platform.routing->WasAsked("demo/agent1 sign_out"); }));
}

TEST_CASE("a client that does not read is cut off, others do not notice") {
  Fixture f;
  auto slow = f.Connect(R"("token":"token-boss")");
  REQUIRE(slow->Await("welcome"));
  slow->Send(R"({"id":"s","subscribe":{"topic":"TOPIC_LIVE"}})");
  REQUIRE(slow->Await("\"id\":\"s\""));
  REQUIRE(Eventually([&] { return f.platform.routing->WasAsked("demo/ watch_tenant"); }));
  slow->StopReading();
  auto agent = f.Agent();
  // Some 12 MB: more than the kernel's buffers and the bound together.
  routing::v1::AgentStatus big;
  big.set_tenant_id("demo");
  big.set_agent_id("agent2");
  big.mutable_interaction()->set_caller_name(std::string(60'000, 'x'));
  for (int i = 0; i < 200; ++i) f.platform.routing->Tell(big);
  auto cut_off = [&] {
    return f.metrics.Serialize().find("zvon_gateway_sockets 1\n") != std::string::npos;
  };
  CHECK(Eventually(cut_off));
  agent->Send(R"({"ping":{}})");
  CHECK(agent->Await("pong"));
}

}  // namespace zvon::gateway
