#include "services/media/core/recording_timeline.h"

#include <catch2/catch.hpp>

namespace zvon::media {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'750'000'000);

absl::Time After(int64_t ms) { return kStart + absl::Milliseconds(ms); }

// The packet that ends at `ms`, arriving `late` ms after, all samples `value`.
void Put(RecordingTimeline& timeline, int channel, int64_t ms, int16_t value, int64_t late = 0,
         uint32_t base = 5000) {
  const std::vector<int16_t> samples(160, value);
  timeline.Place(channel, 1, base + static_cast<uint32_t>(ms * 8), samples, After(ms + late));
}

int16_t Left(const std::vector<int16_t>& pcm, int64_t ms) { return pcm[ms * 16]; }
int16_t Right(const std::vector<int16_t>& pcm, int64_t ms) { return pcm[ms * 16 + 1]; }

}  // namespace

TEST_CASE("both voices stand where they were spoken", "[recording]") {
  RecordingTimeline timeline(kStart);
  for (int64_t ms = 20; ms <= 400; ms += 20) {
    Put(timeline, 0, ms, static_cast<int16_t>(ms));
    if (ms > 200) Put(timeline, 1, ms, static_cast<int16_t>(-ms));
  }
  const auto pcm = timeline.TakeAll(After(400));
  REQUIRE(pcm.size() == 3200 * 2);
  CHECK(Left(pcm, 0) == 20);
  CHECK(Left(pcm, 390) == 400);
  CHECK(Right(pcm, 199) == 0);
  CHECK(Right(pcm, 200) == -220);
  CHECK(timeline.lost() == 0);
}

TEST_CASE("jitter below the delay is not heard", "[recording]") {
  RecordingTimeline timeline(kStart);
  const int64_t late[] = {0, 30, 5, 90, 70, 50, 30, 10, 40, 0};
  for (int i = 0; i < 10; ++i) Put(timeline, 0, 20 * (i + 1), static_cast<int16_t>(i + 1), late[i]);
  const auto pcm = timeline.TakeAll(After(300));
  for (int i = 0; i < 10; ++i) {
    CHECK(Left(pcm, 20 * i) == i + 1);
    CHECK(Left(pcm, 20 * i + 19) == i + 1);
  }
}

TEST_CASE("a pause without packets is silence of its length", "[recording]") {
  RecordingTimeline timeline(kStart);
  Put(timeline, 0, 20, 7);
  // The phone's timestamps stood still during its pause of a second.
  const std::vector<int16_t> samples(160, 9);
  std::vector<int16_t> pcm = timeline.Take(timeline.Settled(After(1000)));
  timeline.Place(0, 1, 5000 + 320, samples, After(1020));
  const auto rest = timeline.TakeAll(After(1100));
  pcm.insert(pcm.end(), rest.begin(), rest.end());
  CHECK(Left(pcm, 10) == 7);
  CHECK(Left(pcm, 30) == 0);
  CHECK(Left(pcm, 999) == 0);
  CHECK(Left(pcm, 1005) == 9);
}

TEST_CASE("frames taken piece by piece are the same", "[recording]") {
  RecordingTimeline timeline(kStart);
  std::vector<int16_t> pcm;
  for (int64_t ms = 20; ms <= 5000; ms += 20) {
    Put(timeline, 0, ms, static_cast<int16_t>(ms), 0, 0xFFFFF000);
    Put(timeline, 1, ms, static_cast<int16_t>(ms), 15, 0x7FFFF000);
    if (timeline.Settled(After(ms)) < 1600) continue;
    const auto part = timeline.Take(1600);
    pcm.insert(pcm.end(), part.begin(), part.end());
  }
  for (int64_t ms = 0; ms < static_cast<int64_t>(pcm.size() / 16); ms += 20) {
    CAPTURE(ms);
    CHECK(Left(pcm, ms + 10) == ms + 20);
    // 15 ms late on the first packet: that is where it is anchored.
    if (ms >= 20) CHECK(Right(pcm, ms + 14) == ms);
    if (ms >= 20) CHECK(Right(pcm, ms + 16) == ms + 20);
  }
  CHECK(timeline.lost() == 0);
}

TEST_CASE("a source that drifts is anchored anew, not lost", "[recording]") {
  RecordingTimeline timeline(kStart);
  // 1 % fast for a minute.
  int64_t frames = 0;
  for (int i = 1; i <= 3000; ++i) {
    const std::vector<int16_t> samples(160, 5);
    timeline.Place(0, 1, static_cast<uint32_t>(i * 160), samples,
                   kStart + absl::Microseconds(19800) * i);
    frames += static_cast<int64_t>(
        timeline.Take(timeline.Settled(kStart + absl::Microseconds(19800) * i)).size() / 2);
  }
  CHECK(timeline.lost() < 160);
  CHECK(frames == 3000 * 19800 / 125 - RecordingTimeline::kDelay);
}

}  // namespace zvon::media
