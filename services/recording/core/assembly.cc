#include "services/recording/core/assembly.h"

#include <algorithm>
#include <map>
#include <numeric>

namespace zvon::recording {
namespace {

struct Writer {
  absl::Time start = absl::InfiniteFuture();
  int count = 0;
  int highest = -1;
  bool closed = false;  // Its highest segment is the last, or was found after a crash.
  bool last = false;
  bool Contiguous() const { return count == highest + 1; }
};

std::map<std::string, Writer> ByWriter(const std::vector<SegmentInfo>& segments) {
  std::map<std::string, Writer> writers;
  for (const SegmentInfo& s : segments) {
    Writer& w = writers[s.writer_id];
    w.start = std::min(w.start, s.start);
    ++w.count;
    if (s.index >= w.highest) {
      w.highest = s.index;
      w.closed = s.last || s.recovered;
    }
    w.last = w.last || s.last;
  }
  return writers;
}

// Below a hundredth of a second two segments touch: clocks are read apart.
constexpr int64_t kTouching = kFramesPerSecond / 100;

void AddSilence(Plan& plan, int64_t frames, std::string reason) {
  plan.parts.push_back({-1, frames});
  plan.gaps.push_back({plan.frames, frames, std::move(reason)});
  plan.frames += frames;
}

}  // namespace

bool IsReady(const std::vector<SegmentInfo>& segments, absl::Time ended, absl::Time now,
             absl::Duration settle) {
  if (segments.empty()) return false;
  bool whole = true, all_closed = true, any_last = false;
  absl::Time newest = absl::InfinitePast();
  for (const auto& [id, writer] : ByWriter(segments)) {
    whole = whole && writer.Contiguous();
    all_closed = all_closed && writer.closed;
    any_last = any_last || writer.last;
  }
  for (const SegmentInfo& s : segments) newest = std::max(newest, s.arrival);
  if (whole && all_closed && any_last) return true;
  if (whole && all_closed && now >= newest + settle) return true;
  return ended != absl::InfinitePast() && now >= std::max(ended, newest) + 5 * settle;
}

Plan MakePlan(const std::vector<SegmentInfo>& segments) {
  const auto writers = ByWriter(segments);
  std::vector<int> order(segments.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](int a, int b) {
    const SegmentInfo &x = segments[a], &y = segments[b];
    if (x.writer_id != y.writer_id) {
      const absl::Time p = writers.at(x.writer_id).start, q = writers.at(y.writer_id).start;
      return p != q ? p < q : x.writer_id < y.writer_id;
    }
    return x.index < y.index;
  });
  Plan plan;
  const SegmentInfo* before = nullptr;
  for (int i : order) {
    const SegmentInfo& s = segments[i];
    if (before == nullptr) plan.start = s.start;
    const int64_t due =
        absl::ToInt64Microseconds(s.start - plan.start) * kFramesPerSecond / 1'000'000;
    const bool follows =
        before != nullptr && before->writer_id == s.writer_id && before->index + 1 == s.index;
    // Segments of one writer in a row touch by construction, whatever the clock says.
    if (before != nullptr && !follows && due > plan.frames + kTouching) {
      AddSilence(plan, due - plan.frames,
                 before->writer_id == s.writer_id ? "segment_missing" : "media_moved");
    }
    for (const auto& gap : s.gaps)
      plan.gaps.push_back({plan.frames + gap.start_frame, gap.frames, gap.reason});
    plan.parts.push_back({i, s.frames});
    plan.frames += s.frames;
    before = &s;
  }
  return plan;
}

}  // namespace zvon::recording
