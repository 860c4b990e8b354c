#include "services/routing/adapters/redis_routing_store.h"

#include <type_traits>
#include <utility>

#include "services/routing/adapters/state_codec.h"

namespace zvon::routing {
namespace {

// KEYS of all three: epoch, agents, entries, counters, outbox.
// Replies: "OK", "STALE" (a higher epoch leads), "LOST" (nothing of ours here).
constexpr char kTakeOver[] = R"(
local stored = tonumber(redis.call('GET', KEYS[1]) or '0')
if stored > tonumber(ARGV[1]) then return 'STALE' end
redis.call('SET', KEYS[1], ARGV[1])
return {redis.call('HVALS', KEYS[2]), redis.call('HVALS', KEYS[3]),
        redis.call('HVALS', KEYS[4]), redis.call('LRANGE', KEYS[5], 0, -1)}
)";

// ARGV: epoch, outbox events taken, then groups: count of arguments, values.
// Hash changes come as (key index, field, value); an empty value deletes.
constexpr char kApply[] = R"(
local at = 3
local changes = tonumber(ARGV[at])
at = at + 1
for i = 1, changes do
  local key, field, value = KEYS[tonumber(ARGV[at])], ARGV[at + 1], ARGV[at + 2]
  if value == '' then redis.call('HDEL', key, field)
  else redis.call('HSET', key, field, value) end
  at = at + 3
end
for i = at, #ARGV do redis.call('RPUSH', KEYS[5], ARGV[i]) end
return 'OK'
)";

constexpr char kWriteGuard[] = R"(
local stored = tonumber(redis.call('GET', KEYS[1]) or '0')
if stored > tonumber(ARGV[1]) then return 'STALE' end
if stored < tonumber(ARGV[1]) then return 'LOST' end
local taken = tonumber(ARGV[2])
if taken > 0 then redis.call('LTRIM', KEYS[5], taken, -1) end
)";

constexpr char kReplaceGuard[] = R"(
local stored = tonumber(redis.call('GET', KEYS[1]) or '0')
if stored > tonumber(ARGV[1]) then return 'STALE' end
redis.call('SET', KEYS[1], ARGV[1])
redis.call('DEL', KEYS[2], KEYS[3], KEYS[4], KEYS[5])
)";

constexpr char kAgentsKey[] = "2";
constexpr char kEntriesKey[] = "3";
constexpr char kCountersKey[] = "4";

// One hash slot per tenant.
std::vector<std::string> KeysOf(const std::string& tenant_id) {
  const std::string prefix = "{" + tenant_id + "}:routing:";
  return {prefix + "epoch", prefix + "agents", prefix + "entries", prefix + "counters",
          prefix + "outbox"};
}

using Args = std::vector<std::string>;

void AddChange(Args& args, const StoreChange& change) {
  const auto add = [&args](const char* key, const std::string& field, std::string value) {
    args.push_back(key);
    args.push_back(field);
    args.push_back(std::move(value));
  };
  std::visit(
      [&add](const auto& record) {
        using T = std::decay_t<decltype(record)>;
        if constexpr (std::is_same_v<T, Agent>) add(kAgentsKey, record.agent_id, Encode(record));
        if constexpr (std::is_same_v<T, Entry>)
          add(kEntriesKey, record.interaction_id, Encode(record));
        if constexpr (std::is_same_v<T, QueueCounters>)
          add(kCountersKey, record.queue_id, Encode(record));
        if constexpr (std::is_same_v<T, EntryGone>) add(kEntriesKey, record.interaction_id, "");
        if constexpr (std::is_same_v<T, AgentGone>) add(kAgentsKey, record.agent_id, "");
      },
      change);
}

absl::Status FromReply(const std::string& tenant_id, const absl::StatusOr<RedisReply>& reply) {
  if (!reply.ok()) return reply.status();
  if (reply->text == "OK") return absl::OkStatus();
  if (reply->text == "STALE") {
    return absl::FailedPreconditionError("another replica leads tenant " + tenant_id);
  }
  return absl::DataLossError("tenant " + tenant_id + " is not in the store");
}

// One broken record is left out rather than keeping the tenant from work.
template <class T>
void DecodeAll(const RedisReply& reply, absl::StatusOr<T> (*decode)(const std::string&),
               std::vector<T>& to) {
  for (const RedisReply& element : reply.elements) {
    absl::StatusOr<T> record = decode(element.text);
    if (record.ok()) to.push_back(*std::move(record));
  }
}

class RedisRoutingStore final : public RoutingStore {
 public:
  explicit RedisRoutingStore(RedisClient& redis) : redis_(redis) {}

  void TakeOver(const std::string& tenant_id, int64_t epoch,
                std::function<void(absl::StatusOr<StoredTenant>)> done) override {
    redis_.Eval(kTakeOver, KeysOf(tenant_id), {std::to_string(epoch)},
                [tenant_id, done = std::move(done)](absl::StatusOr<RedisReply> reply) {
                  if (!reply.ok()) return done(reply.status());
                  if (reply->elements.size() != 4) return done(FromReply(tenant_id, reply));
                  StoredTenant stored;
                  DecodeAll(reply->elements[0], &DecodeAgent, stored.state.agents);
                  DecodeAll(reply->elements[1], &DecodeEntry, stored.state.entries);
                  DecodeAll(reply->elements[2], &DecodeCounters, stored.state.counters);
                  DecodeAll(reply->elements[3], &DecodeOutboxEvent, stored.outbox);
                  done(std::move(stored));
                });
  }

  void Write(const std::string& tenant_id, int64_t epoch, WriteBatch batch, Done done) override {
    static const std::string kScript = std::string(kWriteGuard) + kApply;
    Run(kScript, tenant_id, epoch, batch, std::move(done));
  }

  void Replace(const std::string& tenant_id, int64_t epoch, StoredTenant whole,
               Done done) override {
    static const std::string kScript = std::string(kReplaceGuard) + kApply;
    WriteBatch batch;
    for (Agent& agent : whole.state.agents) batch.changes.emplace_back(std::move(agent));
    for (Entry& entry : whole.state.entries) batch.changes.emplace_back(std::move(entry));
    for (QueueCounters& one : whole.state.counters) batch.changes.emplace_back(std::move(one));
    batch.outbox = std::move(whole.outbox);
    Run(kScript, tenant_id, epoch, batch, std::move(done));
  }

 private:
  void Run(const std::string& script, const std::string& tenant_id, int64_t epoch,
           const WriteBatch& batch, Done done) {
    Args args{std::to_string(epoch), std::to_string(batch.outbox_taken),
              std::to_string(batch.changes.size())};
    for (const StoreChange& change : batch.changes) AddChange(args, change);
    for (const OutboxEvent& event : batch.outbox) args.push_back(Encode(event));
    redis_.Eval(script, KeysOf(tenant_id), std::move(args),
                [tenant_id, done = std::move(done)](absl::StatusOr<RedisReply> reply) {
                  done(FromReply(tenant_id, reply));
                });
  }

  RedisClient& redis_;
};

}  // namespace

std::unique_ptr<RoutingStore> MakeRedisRoutingStore(RedisClient& redis) {
  return std::make_unique<RedisRoutingStore>(redis);
}

}  // namespace zvon::routing
