#pragma once
// Finds the server's address without blocking the loop.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/common/executor/loop.h"
#include "services/common/store/redis.h"
#include "services/common/store/redis_connection.h"

namespace zvon::internal {

struct RedisAddress {
  std::string ip;
  int port = 0;
};

// "host:port", "[v6]:port".
absl::StatusOr<std::pair<std::string, int>> SplitHostPort(const std::string& address);

// Asks the sentinels for the master in turn, or takes the configured address;
// host names are resolved on a thread. One question at a time; loop thread only.
class RedisResolver {
 public:
  using Handler = std::function<void(absl::StatusOr<RedisAddress>)>;
  RedisResolver(Loop& loop, const RedisSettings& settings);
  ~RedisResolver();
  void Find(Handler handler);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace zvon::internal
