#pragma once
// Sine tones and finding them again. Pure.

#include <cstdint>

#include "absl/types/span.h"

namespace zvon {

// One sine, sample by sample; two of them make a DTMF tone.
class ToneGenerator {
 public:
  // `level` 0..1 of full scale.
  ToneGenerator(double hz, int rate, double level);
  int16_t Next();

 private:
  double step_;
  double level_;
  double phase_ = 0;
};

// Share of the whole energy, 0..1, that lies at `hz` (Goertzel over all of
// `samples`); 0 for silence. Several periods are needed for a sharp answer.
double ToneShare(absl::Span<const int16_t> samples, double hz, int rate);

// Mean power of the samples, 0 for none; full-scale sine = 5.4e8.
double MeanPower(absl::Span<const int16_t> samples);

}  // namespace zvon
