#pragma once
// Timers as a value: cores keep one and tell their shell when to wake them.

#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

#include "absl/time/time.h"

namespace zvon {

// Orders keys by deadline; equal deadlines in order of setting. Each key has
// at most one deadline: setting it again moves it. Not thread-safe.
template <class Key, class Hash = std::hash<Key>>
class TimerQueue {
 public:
  void Set(const Key& key, absl::Time deadline) {
    Cancel(key);
    auto it = by_time_.emplace(std::make_pair(deadline, next_++), key).first;
    by_key_.emplace(key, it);
  }
  void Cancel(const Key& key) {
    auto it = by_key_.find(key);
    if (it == by_key_.end()) return;
    by_time_.erase(it->second);
    by_key_.erase(it);
  }
  bool IsSet(const Key& key) const { return by_key_.count(key) != 0; }
  // InfiniteFuture when nothing is set.
  absl::Time NextDeadline() const {
    return by_time_.empty() ? absl::InfiniteFuture() : by_time_.begin()->first.first;
  }
  // Takes the first key whose deadline is not after `now`.
  std::optional<Key> PopDue(absl::Time now) {
    if (by_time_.empty() || by_time_.begin()->first.first > now) return std::nullopt;
    Key key = by_time_.begin()->second;
    Cancel(key);
    return key;
  }
  size_t size() const { return by_key_.size(); }

 private:
  using ByTime = std::map<std::pair<absl::Time, uint64_t>, Key>;
  ByTime by_time_;
  std::unordered_map<Key, typename ByTime::iterator, Hash> by_key_;
  uint64_t next_ = 0;
};

}  // namespace zvon
