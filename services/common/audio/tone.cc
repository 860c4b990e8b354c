#include "services/common/audio/tone.h"

#include <algorithm>
#include <cmath>

namespace zvon {

ToneGenerator::ToneGenerator(double hz, int rate, double level)
    : step_(2 * M_PI * hz / rate), level_(std::clamp(level, 0.0, 1.0) * 32767) {}

int16_t ToneGenerator::Next() {
  const auto sample = static_cast<int16_t>(std::lround(level_ * std::sin(phase_)));
  phase_ += step_;
  if (phase_ > 2 * M_PI) phase_ -= 2 * M_PI;
  return sample;
}

double ToneShare(absl::Span<const int16_t> samples, double hz, int rate) {
  const double energy = MeanPower(samples) * static_cast<double>(samples.size());
  if (energy <= 0) return 0;
  const double step = 2 * M_PI * hz / rate;
  const double coefficient = 2 * std::cos(step);
  double s1 = 0;
  double s2 = 0;
  for (const int16_t sample : samples) {
    const double s0 = sample + coefficient * s1 - s2;
    s2 = s1;
    s1 = s0;
  }
  const double power = s1 * s1 + s2 * s2 - coefficient * s1 * s2;
  return std::clamp(2 * power / (energy * static_cast<double>(samples.size())), 0.0, 1.0);
}

double MeanPower(absl::Span<const int16_t> samples) {
  if (samples.empty()) return 0;
  double sum = 0;
  for (const int16_t sample : samples) sum += static_cast<double>(sample) * sample;
  return sum / static_cast<double>(samples.size());
}

}  // namespace zvon
