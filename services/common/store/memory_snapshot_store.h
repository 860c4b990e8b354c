#pragma once
#include <memory>
#include <string>

#include "services/common/store/snapshot_store.h"

namespace zvon {

// The shared memory behind the fakes of several owners. Answers at once, or
// when `Deliver` is called where `hold` is set (to test what happens between).
class MemorySnapshots {
 public:
  MemorySnapshots();
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
