#pragma once
// Who leads: one replica of the installation, for a limited time, under an
// epoch that never goes back. Adapter: adapters/redis_leader_lease.h; in
// memory: ports/memory_leader_lease.h. Contract: leader_lease_contract_test.cc.

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace zvon::routing {

struct LeaseHolder {
  std::string instance;  // Empty = nobody holds it.
  std::string address;   // Where it is reached: "10.0.0.5:9103".
  int64_t epoch = 0;
};

// Runner-thread only, handlers too.
class LeaderLease {
 public:
  using Done = std::function<void(absl::StatusOr<LeaseHolder>)>;
  virtual ~LeaderLease() = default;

  // Takes the lease where nobody holds it, under the epoch max(last + 1,
  // `epoch_floor`). Gives the holder there is afterwards: us, or another.
  virtual void Acquire(const LeaseHolder& me, int64_t epoch_floor, absl::Duration length,
                       Done done) = 0;
  // Holds on to it under `me.epoch`; also where it has lapsed and nobody led
  // since. Gives the holder there is afterwards.
  virtual void Renew(const LeaseHolder& me, absl::Duration length, Done done) = 0;
  // Who holds it, without asking for it.
  virtual void Look(Done done) = 0;
  // Lets go, so that a standby need not wait. Harmless for who does not hold.
  virtual void Release(const LeaseHolder& me, std::function<void()> done) = 0;
};

}  // namespace zvon::routing
