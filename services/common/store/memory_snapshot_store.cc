#include "services/common/store/memory_snapshot_store.h"

#include <deque>
#include <map>
#include <set>
#include <utility>

namespace zvon {
namespace {

struct Record {
  Snapshot snapshot;
  absl::Time expires = absl::InfiniteFuture();
};

absl::Status NotOwner(const std::string& key, const std::string& owner) {
  return absl::FailedPreconditionError("snapshot " + key + " belongs to " + owner);
}
absl::Status Missing(const std::string& key) { return absl::NotFoundError("no snapshot " + key); }
absl::Status Down() { return absl::UnavailableError("snapshot store is down"); }

}  // namespace

struct MemorySnapshots::Impl {
  const Clock* clock = nullptr;
  std::map<std::string, Record> records;
  std::deque<std::function<void()>> waiting;
  bool hold = false;
  bool down = false;

  absl::Time Now() const { return clock == nullptr ? absl::InfinitePast() : clock->Now(); }

  Record* Find(const std::string& key) {
    auto it = records.find(key);
    if (it == records.end()) return nullptr;
    if (it->second.expires > Now()) return &it->second;
    records.erase(it);
    return nullptr;
  }
  void Do(std::function<void()> operation) {
    if (hold) {
      waiting.push_back(std::move(operation));
    } else {
      operation();
    }
  }
};

namespace {

// State is MemorySnapshots::Impl, which is private to it.
template <class State>
class MemoryStore final : public SnapshotStore {
 public:
  MemoryStore(std::shared_ptr<State> state, std::string owner)
      : state_(std::move(state)), owner_(std::move(owner)) {}

  void Put(const std::string& key, std::string bytes, absl::Duration ttl, Done done) override {
    state_->Do([state = state_.get(), owner = owner_, key, bytes = std::move(bytes), ttl,
                done = std::move(done)] {
      if (state->down) return done(Down());
      Record* record = state->Find(key);
      if (record != nullptr && record->snapshot.owner != owner) {
        return done(NotOwner(key, record->snapshot.owner));
      }
      if (record == nullptr) record = &state->records[key];
      record->snapshot.bytes = bytes;
      record->snapshot.owner = owner;
      ++record->snapshot.version;
      record->expires = state->clock == nullptr ? absl::InfiniteFuture() : state->Now() + ttl;
      done(absl::OkStatus());
    });
  }

  void Delete(const std::string& key, Done done) override {
    state_->Do([state = state_.get(), owner = owner_, key, done = std::move(done)] {
      if (state->down) return done(Down());
      Record* record = state->Find(key);
      if (record != nullptr && record->snapshot.owner != owner) {
        return done(NotOwner(key, record->snapshot.owner));
      }
      state->records.erase(key);
      done(absl::OkStatus());
    });
  }

  void Get(const std::string& key, std::function<void(absl::StatusOr<Snapshot>)> done) override {
    state_->Do([state = state_.get(), key, done = std::move(done)] {
      if (state->down) return done(Down());
      Record* record = state->Find(key);
      if (record == nullptr) return done(Missing(key));
      done(Snapshot(record->snapshot));
    });
  }

  void TakeOver(const std::string& key,
                std::function<void(absl::StatusOr<Snapshot>)> done) override {
    state_->Do([state = state_.get(), owner = owner_, key, done = std::move(done)] {
      if (state->down) return done(Down());
      Record* record = state->Find(key);
      if (record == nullptr) return done(Missing(key));
      Snapshot snapshot = record->snapshot;
      record->snapshot.owner = owner;
      done(std::move(snapshot));
    });
  }

  void ListOwned(const std::string& owner,
                 std::function<void(absl::StatusOr<std::vector<std::string>>)> done) override {
    state_->Do([state = state_.get(), owner, done = std::move(done)] {
      if (state->down) return done(Down());
      std::vector<std::string> keys;
      for (const auto& [key, record] : state->records) {
        if (record.snapshot.owner == owner && record.expires > state->Now()) keys.push_back(key);
      }
      done(std::move(keys));
    });
  }

 private:
  std::shared_ptr<State> state_;
  const std::string owner_;
};

}  // namespace

MemorySnapshots::MemorySnapshots(const Clock* clock) : impl_(std::make_shared<Impl>()) {
  impl_->clock = clock;
}
MemorySnapshots::~MemorySnapshots() = default;

std::unique_ptr<SnapshotStore> MemorySnapshots::MakeStore(std::string owner) {
  return std::make_unique<MemoryStore<Impl>>(impl_, std::move(owner));
}

void MemorySnapshots::Hold(bool hold) { impl_->hold = hold; }

void MemorySnapshots::Deliver() {
  // What the handlers ask for meanwhile waits for the next Deliver.
  std::deque<std::function<void()>> waiting;
  waiting.swap(impl_->waiting);
  for (auto& operation : waiting) operation();
}

void MemorySnapshots::SetDown(bool down) { impl_->down = down; }
void MemorySnapshots::Wipe() { impl_->records.clear(); }
size_t MemorySnapshots::size() const { return impl_->records.size(); }

}  // namespace zvon
