#include "services/routing/server/leadership.h"

#include <utility>

#include "services/common/telemetry/log.h"

namespace zvon::routing {

Leadership::Leadership(TaskRunner& runner, LeaderLease& lease, LeaseHolder me,
                       absl::Duration length, Handlers handlers)
    : runner_(runner),
      lease_(lease),
      me_(std::move(me)),
      length_(length),
      handlers_(std::move(handlers)) {
  me_.epoch = 0;
}

Leadership::~Leadership() {
  *alive_ = false;
  runner_.Cancel(timer_);
}

void Leadership::Start() { Ask(); }

void Leadership::Stop(std::function<void()> done) {
  stopped_ = true;
  runner_.Cancel(timer_);
  if (!leading()) return done();
  lease_.Release(me_, std::move(done));
}

void Leadership::StepDown() {
  if (leading()) Follow("");
}

void Leadership::Ask() {
  const auto guarded =
      [this, alive = alive_](void (Leadership::*then)(const absl::StatusOr<LeaseHolder>&)) {
        return [this, alive, then](absl::StatusOr<LeaseHolder> holder) {
          if (*alive && !stopped_) (this->*then)(holder);
        };
      };
  if (leading()) {
    lease_.Renew(me_, length_, guarded(&Leadership::OnRenewed));
  } else if (runner_.Now() - vacant_since_ >= length_ / 3) {
    lease_.Acquire(me_, absl::ToUnixMillis(runner_.Now()), length_,
                   guarded(&Leadership::OnAcquired));
  } else {
    lease_.Look(guarded(&Leadership::OnLooked));
  }
}

void Leadership::AskAfter(absl::Duration delay) {
  runner_.Cancel(timer_);
  timer_ = runner_.RunAfter(delay, [this] { Ask(); });
}

void Leadership::OnRenewed(const absl::StatusOr<LeaseHolder>& holder) {
  if (!leading()) return AskAfter(length_ / 6);  // Stepped down meanwhile.
  const bool ours =
      !holder.ok() || (holder->instance == me_.instance && holder->epoch == me_.epoch);
  if (!holder.ok()) LogWarning("cannot renew the lease", {{"error", holder.status().ToString()}});
  if (ours) return AskAfter(length_ / 4);
  Follow(holder->address);
}

void Leadership::OnLooked(const absl::StatusOr<LeaseHolder>& holder) {
  AskAfter(length_ / 6);
  if (!holder.ok()) {
    vacant_since_ = absl::InfiniteFuture();
  } else if (holder->instance.empty()) {
    vacant_since_ = std::min(vacant_since_, runner_.Now());
    AskAfter(vacant_since_ + length_ / 3 - runner_.Now());
  } else {
    vacant_since_ = absl::InfiniteFuture();
    if (holder->address != leader_address_) Follow(holder->address);
  }
}

void Leadership::OnAcquired(const absl::StatusOr<LeaseHolder>& holder) {
  vacant_since_ = absl::InfiniteFuture();
  if (!holder.ok() || holder->instance != me_.instance || holder->address != me_.address) {
    return OnLooked(holder);
  }
  me_.epoch = holder->epoch;
  leader_address_ = me_.address;
  LogInfo("leads", {{"epoch", me_.epoch}});
  AskAfter(length_ / 4);
  handlers_.on_lead(me_.epoch);
}

void Leadership::Follow(const std::string& address) {
  if (leading()) LogWarning("another replica leads", {{"leader", address}, {"epoch", me_.epoch}});
  me_.epoch = 0;
  leader_address_ = address;
  AskAfter(length_ / 6);
  handlers_.on_follow(address);
}

}  // namespace zvon::routing
