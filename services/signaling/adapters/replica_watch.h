#pragma once
// Which replicas of signaling live, by keys with a short life in Redis; tells
// when one has died, so that its calls are taken over.
//
// Keys: "signaling:instances" (set of names), "signaling:alive:<name>",
// "signaling:takeover:<name>" (who takes a dead one's calls over).

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "services/common/executor/task_runner.h"
#include "services/common/store/redis.h"

namespace zvon::signaling {

class ReplicaWatch {
 public:
  // `on_dead` runs on the loop, on one of the living replicas for each death.
  using OnDead = std::function<void(const std::string& instance)>;
  ReplicaWatch(RedisClient& redis, TaskRunner& runner, std::string instance, OnDead on_dead);
  ~ReplicaWatch();
  void Start() { Beat(); }
  // A planned stop: the successor of the same name goes on, nobody else.
  void Leave();

  static constexpr absl::Duration kBeat = absl::Milliseconds(400);
  static constexpr absl::Duration kLife = absl::Milliseconds(1600);

 private:
  void Beat();
  void Look();
  void Check(const std::string& instance);
  void TakeOver(const std::string& instance);

  RedisClient& redis_;
  TaskRunner& runner_;
  std::string instance_;
  OnDead on_dead_;
  TimerId beat_timer_ = 0;
  std::map<std::string, int> missing_;  // Looks in a row without a sign of life.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace zvon::signaling
