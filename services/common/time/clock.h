#pragma once
// The only source of time. ADR 0002: one type, absl::Time, that never jumps.

#include <chrono>
#include <mutex>

#include "absl/time/time.h"

namespace zvon {

// Tells the time. Cores never hold a Clock: they are given `now`.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() const = 0;
};

// Wall-clock time taken once at construction and then carried on by
// CLOCK_MONOTONIC, so that differences are true durations even when somebody
// sets the machine's clock. Drift against the wall clock is slewed by at most
// 500 ppm. Thread-safe.
class SteadyClock final : public Clock {
 public:
  SteadyClock();
  absl::Time Now() const override;

 private:
  mutable std::mutex mutex_;
  mutable absl::Time base_wall_;
  mutable std::chrono::steady_clock::time_point base_steady_;
  mutable double slew_ = 0;
};

// Time that a test or the simulator moves. Not thread-safe.
class SimulatedClock final : public Clock {
 public:
  explicit SimulatedClock(absl::Time start = absl::FromUnixSeconds(1'750'000'000)) : now_(start) {}
  absl::Time Now() const override { return now_; }
  void Advance(absl::Duration by) { now_ += by; }
  void Set(absl::Time to) { now_ = to; }

 private:
  absl::Time now_;
};

}  // namespace zvon
