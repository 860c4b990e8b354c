#include "services/common/time/clock.h"

#include <algorithm>
#include <cstdint>

#include "absl/time/clock.h"

namespace zvon {
namespace {

constexpr absl::Duration kSegmentLength = absl::Seconds(1);
// The same limit that ntpd puts on itself.
constexpr double kSlewMax = 500e-6;

double SlewFor(absl::Duration drift) {
  // Would take the drift away within one segment, if it were allowed to.
  double wanted = absl::FDivDuration(drift, kSegmentLength);
  return std::clamp(wanted, -kSlewMax, kSlewMax);
}

}  // namespace

SteadyClock::SteadyClock()
    : base_wall_(absl::Now()), base_steady_(std::chrono::steady_clock::now()) {}

absl::Time SteadyClock::Now() const {
  // Each segment begins where the last one ended, with a new slope above
  // zero: time is continuous and never goes back.
  std::lock_guard lock(mutex_);
  auto steady = std::chrono::steady_clock::now();
  absl::Duration elapsed = absl::FromChrono(steady - base_steady_);
  absl::Time now = base_wall_ + elapsed + elapsed * slew_;
  if (elapsed >= kSegmentLength) {
    base_wall_ = now;
    base_steady_ = steady;
    slew_ = SlewFor(absl::Now() - now);
  }
  return now;
}

}  // namespace zvon
