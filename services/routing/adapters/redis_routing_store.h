#pragma once
// RoutingStore in Redis: one script per step, guarded by the epoch. The keys
// and scripts are listed in the service's README.

#include <memory>

#include "services/common/store/redis.h"
#include "services/routing/ports/leader_lease.h"
#include "services/routing/ports/routing_store.h"

namespace zvon::routing {

// Both borrow `redis`, which outlives them, and live on its loop.
std::unique_ptr<RoutingStore> MakeRedisRoutingStore(RedisClient& redis);
std::unique_ptr<LeaderLease> MakeRedisLeaderLease(RedisClient& redis);

}  // namespace zvon::routing
