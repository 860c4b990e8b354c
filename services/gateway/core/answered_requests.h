#pragma once
// Makes a client's repeat of a request harmless: the same id within a minute
// is answered again, not carried out again.

#include <cstddef>
#include <deque>
#include <string>
#include <unordered_map>
#include <utility>

#include "absl/time/time.h"

namespace zvon::gateway {

class AnsweredRequests {
 public:
  enum class Seen { kNew, kUnderWay, kAnswered };
  static constexpr size_t kIdsMax = 1000;
  static constexpr absl::Duration kRemembered = absl::Seconds(60);

  // kNew: carry it out. kUnderWay: the answer comes when it is there.
  // kAnswered: `answer` is what was said.
  Seen Begin(const std::string& id, absl::Time now, std::string* answer) {
    Expire(now);
    auto [it, fresh] = answers_.try_emplace(id);
    if (fresh) {
      order_.emplace_back(now, id);
      return Seen::kNew;
    }
    if (it->second.empty()) return Seen::kUnderWay;
    *answer = it->second;
    return Seen::kAnswered;
  }
  void Finish(const std::string& id, std::string answer) {
    auto it = answers_.find(id);
    if (it != answers_.end()) it->second = std::move(answer);
  }
  size_t size() const { return answers_.size(); }

 private:
  void Expire(absl::Time now) {
    while (!order_.empty() &&
           (order_.front().first + kRemembered <= now || order_.size() >= kIdsMax)) {
      answers_.erase(order_.front().second);
      order_.pop_front();
    }
  }
  std::unordered_map<std::string, std::string> answers_;  // Empty = under way.
  std::deque<std::pair<absl::Time, std::string>> order_;
};

}  // namespace zvon::gateway
