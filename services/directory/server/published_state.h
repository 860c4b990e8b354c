#pragma once
// The configuration as this replica publishes it: the newest state of every
// record and the tombstones, in memory, read from PostgreSQL as revisions
// appear there, whichever replica wrote them.

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "services/common/configuration/configuration.h"
#include "services/directory/adapters/resource_store.h"

namespace zvon::directory {

// Thread-safe.
class PublishedState {
 public:
  explicit PublishedState(ResourceStore& store);

  // Reads what is new. `whole` also notices that the database has another
  // history than before (restored): the state is then read anew and all
  // watchers are sent away to come again.
  absl::Status Refresh(bool whole = false);

  std::shared_ptr<const Configuration> view() const;
  int64_t revision() const;

  struct Batch {
    std::vector<v1::ResourceChange> changes;  // In order of revision.
    int64_t revision = 0;
  };
  // What is above `after`, at most `max` changes; waits up to `limit` where
  // there is nothing. Nothing at all (nullopt) when the watcher must go.
  std::optional<Batch> WaitForChanges(int64_t generation, int64_t after, size_t max,
                                      absl::Duration limit);
  int64_t generation() const;
  // Wakes all waiting watchers for good.
  void Close();

 private:
  void Apply(const std::vector<StoredResource>& changes, int64_t revision);

  ResourceStore& store_;
  std::mutex refresh_mutex_;  // One reader of the database at a time.
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<int64_t, v1::ResourceChange> by_revision_;
  std::map<std::string, int64_t> revision_of_;
  std::shared_ptr<const Configuration> view_;
  int64_t revision_ = 0;
  int64_t generation_ = 1;
  bool closed_ = false;
};

}  // namespace zvon::directory
