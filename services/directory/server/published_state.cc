#include "services/directory/server/published_state.h"

#include "services/common/telemetry/log.h"

namespace zvon::directory {

PublishedState::PublishedState(ResourceStore& store)
    : store_(store), view_(MakeConfiguration(0, {})) {}

absl::Status PublishedState::Refresh(bool whole) {
  std::lock_guard<std::mutex> refreshing(refresh_mutex_);
  if (whole) {
    auto last = store_.LastRevision();
    if (!last.ok()) return last.status();
    std::lock_guard<std::mutex> lock(mutex_);
    if (*last < revision_) {
      LogWarning("the database has another history, reading it anew",
                 {{"revision", revision_}, {"found", *last}});
      by_revision_.clear();
      revision_of_.clear();
      view_ = MakeConfiguration(0, {});
      revision_ = 0;
      ++generation_;
      changed_.notify_all();
    }
  }
  auto changes = store_.ChangedAfter(revision());
  if (!changes.ok()) return changes.status();
  if (!changes->empty()) Apply(*changes, changes->back().revision);
  return absl::OkStatus();
}

void PublishedState::Apply(const std::vector<StoredResource>& stored, int64_t revision) {
  std::vector<v1::ResourceChange> changes;
  for (const StoredResource& record : stored) {
    v1::ResourceChange change;
    *change.mutable_resource() = record.resource;
    change.set_deleted(record.deleted);
    changes.push_back(std::move(change));
  }
  auto view = ApplyChanges(this->view(), revision, changes);
  std::lock_guard<std::mutex> lock(mutex_);
  for (v1::ResourceChange& change : changes) {
    auto [it, fresh] = revision_of_.try_emplace(change.resource().name(), 0);
    if (!fresh) by_revision_.erase(it->second);
    it->second = change.resource().revision();
    by_revision_[it->second] = std::move(change);
  }
  view_ = std::move(view);
  revision_ = revision;
  changed_.notify_all();
}

std::shared_ptr<const Configuration> PublishedState::view() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return view_;
}

int64_t PublishedState::revision() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return revision_;
}

int64_t PublishedState::generation() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return generation_;
}

std::optional<PublishedState::Batch> PublishedState::WaitForChanges(int64_t generation,
                                                                    int64_t after, size_t max,
                                                                    absl::Duration limit) {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait_for(lock, absl::ToChronoMilliseconds(limit),
                    [&] { return closed_ || generation_ != generation || revision_ > after; });
  if (closed_ || generation_ != generation) return std::nullopt;
  Batch batch;
  batch.revision = after;
  auto it = by_revision_.upper_bound(after);
  for (; it != by_revision_.end() && batch.changes.size() < max; ++it) {
    batch.changes.push_back(it->second);
    batch.revision = it->first;
  }
  if (it == by_revision_.end()) batch.revision = std::max(after, revision_);
  return batch;
}

void PublishedState::Close() {
  std::lock_guard<std::mutex> lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

}  // namespace zvon::directory
