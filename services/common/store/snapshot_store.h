#pragma once
// The port for "state of one thing as bytes, kept outside the process":
// calls (signaling), runs (scenario), registrations. Redis adapter:
// redis_snapshot_store.h; in memory: memory_snapshot_store.h. Both obey
// snapshot_store_contract_test.cc. Runner-thread only.

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace zvon {

struct Snapshot {
  std::string bytes;
  int64_t version = 0;  // Rises by one with each write of this key.
  std::string owner;    // Process that wrote it.
};

class SnapshotStore {
 public:
  using Done = std::function<void(absl::Status)>;
  virtual ~SnapshotStore() = default;

  // Writes unconditionally for the owner of record; FAILED_PRECONDITION where
  // another owner has taken it over (a zombie's write). Time to live from now;
  // InfiniteDuration = for ever. Writes of one turn go out in one pipeline and
  // arrive in order.
  virtual void Put(const std::string& key, std::string bytes, absl::Duration ttl, Done done) = 0;
  virtual void Delete(const std::string& key, Done done) = 0;
  // NOT_FOUND where there is none.
  virtual void Get(const std::string& key, std::function<void(absl::StatusOr<Snapshot>)> done) = 0;
  // Makes this process the owner, whoever was; gives the snapshot.
  virtual void TakeOver(const std::string& key,
                        std::function<void(absl::StatusOr<Snapshot>)> done) = 0;
  // All keys whose owner of record is `owner` (own set in Redis, no SCAN).
  virtual void ListOwned(const std::string& owner,
                         std::function<void(absl::StatusOr<std::vector<std::string>>)> done) = 0;
};

}  // namespace zvon
