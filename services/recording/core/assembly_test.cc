#include "services/recording/core/assembly.h"

#include <catch2/catch.hpp>

namespace zvon::recording {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'795'400'000);
constexpr absl::Duration kSettle = absl::Seconds(15);

SegmentInfo Segment(const char* writer, int index, double start, double seconds) {
  SegmentInfo s;
  s.writer_id = writer;
  s.index = index;
  s.start = kStart + absl::Seconds(start);
  s.frames = static_cast<int64_t>(seconds * kFramesPerSecond);
  s.arrival = s.start + absl::Seconds(seconds);
  return s;
}
SegmentInfo Last(SegmentInfo s) {
  s.last = true;
  return s;
}
SegmentInfo Recovered(SegmentInfo s) {
  s.recovered = true;
  return s;
}

bool Ready(const std::vector<SegmentInfo>& segments, double now, double ended = -1) {
  return IsReady(segments, ended < 0 ? absl::InfinitePast() : kStart + absl::Seconds(ended),
                 kStart + absl::Seconds(now), kSettle);
}

}  // namespace

TEST_CASE("a recording is ready when all segments up to the last are there, in any order") {
  CHECK_FALSE(Ready({}, 1000));
  CHECK_FALSE(Ready({Segment("a", 0, 0, 60)}, 1000));
  CHECK(Ready({Segment("a", 0, 0, 60), Last(Segment("a", 1, 60, 5))}, 66));
  CHECK(Ready({Last(Segment("a", 1, 60, 5)), Segment("a", 0, 0, 60)}, 66));
  CHECK_FALSE(Ready({Segment("a", 0, 0, 60), Last(Segment("a", 2, 120, 5))}, 130));
}

TEST_CASE("after a crash a successor is waited for, then it is assembled without") {
  const auto crashed = Recovered(Segment("a", 0, 0, 30));
  CHECK_FALSE(Ready({crashed}, 31));
  CHECK(Ready({crashed}, 46));
  CHECK_FALSE(Ready({crashed, Segment("b", 0, 32, 60)}, 93));
  CHECK(Ready({crashed, Segment("b", 0, 32, 60), Last(Segment("b", 1, 92, 3))}, 96));
}

TEST_CASE("a segment that never comes does not hold the rest for ever once the talk has ended") {
  const std::vector<SegmentInfo> torn = {Segment("a", 0, 0, 60), Last(Segment("a", 2, 120, 5))};
  CHECK_FALSE(Ready(torn, 150, 125));
  CHECK(Ready(torn, 201, 125));
}

TEST_CASE("segments of one writer touch; between writers the gap is silence and declared") {
  const Plan plan =
      MakePlan({Segment("b", 0, 32, 10), Segment("a", 1, 20.004, 10), Segment("a", 0, 0, 20)});
  REQUIRE(plan.parts.size() == 4);
  CHECK(plan.parts[0].segment == 2);
  CHECK(plan.parts[1].segment == 1);
  CHECK(plan.parts[2].segment == -1);
  CHECK(plan.parts[2].frames == 2 * kFramesPerSecond);
  CHECK(plan.parts[3].segment == 0);
  CHECK(plan.frames == 42 * kFramesPerSecond);
  REQUIRE(plan.gaps.size() == 1);
  CHECK(plan.gaps[0].reason == "media_moved");
  CHECK(plan.gaps[0].start_frame == 30 * kFramesPerSecond);
}

TEST_CASE("a missing segment in the middle is a declared gap of its length") {
  const Plan plan = MakePlan({Segment("a", 0, 0, 60), Segment("a", 2, 120, 5)});
  REQUIRE(plan.gaps.size() == 1);
  CHECK(plan.gaps[0].frames == 60 * kFramesPerSecond);
  CHECK(plan.gaps[0].reason == "segment_missing");
  CHECK(plan.frames == 125 * kFramesPerSecond);
}

TEST_CASE("gaps that the writer declared are moved to the recording's own time") {
  auto second = Segment("a", 1, 60, 60);
  second.gaps.push_back({8000, 16000, "card"});
  const Plan plan = MakePlan({Segment("a", 0, 0, 60), second});
  REQUIRE(plan.gaps.size() == 1);
  CHECK(plan.gaps[0].start_frame == 61 * kFramesPerSecond);
  CHECK(plan.gaps[0].frames == 2 * kFramesPerSecond);
}

}  // namespace zvon::recording
