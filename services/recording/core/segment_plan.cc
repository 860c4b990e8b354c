#include "services/recording/core/segment_plan.h"

#include <algorithm>
#include <map>

namespace zvon::recording {
namespace {

// Clocks of two media processes differ by so much that a smaller hole
// between their segments is none.
constexpr int64_t kHoleMin = 8;  // 1 ms.

struct Stretch {
  int64_t begin;  // Frames of the recording.
  int64_t end;
};

// Where a piece has sound: all of it but its gaps.
std::vector<Stretch> SoundOf(const Piece& piece, int64_t offset) {
  std::vector<Gap> gaps = piece.gaps;
  std::sort(gaps.begin(), gaps.end(),
            [](const Gap& a, const Gap& b) { return a.start_frame < b.start_frame; });
  std::vector<Stretch> sound;
  int64_t at = 0;
  for (const Gap& gap : gaps) {
    const int64_t begin = std::clamp<int64_t>(gap.start_frame, at, piece.frames);
    const int64_t end = std::clamp<int64_t>(gap.start_frame + gap.frames, begin, piece.frames);
    if (begin > at) sound.push_back({offset + at, offset + begin});
    at = end;
  }
  if (at < piece.frames) sound.push_back({offset + at, offset + piece.frames});
  return sound;
}

// Cuts out of [begin, end) what is taken already.
std::vector<Stretch> Free(const std::map<int64_t, int64_t>& taken, Stretch wanted) {
  std::vector<Stretch> free;
  int64_t at = wanted.begin;
  auto it = taken.upper_bound(at);
  if (it != taken.begin() && std::prev(it)->second > at) at = std::prev(it)->second;
  for (; it != taken.end() && it->first < wanted.end; ++it) {
    if (it->first > at) free.push_back({at, it->first});
    at = std::max(at, it->second);
  }
  if (at < wanted.end) free.push_back({at, wanted.end});
  return free;
}

struct Placed {
  int64_t begin;
  int64_t end;
  int piece;
};

// Why nothing is stored in [begin, end).
std::string ReasonOf(const std::vector<Piece>& pieces, const std::vector<int64_t>& offsets,
                     const Placed* before, const Placed* after, int64_t begin, int64_t end) {
  for (size_t i = 0; i < pieces.size(); ++i) {
    for (const Gap& gap : pieces[i].gaps) {
      const int64_t at = offsets[i] + gap.start_frame;
      if (at < end && at + gap.frames > begin) return gap.reason;
    }
  }
  const bool moved = before != nullptr && after != nullptr &&
                     pieces[before->piece].writer_id != pieces[after->piece].writer_id;
  return moved ? "moved" : "lost";
}

class Builder {
 public:
  Builder(const std::vector<Piece>& pieces, const std::vector<int64_t>& offsets)
      : pieces_(pieces), offsets_(offsets) {}

  SegmentPlan Build(const std::vector<Placed>& placed, int64_t total) {
    const Placed* before = nullptr;
    for (const Placed& next : placed) {
      Silence(before, &next, at_, next.begin);
      plan_.runs.push_back({next.piece, at_ - offsets_[next.piece], next.end - at_});
      at_ = next.end;
      before = &next;
    }
    Silence(before, nullptr, at_, total);
    plan_.frames = at_;
    return std::move(plan_);
  }

 private:
  // One gap may be made of several with other reasons: cut where they change.
  void Silence(const Placed* before, const Placed* after, int64_t begin, int64_t end) {
    if (end - begin <= 0) return;
    plan_.runs.push_back({-1, 0, end - begin});
    at_ = end;
    std::vector<int64_t> cuts = {begin, end};
    for (size_t i = 0; i < pieces_.size(); ++i) {
      for (const Gap& gap : pieces_[i].gaps) {
        for (const int64_t cut :
             {offsets_[i] + gap.start_frame, offsets_[i] + gap.start_frame + gap.frames}) {
          if (cut > begin && cut < end) cuts.push_back(cut);
        }
      }
    }
    std::sort(cuts.begin(), cuts.end());
    for (size_t i = 0; i + 1 < cuts.size(); ++i) {
      const int64_t frames = cuts[i + 1] - cuts[i];
      const std::string reason = ReasonOf(pieces_, offsets_, before, after, cuts[i], cuts[i + 1]);
      const bool undeclared = reason == "moved" || reason == "lost";
      if (frames == 0 || (undeclared && frames < kHoleMin)) continue;
      Gap* last = plan_.gaps.empty() ? nullptr : &plan_.gaps.back();
      if (last != nullptr && last->reason == reason &&
          last->start_frame + last->frames == cuts[i]) {
        last->frames += frames;
      } else {
        plan_.gaps.push_back({cuts[i], frames, reason});
      }
    }
  }

  const std::vector<Piece>& pieces_;
  const std::vector<int64_t>& offsets_;
  SegmentPlan plan_;
  int64_t at_ = 0;
};

}  // namespace

SegmentPlan MakePlan(const std::vector<Piece>& pieces) {
  if (pieces.empty()) return {};
  absl::Time start = absl::InfiniteFuture();
  for (const Piece& piece : pieces) start = std::min(start, piece.start);
  std::vector<int64_t> offsets;
  std::map<int64_t, int64_t> taken;
  std::vector<Placed> placed;
  int64_t total = 0;
  for (size_t i = 0; i < pieces.size(); ++i) {
    offsets.push_back((absl::ToInt64Microseconds(pieces[i].start - start) + 62) / 125);
    total = std::max(total, offsets[i] + pieces[i].frames);
    for (const Stretch& sound : SoundOf(pieces[i], offsets[i])) {
      for (const Stretch& free : Free(taken, sound)) {
        taken[free.begin] = free.end;
        placed.push_back({free.begin, free.end, static_cast<int>(i)});
      }
    }
  }
  std::sort(placed.begin(), placed.end(),
            [](const Placed& a, const Placed& b) { return a.begin < b.begin; });
  SegmentPlan plan = Builder(pieces, offsets).Build(placed, total);
  plan.start = start;
  return plan;
}

bool IsComplete(const std::vector<Piece>& pieces) {
  struct Writer {
    absl::Time start = absl::InfiniteFuture();
    std::vector<const Piece*> pieces;
  };
  std::map<std::string, Writer> writers;
  bool stored = false;
  for (const Piece& piece : pieces) {
    stored = stored || piece.stored;
    if (piece.stored) continue;
    Writer& writer = writers[piece.writer_id];
    writer.start = std::min(writer.start, piece.start);
    writer.pieces.push_back(&piece);
  }
  // To a file that was stored before, late segments are added as they come.
  if (stored) return !writers.empty();
  const Writer* newest = nullptr;
  for (auto& [id, writer] : writers) {
    std::sort(writer.pieces.begin(), writer.pieces.end(),
              [](const Piece* a, const Piece* b) { return a->index < b->index; });
    for (size_t i = 0; i < writer.pieces.size(); ++i) {
      if (writer.pieces[i]->index != static_cast<int>(i)) return false;
    }
    const Piece& end = *writer.pieces.back();
    if (!end.last && !end.recovered) return false;
    if (newest == nullptr || writer.start > newest->start) newest = &writer;
  }
  return newest != nullptr && newest->pieces.back()->last;
}

int64_t TotalFrames(const std::vector<Gap>& gaps) {
  int64_t frames = 0;
  for (const Gap& gap : gaps) frames += gap.frames;
  return frames;
}

}  // namespace zvon::recording
