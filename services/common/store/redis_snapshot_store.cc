#include "services/common/store/redis_snapshot_store.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace zvon {
namespace {

// KEYS: record, owner's set. ARGV: owner, bytes, ttl in ms (0 = for ever), key.
// Answers the other owner's name where there is one, else the new version.
constexpr char kPut[] = R"(
local o = redis.call('HGET', KEYS[1], 'o')
if o and o ~= ARGV[1] then return o end
redis.call('HSET', KEYS[1], 'b', ARGV[2], 'o', ARGV[1])
local v = redis.call('HINCRBY', KEYS[1], 'v', 1)
if ARGV[3] == '0' then redis.call('PERSIST', KEYS[1])
else redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
redis.call('SADD', KEYS[2], ARGV[4])
return v)";

// KEYS as above. ARGV: owner, key.
constexpr char kDelete[] = R"(
local o = redis.call('HGET', KEYS[1], 'o')
if o and o ~= ARGV[1] then return o end
redis.call('DEL', KEYS[1])
redis.call('SREM', KEYS[2], ARGV[2])
return 1)";

// KEYS as above. ARGV: owner, key, start of the names of owners' sets.
constexpr char kTakeOver[] = R"(
local r = redis.call('HMGET', KEYS[1], 'b', 'v', 'o')
if not r[3] then return false end
redis.call('HSET', KEYS[1], 'o', ARGV[1])
redis.call('SREM', ARGV[3] .. r[3], ARGV[2])
redis.call('SADD', KEYS[2], ARGV[2])
return r)";

// KEYS: owner's set. ARGV: owner, start of the records' names. Forgets what
// has expired or has gone to another owner.
constexpr char kListOwned[] = R"(
local out = {}
for _, key in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  if redis.call('HGET', ARGV[2] .. key, 'o') == ARGV[1] then out[#out + 1] = key
  else redis.call('SREM', KEYS[1], key) end
end
return out)";

absl::StatusOr<Snapshot> ToSnapshot(const std::string& key,
                                    const absl::StatusOr<RedisReply>& reply) {
  if (!reply.ok()) return reply.status();
  if (reply->elements.size() != 3 || reply->elements[2].is_nil()) {
    return absl::NotFoundError(absl::StrCat("no snapshot ", key));
  }
  Snapshot snapshot;
  snapshot.bytes = reply->elements[0].text;
  snapshot.version = std::strtoll(reply->elements[1].text.c_str(), nullptr, 10);
  snapshot.owner = reply->elements[2].text;
  return snapshot;
}

class RedisSnapshotStore final : public SnapshotStore {
 public:
  RedisSnapshotStore(RedisClient& redis, std::string prefix, std::string owner)
      : redis_(redis), prefix_(std::move(prefix) + ":"), owner_(std::move(owner)) {}

  void Put(const std::string& key, std::string bytes, absl::Duration ttl, Done done) override {
    const int64_t ttl_ms =
        ttl == absl::InfiniteDuration() ? 0 : std::max<int64_t>(1, absl::ToInt64Milliseconds(ttl));
    redis_.Eval(kPut, {prefix_ + key, OwnedBy(owner_)},
                {owner_, std::move(bytes), absl::StrCat(ttl_ms), key}, Judge(key, std::move(done)));
  }

  void Delete(const std::string& key, Done done) override {
    redis_.Eval(kDelete, {prefix_ + key, OwnedBy(owner_)}, {owner_, key},
                Judge(key, std::move(done)));
  }

  void Get(const std::string& key, std::function<void(absl::StatusOr<Snapshot>)> done) override {
    redis_.Command({"HMGET", prefix_ + key, "b", "v", "o"},
                   [key, done = std::move(done)](absl::StatusOr<RedisReply> reply) {
                     done(ToSnapshot(key, reply));
                   });
  }

  void TakeOver(const std::string& key,
                std::function<void(absl::StatusOr<Snapshot>)> done) override {
    redis_.Eval(kTakeOver, {prefix_ + key, OwnedBy(owner_)}, {owner_, key, OwnedBy("")},
                [key, done = std::move(done)](absl::StatusOr<RedisReply> reply) {
                  done(ToSnapshot(key, reply));
                });
  }

  void ListOwned(const std::string& owner,
                 std::function<void(absl::StatusOr<std::vector<std::string>>)> done) override {
    redis_.Eval(kListOwned, {OwnedBy(owner)}, {owner, prefix_},
                [done = std::move(done)](absl::StatusOr<RedisReply> reply) {
                  if (!reply.ok()) return done(reply.status());
                  std::vector<std::string> keys;
                  for (RedisReply& key : reply->elements) keys.push_back(std::move(key.text));
                  done(std::move(keys));
                });
  }

 private:
  std::string OwnedBy(const std::string& owner) const { return prefix_ + "owned:" + owner; }

  // A text instead of a number is the name of another owner.
  static RedisClient::Handler Judge(const std::string& key, Done done) {
    return [key, done = std::move(done)](absl::StatusOr<RedisReply> reply) {
      if (!reply.ok()) return done(reply.status());
      if (reply->type == RedisReply::Type::kInteger) return done(absl::OkStatus());
      done(absl::FailedPreconditionError(
          absl::StrCat("snapshot ", key, " belongs to ", reply->text)));
    };
  }

  RedisClient& redis_;
  const std::string prefix_;
  const std::string owner_;
};

}  // namespace

std::unique_ptr<SnapshotStore> MakeRedisSnapshotStore(RedisClient& redis, std::string prefix,
                                                      std::string owner) {
  return std::make_unique<RedisSnapshotStore>(redis, std::move(prefix), std::move(owner));
}

}  // namespace zvon
