#pragma once
#include <memory>
#include <string>

#include "services/common/store/redis.h"
#include "services/common/store/snapshot_store.h"

namespace zvon {

// Keys are "<prefix>:<key>" hashes {b, v, o} and the set "<prefix>:owned:<owner>".
// The prefix carries the tenant's hash tag where there is one: "{demo}:call".
std::unique_ptr<SnapshotStore> MakeRedisSnapshotStore(RedisClient& redis, std::string prefix,
                                                      std::string owner);

}  // namespace zvon
