#pragma once
// Redis, asynchronous and pipelined, on one Loop (hiredis behind).

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/common/executor/loop.h"
#include "services/common/settings/settings.h"

namespace zvon {

struct RedisSettings {
  // "host:port". Ignored where sentinels are given.
  std::string address = "127.0.0.1:16379";
  std::vector<std::string> sentinels;  // "host:port" each.
  std::string sentinel_master = "zvon";
  std::string username;
  std::string password;
  int64_t database = 0;
  // An answer later than this fails the command (its effect is unknown).
  absl::Duration timeout = absl::Seconds(2);
  // Binds redis.address, redis.sentinels, …
  void BindTo(SettingsReader& reader);
};

struct RedisReply {
  enum class Type { kNil, kString, kStatus, kInteger, kArray };
  Type type = Type::kNil;
  std::string text;
  int64_t integer = 0;
  std::vector<RedisReply> elements;
  bool is_nil() const { return type == Type::kNil; }
};

// Owned by its Loop; every call and every handler runs there. Commands given
// in one turn leave in one write. Reconnects by itself (50 ms … 1 s back-off,
// asks the sentinels again each time). While it is not connected, commands
// fail at once with UNAVAILABLE; a script's error reply is FAILED_PRECONDITION
// with Redis' text, READONLY makes it reconnect and is UNAVAILABLE.
class RedisClient {
 public:
  using Handler = std::function<void(absl::StatusOr<RedisReply>)>;
  RedisClient(Loop& loop, RedisSettings settings);
  ~RedisClient();

  void Start();
  bool connected() const;
  // Called after each connect; `restarted` when the server's run id changed
  // since the last time (its memory may be gone: publish live state again).
  void OnConnected(std::function<void(bool restarted)> handler);
  void OnDisconnected(std::function<void(const absl::Status&)> handler);

  void Command(std::vector<std::string> args, Handler handler);
  // EVALSHA, loading the script where the server does not know it.
  void Eval(const std::string& script, std::vector<std::string> keys, std::vector<std::string> args,
            Handler handler);
  // Messages of a channel on a connection of its own; again after reconnects.
  void Subscribe(const std::string& channel, std::function<void(const std::string&)> handler);
  size_t pending() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace zvon
