#include "services/media/core/player.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace zvon::media {
namespace {

constexpr absl::Duration kItemMax = absl::Hours(1);
constexpr double kToneLevel = 0.25;  // -12 dBFS: audible and harmless.

int64_t SamplesOf(absl::Duration duration) { return absl::ToInt64Microseconds(duration) / 125; }

}  // namespace

absl::StatusOr<Player::Part> Player::MakePart(const PlayItem& item, const PromptSource& prompts) {
  Part part;
  if (item.kind == PlayItem::Kind::kPrompt) {
    absl::StatusOr<PromptPtr> prompt = prompts.Find(item.prompt);
    if (!prompt.ok()) return prompt.status();
    part.prompt = *std::move(prompt);
    part.length = static_cast<int64_t>(part.prompt->a_law.size());
    return part;
  }
  if (item.duration < absl::ZeroDuration() || item.duration > kItemMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("length ", absl::FormatDuration(item.duration), " is not within 0 to 1h"));
  }
  if (item.kind == PlayItem::Kind::kTone) {
    if (item.tone_hz < 50 || item.tone_hz > 3800) {
      return absl::InvalidArgumentError(
          absl::StrCat("tone of ", item.tone_hz, " Hz is not within 50 to 3800"));
    }
    part.tone_hz = item.tone_hz;
  }
  part.length = SamplesOf(item.duration);
  return part;
}

absl::StatusOr<Player> Player::Make(const Play& play, const PromptSource& prompts) {
  Player player;
  player.play_id_ = play.play_id;
  player.loop_ = play.loop;
  player.stop_on_digit_ = play.stop_on_digit;
  for (const PlayItem& item : play.items) {
    absl::StatusOr<Part> part = MakePart(item, prompts);
    if (!part.ok()) return part.status();
    player.total_ += part->length;
    player.parts_.push_back(*std::move(part));
  }
  if (player.total_ == 0) return absl::InvalidArgumentError("nothing to play");
  player.SkipTo(std::max<int64_t>(0, SamplesOf(play.offset)));
  return player;
}

void Player::SkipTo(int64_t position) {
  position_ = position;
  int64_t left = loop_ ? position % total_ : std::min(position, total_);
  while (part_ < parts_.size() && left >= parts_[part_].length) left -= parts_[part_++].length;
  at_ = left;
  finished_ = part_ == parts_.size();
  if (!finished_) tone_ = ToneGenerator(parts_[part_].tone_hz, 8000, kToneLevel);
}

void Player::FillFrom(const Part& part, G711Law law, absl::Span<uint8_t> out) {
  if (part.prompt) {
    const auto& codes = law == G711Law::kALaw ? part.prompt->a_law : part.prompt->mu_law;
    std::copy_n(codes.begin() + at_, out.size(), out.begin());
  } else if (part.tone_hz > 0) {
    for (uint8_t& code : out) {
      const int16_t sample = tone_.Next();
      code = law == G711Law::kALaw ? LinearToALaw(sample) : LinearToMuLaw(sample);
    }
  } else {
    std::fill(out.begin(), out.end(), Silence(law));
  }
}

size_t Player::Fill(G711Law law, absl::Span<uint8_t> out) {
  size_t filled = 0;
  while (filled < out.size() && !finished_) {
    const Part& part = parts_[part_];
    const auto n = static_cast<size_t>(
        std::min<int64_t>(part.length - at_, static_cast<int64_t>(out.size() - filled)));
    FillFrom(part, law, out.subspan(filled, n));
    filled += n;
    at_ += static_cast<int64_t>(n);
    if (at_ < part.length) continue;
    at_ = 0;
    if (++part_ == parts_.size()) {
      part_ = 0;
      finished_ = !loop_;
    }
    tone_ = ToneGenerator(parts_[part_].tone_hz, 8000, kToneLevel);
  }
  position_ += static_cast<int64_t>(filled);
  std::fill(out.begin() + static_cast<int64_t>(filled), out.end(), Silence(law));
  return filled;
}

}  // namespace zvon::media
