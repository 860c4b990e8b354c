#include "services/signaling/adapters/replica_watch.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/telemetry/log.h"

namespace zvon::signaling {
namespace {
using Reply = absl::StatusOr<RedisReply>;
constexpr char kInstances[] = "signaling:instances";
std::string AliveKey(const std::string& instance) { return "signaling:alive:" + instance; }
void Ignore(const Reply&) {}
}  // namespace

ReplicaWatch::ReplicaWatch(RedisClient& redis, TaskRunner& runner, std::string instance,
                           OnDead on_dead)
    : redis_(redis),
      runner_(runner),
      instance_(std::move(instance)),
      on_dead_(std::move(on_dead)) {}
ReplicaWatch::~ReplicaWatch() { runner_.Cancel(beat_timer_); }

void ReplicaWatch::Leave() {
  runner_.Cancel(beat_timer_);
  beat_timer_ = 0;
  // Whoever starts with this name within a minute finds its calls untouched.
  redis_.Command({"SET", AliveKey(instance_), "stopped", "PX", "60000"}, Ignore);
}

void ReplicaWatch::Beat() {
  beat_timer_ = runner_.RunAfter(kBeat, [this] { Beat(); });
  if (!redis_.connected()) return missing_.clear();
  redis_.Command(
      {"SET", AliveKey(instance_), "1", "PX", absl::StrCat(absl::ToInt64Milliseconds(kLife))},
      Ignore);
  redis_.Command({"SADD", kInstances, instance_}, Ignore);
  Look();
}

void ReplicaWatch::Look() {
  redis_.Command({"SMEMBERS", kInstances},
                 [this, alive = std::weak_ptr<bool>(alive_)](const Reply& reply) {
                   if (alive.expired() || !reply.ok()) return;
                   for (const RedisReply& name : reply->elements) {
                     if (name.text != instance_) Check(name.text);
                   }
                 });
}

// Two looks without a sign of life, so that a Redis that has just lost its
// memory is not read as everybody's death.
void ReplicaWatch::Check(const std::string& instance) {
  auto seen = [this, instance, alive = std::weak_ptr<bool>(alive_)](const Reply& reply) {
    if (alive.expired() || !reply.ok()) return;
    if (reply->integer != 0) {
      missing_.erase(instance);
    } else if (++missing_[instance] == 2) {
      TakeOver(instance);
    }
  };
  redis_.Command({"EXISTS", AliveKey(instance)}, seen);
}

// One of the living does it.
void ReplicaWatch::TakeOver(const std::string& instance) {
  auto locked = [this, instance, alive = std::weak_ptr<bool>(alive_)](const Reply& reply) {
    if (alive.expired()) return;
    missing_.erase(instance);
    if (!reply.ok() || reply->is_nil()) return;
    LogWarning("a replica has died", {{"instance", instance}});
    redis_.Command({"SREM", kInstances, instance}, Ignore);
    on_dead_(instance);
  };
  redis_.Command({"SET", "signaling:takeover:" + instance, instance_, "NX", "PX", "10000"}, locked);
}

}  // namespace zvon::signaling
