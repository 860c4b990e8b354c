#pragma once
// Hears DTMF tones in audio (no telephone-event was agreed).

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "absl/types/span.h"

namespace zvon::media {

struct HeardDigit {
  char digit = '\0';
  bool started = false;  // The tone begins; else it ended.
  int64_t samples = 0;   // At its end: how long it sounded.
};

// One for each endpoint; keeps the state of its stream.
class DigitDetector {
 public:
  virtual ~DigitDetector() = default;
  // 8000 Hz. What was noticed in it; valid until the next call.
  virtual const std::vector<HeardDigit>& Hear(absl::Span<const int16_t> pcm) = 0;
};
using DigitDetectorFactory = std::function<std::unique_ptr<DigitDetector>()>;

}  // namespace zvon::media
