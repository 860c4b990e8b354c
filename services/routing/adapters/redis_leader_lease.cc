#include <utility>

#include "absl/strings/numbers.h"
#include "services/routing/adapters/redis_routing_store.h"

namespace zvon::routing {
namespace {

// KEYS: lease (string "epoch|instance|address" with a time to live), epoch
// (the highest ever given). ARGV: me without epoch, epoch (floor), length ms.
constexpr char kAcquire[] = R"(
local present = redis.call('GET', KEYS[1])
if present then return present end
local last = tonumber(redis.call('GET', KEYS[2]) or '0')
local epoch = math.max(last + 1, tonumber(ARGV[2]))
local text = string.format('%.0f', epoch)
redis.call('SET', KEYS[2], text)
redis.call('SET', KEYS[1], text .. ARGV[1], 'PX', ARGV[3])
return text .. ARGV[1]
)";

constexpr char kRenew[] = R"(
local present = redis.call('GET', KEYS[1])
local mine = ARGV[2] .. ARGV[1]
if present and present ~= mine then return present end
local last = tonumber(redis.call('GET', KEYS[2]) or '0')
if last > tonumber(ARGV[2]) then return present or '' end
redis.call('SET', KEYS[2], ARGV[2])
redis.call('SET', KEYS[1], mine, 'PX', ARGV[3])
return mine
)";

constexpr char kRelease[] = R"(
if redis.call('GET', KEYS[1]) == ARGV[2] .. ARGV[1] then redis.call('DEL', KEYS[1]) end
return ''
)";

// Not a tenant's: the braces keep both in one slot of their own.
std::vector<std::string> Keys() { return {"{zvon}:routing:lease", "{zvon}:routing:epoch"}; }

std::string WithoutEpoch(const LeaseHolder& me) { return "|" + me.instance + "|" + me.address; }

LeaseHolder ParseHolder(const std::string& text) {
  LeaseHolder holder;
  const size_t first = text.find('|');
  const size_t second = first == std::string::npos ? first : text.find('|', first + 1);
  if (second == std::string::npos) return holder;
  if (!absl::SimpleAtoi(text.substr(0, first), &holder.epoch)) return holder;
  holder.instance = text.substr(first + 1, second - first - 1);
  holder.address = text.substr(second + 1);
  return holder;
}

class RedisLeaderLease final : public LeaderLease {
 public:
  explicit RedisLeaderLease(RedisClient& redis) : redis_(redis) {}

  void Acquire(const LeaseHolder& me, int64_t epoch_floor, absl::Duration length,
               Done done) override {
    Run(kAcquire, me, epoch_floor, length, std::move(done));
  }
  void Renew(const LeaseHolder& me, absl::Duration length, Done done) override {
    Run(kRenew, me, me.epoch, length, std::move(done));
  }
  void Look(Done done) override {
    redis_.Command({"GET", Keys()[0]}, [done = std::move(done)](absl::StatusOr<RedisReply> reply) {
      if (!reply.ok()) return done(reply.status());
      done(ParseHolder(reply->text));
    });
  }
  void Release(const LeaseHolder& me, std::function<void()> done) override {
    Run(kRelease, me, me.epoch, absl::Milliseconds(1),
        [done = std::move(done)](const absl::StatusOr<LeaseHolder>&) { done(); });
  }

 private:
  void Run(const char* script, const LeaseHolder& me, int64_t epoch, absl::Duration length,
           Done done) {
    redis_.Eval(script, Keys(),
                {WithoutEpoch(me), std::to_string(epoch),
                 std::to_string(absl::ToInt64Milliseconds(length))},
                [done = std::move(done)](absl::StatusOr<RedisReply> reply) {
                  if (!reply.ok()) return done(reply.status());
                  done(ParseHolder(reply->text));
                });
  }

  RedisClient& redis_;
};

}  // namespace

std::unique_ptr<LeaderLease> MakeRedisLeaderLease(RedisClient& redis) {
  return std::make_unique<RedisLeaderLease>(redis);
}

}  // namespace zvon::routing
