#include "services/media/adapters/spandsp_detector.h"

#include <spandsp.h>

namespace zvon::media {
namespace {

class SpandspDetector final : public DigitDetector {
 public:
  SpandspDetector() : state_(dtmf_rx_init(nullptr, nullptr, nullptr)) {
    dtmf_rx_set_realtime_callback(state_, &SpandspDetector::OnTone, this);
  }
  ~SpandspDetector() override { dtmf_rx_free(state_); }
  SpandspDetector(const SpandspDetector&) = delete;
  SpandspDetector& operator=(const SpandspDetector&) = delete;

  const std::vector<HeardDigit>& Hear(absl::Span<const int16_t> pcm) override {
    heard_.clear();
    dtmf_rx(state_, pcm.data(), static_cast<int>(pcm.size()));
    samples_ += static_cast<int64_t>(pcm.size());
    return heard_;
  }

 private:
  // `digit` sounds from now on; 0 = silence.
  static void OnTone(void* user, int digit, int level, int delay) {
    auto* self = static_cast<SpandspDetector*>(user);
    if (self->digit_ == digit) return;
    if (self->digit_ != 0) {
      self->heard_.push_back(
          {static_cast<char>(self->digit_), false, self->samples_ - self->since_});
    }
    self->digit_ = digit;
    self->since_ = self->samples_;
    if (digit != 0) self->heard_.push_back({static_cast<char>(digit), true, 0});
  }

  dtmf_rx_state_t* state_;
  std::vector<HeardDigit> heard_;
  int digit_ = 0;
  int64_t samples_ = 0;
  int64_t since_ = 0;
};

}  // namespace

std::unique_ptr<DigitDetector> MakeSpandspDetector() { return std::make_unique<SpandspDetector>(); }

}  // namespace zvon::media
