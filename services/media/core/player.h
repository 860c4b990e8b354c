#pragma once
// Plays a sequence of prompts, tones and silences, sample by sample without a
// gap between them. Pure.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "services/common/audio/tone.h"
#include "services/media/core/media_types.h"
#include "services/media/ports/prompt_source.h"

namespace zvon::media {

class Player {
 public:
  // All prompts are looked up now: NOT_FOUND names the missing one.
  // INVALID_ARGUMENT: nothing to play, a tone outside 50 to 3800 Hz, a
  // negative length or more than an hour of it.
  static absl::StatusOr<Player> Make(const Play& play, const PromptSource& prompts);

  const std::string& play_id() const { return play_id_; }
  bool stop_on_digit() const { return stop_on_digit_; }

  // Fills `out` with the next samples. Gives how many are of the sequence;
  // the rest is silence. Fewer than asked = this was the end.
  size_t Fill(G711Law law, absl::Span<uint8_t> out);
  bool finished() const { return finished_; }
  // What was filled so far, from the start of the sequence (loops and the
  // offset included).
  absl::Duration played() const { return absl::Microseconds(position_ * 125); }

 private:
  struct Part {
    PromptPtr prompt;  // Or a tone, or (0 Hz) silence.
    int tone_hz = 0;
    int64_t length = 0;  // Samples.
  };
  Player() = default;
  static absl::StatusOr<Part> MakePart(const PlayItem& item, const PromptSource& prompts);
  void SkipTo(int64_t position);
  void FillFrom(const Part& part, G711Law law, absl::Span<uint8_t> out);

  std::string play_id_;
  std::vector<Part> parts_;
  int64_t total_ = 0;
  bool loop_ = false;
  bool stop_on_digit_ = false;
  bool finished_ = false;
  size_t part_ = 0;
  int64_t at_ = 0;  // Within the part.
  int64_t position_ = 0;
  ToneGenerator tone_{0, 8000, 0};
};

}  // namespace zvon::media
