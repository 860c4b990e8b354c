#pragma once
#include <memory>
#include <string>

#include "services/common/store/snapshot_store.h"
#include "services/common/time/clock.h"

namespace zvon {

// The shared memory behind the fakes of several owners. Answers at once, or
// when `Deliver` is called where `hold` is set (to test what happens between):
// until then the request is on its way and has no effect. One thread only.
class MemorySnapshots {
 public:
  // Without a clock nothing ever expires.
  explicit MemorySnapshots(const Clock* clock = nullptr);
  ~MemorySnapshots();
  std::unique_ptr<SnapshotStore> MakeStore(std::string owner);
  void Hold(bool hold);
  void Deliver();
  // Every operation fails with UNAVAILABLE while set.
  void SetDown(bool down);
  void Wipe();
  size_t size() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace zvon
