#include "services/common/store/redis.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <future>
#include <mutex>

#include "absl/strings/str_cat.h"
#include "services/common/store/redis_connection.h"
#include "services/common/testing/free_port.h"
#include "services/common/testing/test_redis.h"

namespace zvon {
namespace {

// A client on a loop of its own, driven from the test's thread.
class Bench {
 public:
  explicit Bench(RedisSettings settings) {
    loop_.Start();
    loop_.PostAndWait([&] {
      client_ = std::make_unique<RedisClient>(loop_, settings);
      client_->OnConnected([this](bool restarted) {
        ++connects;
        if (restarted) ++restarts;
      });
      client_->OnDisconnected([this](const absl::Status&) { ++disconnects; });
      client_->Start();
    });
  }
  ~Bench() {
    loop_.PostAndWait([this] { client_.reset(); });
    loop_.Stop();
  }
  bool WaitConnected(int times = 1) {
    return WaitUntil([&] { return connects.load() >= times; });
  }
  void Do(std::function<void(RedisClient&)> body) {
    loop_.PostAndWait([&] { body(*client_); });
  }
  absl::StatusOr<RedisReply> Run(std::vector<std::string> args) {
    return Ask([&](RedisClient& client, RedisClient::Handler handler) {
      client.Command(args, std::move(handler));
    });
  }
  absl::StatusOr<RedisReply> Eval(const std::string& script, std::vector<std::string> keys,
                                  std::vector<std::string> args) {
    return Ask([&](RedisClient& client, RedisClient::Handler handler) {
      client.Eval(script, keys, args, std::move(handler));
    });
  }

  std::atomic<int> connects{0}, restarts{0}, disconnects{0};

 private:
  absl::StatusOr<RedisReply> Ask(
      const std::function<void(RedisClient&, RedisClient::Handler)>& ask) {
    std::promise<absl::StatusOr<RedisReply>> promise;
    auto future = promise.get_future();
    Do([&](RedisClient& client) {
      ask(client,
          [&promise](absl::StatusOr<RedisReply> reply) { promise.set_value(std::move(reply)); });
    });
    return future.get();
  }

  SteadyClock clock_;
  Loop loop_{{.name = "redis-test"}, clock_};
  std::unique_ptr<RedisClient> client_;
};

RedisSettings SettingsFor(const TestRedis& server) {
  RedisSettings settings;
  settings.address = server.address();
  settings.timeout = absl::Milliseconds(500);
  return settings;
}

TEST_CASE("Commands are answered, errors of Redis are told") {
  TestRedis server;
  Bench bench(SettingsFor(server));
  REQUIRE(bench.WaitConnected());
  CHECK(bench.Run({"SET", "a", std::string("\0b", 2)})->text == "OK");
  CHECK(bench.Run({"GET", "a"})->text == std::string("\0b", 2));
  CHECK(bench.Run({"GET", "none"})->is_nil());
  CHECK(bench.Run({"INCR", "n"})->integer == 1);
  CHECK(bench.Run({"MGET", "a", "none"})->elements.size() == 2);
  auto wrong = bench.Run({"LPUSH", "a", "x"});
  CHECK(wrong.status().code() == absl::StatusCode::kFailedPrecondition);
  CHECK(std::string(wrong.status().message()).find("WRONGTYPE") == 0);
}

TEST_CASE("Ten thousand commands of one turn are answered in order") {
  TestRedis server;
  Bench bench(SettingsFor(server));
  REQUIRE(bench.WaitConnected());
  std::mutex mutex;
  std::vector<int64_t> answers;
  bench.Do([&](RedisClient& client) {
    for (int i = 0; i < 10'000; ++i) {
      client.Command({"INCR", "n"}, [&](absl::StatusOr<RedisReply> reply) {
        std::lock_guard<std::mutex> lock(mutex);
        answers.push_back(reply.ok() ? reply->integer : -1);
      });
    }
    CHECK(client.pending() == 10'000);
  });
  REQUIRE(WaitUntil([&] {
    std::lock_guard<std::mutex> lock(mutex);
    return answers.size() == 10'000;
  }));
  for (int i = 0; i < 10'000; ++i) REQUIRE(answers[i] == i + 1);
}

TEST_CASE("Scripts run by their digest and survive SCRIPT FLUSH") {
  TestRedis server;
  Bench bench(SettingsFor(server));
  REQUIRE(bench.WaitConnected());
  const std::string script = "return {KEYS[1], ARGV[1]}";
  for (int i = 0; i < 3; ++i) CHECK(bench.Eval(script, {"k"}, {"v"})->elements[1].text == "v");
  REQUIRE(bench.Run({"SCRIPT", "FLUSH"}).ok());
  CHECK(bench.Eval(script, {"k"}, {"v"})->elements[0].text == "k");
  auto failed = bench.Eval("return redis.error_reply('STALE token')", {}, {});
  CHECK(failed.status().code() == absl::StatusCode::kFailedPrecondition);
  CHECK(failed.status().message() == "STALE token");
}

TEST_CASE("A restarted server is noticed and the client comes back by itself") {
  TestRedis server;
  Bench bench(SettingsFor(server));
  REQUIRE(bench.WaitConnected());
  CHECK(bench.restarts == 0);
  server.Kill();
  REQUIRE(WaitUntil([&] { return bench.disconnects == 1; }));
  CHECK(bench.Run({"PING"}).status().code() == absl::StatusCode::kUnavailable);
  server.Restart();
  REQUIRE(bench.WaitConnected(2));
  CHECK(bench.restarts == 1);
  CHECK(bench.Run({"PING"})->text == "PONG");
}

TEST_CASE("A server that hangs fails commands in time and is left") {
  TestRedis server;
  Bench bench(SettingsFor(server));
  REQUIRE(bench.WaitConnected());
  server.Freeze();
  auto late = bench.Run({"PING"});
  CHECK(late.status().code() == absl::StatusCode::kDeadlineExceeded);
  REQUIRE(WaitUntil([&] { return bench.disconnects == 1; }));
  server.Thaw();
  REQUIRE(bench.WaitConnected(2));
  CHECK(bench.restarts == 0);
}

TEST_CASE("An idle client notices a server that hangs") {
  TestRedis server;
  Bench bench(SettingsFor(server));
  REQUIRE(bench.WaitConnected());
  server.Freeze();
  CHECK(WaitUntil([&] { return bench.disconnects == 1; }));
  server.Thaw();
}

TEST_CASE("Subscriptions receive messages, again after a reconnection") {
  TestRedis server;
  Bench bench(SettingsFor(server));
  std::atomic<int> messages{0};
  bench.Do([&](RedisClient& client) {
    client.Subscribe("news", [&](const std::string& text) {
      if (text == "hello") ++messages;
    });
  });
  REQUIRE(bench.WaitConnected());
  auto publish = [&] {
    auto reply = bench.Run({"PUBLISH", "news", "hello"});
    return reply.ok() && reply->integer == 1;
  };
  REQUIRE(WaitUntil(publish));
  REQUIRE(WaitUntil([&] { return messages == 1; }));
  server.Restart();
  REQUIRE(bench.WaitConnected(2));
  REQUIRE(WaitUntil(publish));
  CHECK(WaitUntil([&] { return messages == 2; }));
}

TEST_CASE("A password and a database are used") {
  TestRedis server;
  Bench plain(SettingsFor(server));
  REQUIRE(plain.WaitConnected());
  REQUIRE(plain.Run({"CONFIG", "SET", "requirepass", "secret"}).ok());
  RedisSettings settings = SettingsFor(server);
  settings.password = "secret";
  settings.database = 3;
  Bench bench(settings);
  REQUIRE(bench.WaitConnected());
  CHECK(bench.Run({"SET", "only-here", "1"}).ok());
  CHECK(plain.Run({"EXISTS", "only-here"})->integer == 0);
}

// A sentinel of its own for the master.
std::unique_ptr<ChildProcess> StartSentinel(const TempDir& dir, int port, const TestRedis& master) {
  const std::string file = dir.path() + "/sentinel.conf";
  FILE* config = fopen(file.c_str(), "w");
  fprintf(config,
          "port %d\nbind 127.0.0.1\ndir %s\nsentinel monitor zvon 127.0.0.1 %d 1\n"
          "sentinel down-after-milliseconds zvon 500\nsentinel failover-timeout zvon 2000\n",
          port, dir.path().c_str(), master.port());
  fclose(config);
  auto sentinel = ChildProcess::Start({.args = {"redis-server", file, "--sentinel"}});
  REQUIRE(sentinel.ok());
  return std::move(*sentinel);
}

TEST_CASE("The sentinels are asked for the master") {
  TestRedis master;
  TempDir dir;
  const int port = FreePort();
  auto sentinel = StartSentinel(dir, port, master);
  RedisSettings settings;
  settings.timeout = absl::Milliseconds(500);
  settings.sentinels = {absl::StrCat("127.0.0.1:", FreePort()), absl::StrCat("localhost:", port)};
  Bench bench(settings);
  REQUIRE(bench.WaitConnected());
  REQUIRE(bench.Run({"SET", "by", "sentinel"}).ok());
  Bench direct(SettingsFor(master));
  REQUIRE(direct.WaitConnected());
  CHECK(direct.Run({"GET", "by"})->text == "sentinel");
}

// A sentinel promotes only a replica that has told it of its link: known by
// name alone it is passed over, and the next attempt is seconds away.
bool IsFitForFailOver(const RedisReply& replica) {
  for (size_t i = 0; i + 1 < replica.elements.size(); i += 2) {
    if (replica.elements[i].text == "master-link-status")
      return replica.elements[i + 1].text == "ok";
  }
  return false;
}

TEST_CASE("After a fail-over the client works with the new master") {
  TestRedis master, replica;
  Bench second(SettingsFor(replica));
  REQUIRE(second.WaitConnected());
  REQUIRE(second.Run({"REPLICAOF", "127.0.0.1", absl::StrCat(master.port())}).ok());
  TempDir dir;
  const int port = FreePort();
  auto sentinel = StartSentinel(dir, port, master);
  RedisSettings asks;
  asks.address = absl::StrCat("127.0.0.1:", port);
  Bench at_sentinel(asks);
  REQUIRE(at_sentinel.WaitConnected());
  REQUIRE(WaitUntil(
      [&] {
        auto replicas = at_sentinel.Run({"SENTINEL", "replicas", "zvon"});
        return replicas.ok() && replicas->elements.size() == 1 &&
               IsFitForFailOver(replicas->elements[0]);
      },
      absl::Seconds(30)));
  RedisSettings settings;
  settings.timeout = absl::Milliseconds(500);
  settings.sentinels = {absl::StrCat("127.0.0.1:", port)};
  Bench bench(settings);
  REQUIRE(bench.WaitConnected());
  REQUIRE(bench.Run({"SET", "kept", "1"}).ok());
  REQUIRE(WaitUntil([&] {
    auto replicas = bench.Run({"WAIT", "1", "100"});
    return replicas.ok() && replicas->integer == 1;
  }));
  master.Kill();
  REQUIRE(WaitUntil([&] { return bench.Run({"SET", "after", "1"}).ok(); }, absl::Seconds(60)));
  auto kept = bench.Run({"GET", "kept"});
  REQUIRE(kept.ok());
  CHECK(kept->text == "1");
  CHECK(bench.restarts == 1);
}

TEST_CASE("A replica that refuses writes is left") {
  CHECK(internal::RedisErrorStatus("READONLY You can't write").code() ==
        absl::StatusCode::kUnavailable);
  TestRedis server;
  Bench bench(SettingsFor(server));
  REQUIRE(bench.WaitConnected());
  REQUIRE(bench.Run({"REPLICAOF", "127.0.0.1", "1"}).ok());
  CHECK(bench.Run({"SET", "a", "b"}).status().code() == absl::StatusCode::kUnavailable);
  CHECK(WaitUntil([&] { return bench.disconnects == 1; }));
}

}  // namespace
}  // namespace zvon
