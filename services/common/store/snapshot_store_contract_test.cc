// What every snapshot store keeps to, asked of the one in memory and of Redis.

#include <catch2/catch.hpp>

#include <algorithm>
#include <future>

#include "services/common/store/memory_snapshot_store.h"
#include "services/common/store/redis_snapshot_store.h"
#include "services/common/testing/test_redis.h"

namespace zvon {
namespace {

// Two owners of one store, asked from the test's thread.
class Bench {
 public:
  virtual ~Bench() = default;
  virtual void OnRunner(const std::function<void()>& body) = 0;

  absl::Status Put(SnapshotStore& store, const std::string& key, const std::string& bytes,
                   absl::Duration ttl = absl::InfiniteDuration()) {
    return Ask<absl::Status>([&](auto done) { store.Put(key, bytes, ttl, done); });
  }
  absl::Status Delete(SnapshotStore& store, const std::string& key) {
    return Ask<absl::Status>([&](auto done) { store.Delete(key, done); });
  }
  absl::StatusOr<Snapshot> Get(SnapshotStore& store, const std::string& key) {
    return Ask<absl::StatusOr<Snapshot>>([&](auto done) { store.Get(key, done); });
  }
  absl::StatusOr<Snapshot> TakeOver(SnapshotStore& store, const std::string& key) {
    return Ask<absl::StatusOr<Snapshot>>([&](auto done) { store.TakeOver(key, done); });
  }
  std::vector<std::string> ListOwned(SnapshotStore& store, const std::string& owner) {
    auto keys = Ask<absl::StatusOr<std::vector<std::string>>>(
        [&](auto done) { store.ListOwned(owner, done); });
    REQUIRE(keys.ok());
    std::sort(keys->begin(), keys->end());
    return *keys;
  }

  std::unique_ptr<SnapshotStore> a, b;

 private:
  template <class Answer>
  Answer Ask(const std::function<void(std::function<void(Answer)>)>& ask) {
    auto promise = std::make_shared<std::promise<Answer>>();
    OnRunner([&] { ask([promise](Answer answer) { promise->set_value(std::move(answer)); }); });
    return promise->get_future().get();
  }
};

class MemoryBench final : public Bench {
 public:
  MemoryBench() {
    a = snapshots_.MakeStore("a");
    b = snapshots_.MakeStore("b");
  }
  void OnRunner(const std::function<void()>& body) override { body(); }

 private:
  SteadyClock clock_;
  MemorySnapshots snapshots_{&clock_};
};

class RedisBench final : public Bench {
 public:
  RedisBench() {
    loop_.Start();
    OnRunner([this] {
      RedisSettings settings;
      settings.address = server_.address();
      client_ = std::make_unique<RedisClient>(loop_, settings);
      client_->Start();
      a = MakeRedisSnapshotStore(*client_, "{demo}:call", "a");
      b = MakeRedisSnapshotStore(*client_, "{demo}:call", "b");
    });
    REQUIRE(WaitUntil([this] {
      bool connected = false;
      OnRunner([&] { connected = client_->connected(); });
      return connected;
    }));
  }
  ~RedisBench() override {
    OnRunner([this] { client_.reset(); });
    loop_.Stop();
  }
  void OnRunner(const std::function<void()>& body) override {
    loop_.PostAndWait([&] { body(); });
  }

 private:
  TestRedis server_;
  SteadyClock clock_;
  Loop loop_{{.name = "store-test"}, clock_};
  std::unique_ptr<RedisClient> client_;
};

std::unique_ptr<Bench> MakeBench(const std::string& kind) {
  if (kind == "memory") return std::make_unique<MemoryBench>();
  return std::make_unique<RedisBench>();
}

using Keys = std::vector<std::string>;

TEST_CASE("A snapshot is given back with a rising version and its owner") {
  auto bench = MakeBench(GENERATE("memory", "redis"));
  CHECK(bench->Get(*bench->a, "x").status().code() == absl::StatusCode::kNotFound);
  REQUIRE(bench->Put(*bench->a, "x", std::string("\0one", 4)).ok());
  auto first = bench->Get(*bench->b, "x");
  REQUIRE(first.ok());
  CHECK(first->bytes == std::string("\0one", 4));
  CHECK(first->owner == "a");
  CHECK(first->version == 1);
  REQUIRE(bench->Put(*bench->a, "x", "two").ok());
  CHECK(bench->Get(*bench->a, "x")->version == 2);
  CHECK(bench->Get(*bench->a, "x")->bytes == "two");
}

TEST_CASE("After a takeover the former owner's writes are refused") {
  auto bench = MakeBench(GENERATE("memory", "redis"));
  REQUIRE(bench->Put(*bench->a, "x", "one").ok());
  auto taken = bench->TakeOver(*bench->b, "x");
  REQUIRE(taken.ok());
  CHECK(taken->bytes == "one");
  CHECK(taken->owner == "a");
  CHECK(bench->Put(*bench->a, "x", "zombie").code() == absl::StatusCode::kFailedPrecondition);
  CHECK(bench->Delete(*bench->a, "x").code() == absl::StatusCode::kFailedPrecondition);
  REQUIRE(bench->Put(*bench->b, "x", "two").ok());
  CHECK(bench->Get(*bench->a, "x")->bytes == "two");
  CHECK(bench->Get(*bench->a, "x")->owner == "b");
  CHECK(bench->TakeOver(*bench->b, "none").status().code() == absl::StatusCode::kNotFound);
}

TEST_CASE("The list of an owner's snapshots follows every change") {
  auto bench = MakeBench(GENERATE("memory", "redis"));
  for (const char* key : {"x", "y", "z"}) REQUIRE(bench->Put(*bench->a, key, "1").ok());
  CHECK(bench->ListOwned(*bench->b, "a") == Keys{"x", "y", "z"});
  REQUIRE(bench->Delete(*bench->a, "y").ok());
  REQUIRE(bench->TakeOver(*bench->b, "z").ok());
  CHECK(bench->ListOwned(*bench->b, "a") == Keys{"x"});
  CHECK(bench->ListOwned(*bench->b, "b") == Keys{"z"});
  CHECK(bench->ListOwned(*bench->b, "nobody").empty());
  REQUIRE(bench->Delete(*bench->a, "y").ok());  // Once more is harmless.
}

TEST_CASE("A snapshot is gone after its time to live") {
  auto bench = MakeBench(GENERATE("memory", "redis"));
  REQUIRE(bench->Put(*bench->a, "brief", "1", absl::Milliseconds(30)).ok());
  REQUIRE(bench->Put(*bench->a, "kept", "1", absl::Milliseconds(30)).ok());
  REQUIRE(bench->Put(*bench->a, "kept", "2").ok());
  CHECK(WaitUntil([&] { return !bench->Get(*bench->a, "brief").ok(); }));
  CHECK(bench->Get(*bench->a, "kept").ok());
  CHECK(bench->ListOwned(*bench->a, "a") == Keys{"kept"});
}

TEST_CASE("Writes of one turn arrive in order") {
  auto bench = MakeBench(GENERATE("memory", "redis"));
  std::promise<void> last;
  bench->OnRunner([&] {
    for (int i = 0; i < 1000; ++i) {
      bench->a->Put("x", std::to_string(i), absl::Minutes(1), [&last, i](absl::Status status) {
        if (i == 999) last.set_value();
      });
    }
  });
  last.get_future().wait();
  CHECK(bench->Get(*bench->a, "x")->bytes == "999");
  CHECK(bench->Get(*bench->a, "x")->version == 1000);
}

TEST_CASE("A held store answers and acts on delivery, a store that is down fails") {
  MemorySnapshots snapshots;
  auto store = snapshots.MakeStore("a");
  snapshots.Hold(true);
  int answers = 0;
  store->Put("x", "1", absl::Minutes(1),
             [&](absl::Status status) { answers += status.ok() ? 1 : 0; });
  CHECK(answers == 0);
  CHECK(snapshots.size() == 0);
  snapshots.Deliver();
  CHECK(answers == 1);
  snapshots.Hold(false);
  snapshots.SetDown(true);
  absl::Status status;
  store->Put("x", "2", absl::Minutes(1), [&](absl::Status s) { status = s; });
  CHECK(status.code() == absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace zvon
