#include "services/recording/core/segment_plan.h"

#include <catch2/catch.hpp>
#include <random>

namespace zvon::recording {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'750'000'000);

Piece At(int64_t frame, int64_t frames, int index = 0, const std::string& writer = "w",
         std::vector<Gap> gaps = {}) {
  Piece piece;
  piece.writer_id = writer;
  piece.index = index;
  piece.start = kStart + FramesToDuration(frame);
  piece.frames = frames;
  piece.gaps = std::move(gaps);
  return piece;
}

Piece Last(Piece piece) {
  piece.last = true;
  return piece;
}
Piece Recovered(Piece piece) {
  piece.recovered = true;
  return piece;
}

}  // namespace

TEST_CASE("segments follow each other without a seam, in any order of coming", "[plan]") {
  const SegmentPlan plan = MakePlan({At(1000, 500, 1), At(0, 1000, 0), At(1500, 1, 2)});
  CHECK(plan.start == kStart);
  CHECK(plan.frames == 1501);
  CHECK(plan.runs == std::vector<Run>{{1, 0, 1000}, {0, 0, 500}, {2, 0, 1}});
  CHECK(plan.gaps.empty());
}

TEST_CASE("holes are silence and told with their reason", "[plan]") {
  const SegmentPlan plan = MakePlan({
      At(0, 1000, 0, "w1", {{200, 100, "card"}}),
      At(3000, 1000, 2, "w1"),
      At(8000, 1000, 0, "w2"),
  });
  CHECK(plan.frames == 9000);
  CHECK(plan.gaps ==
        std::vector<Gap>{{200, 100, "card"}, {1000, 2000, "lost"}, {4000, 4000, "moved"}});
  CHECK(plan.runs == std::vector<Run>{{0, 0, 200},
                                      {-1, 0, 100},
                                      {0, 300, 700},
                                      {-1, 0, 2000},
                                      {1, 0, 1000},
                                      {-1, 0, 4000},
                                      {2, 0, 1000}});
}

TEST_CASE("a pause over the seam of two segments is one gap", "[plan]") {
  const SegmentPlan plan = MakePlan(
      {At(0, 1000, 0, "w", {{900, 100, "card"}}), At(1000, 1000, 1, "w", {{0, 50, "card"}})});
  CHECK(plan.gaps == std::vector<Gap>{{900, 150, "card"}});
}

TEST_CASE("a pause at the very end counts", "[plan]") {
  const SegmentPlan plan = MakePlan({At(0, 1000, 0, "w", {{900, 100, "card"}})});
  CHECK(plan.frames == 1000);
  CHECK(plan.gaps == std::vector<Gap>{{900, 100, "card"}});
}

TEST_CASE("a late segment fills the gap of a file stored before", "[plan]") {
  Piece stored = At(0, 3000, 0, "", {{1000, 1000, "lost"}});
  stored.stored = true;
  const SegmentPlan plan = MakePlan({stored, At(1000, 1000, 1, "w")});
  CHECK(plan.gaps.empty());
  CHECK(plan.runs == std::vector<Run>{{0, 0, 1000}, {1, 0, 1000}, {0, 2000, 1000}});
}

TEST_CASE("overlaps of two writers are stored once", "[plan]") {
  const SegmentPlan plan = MakePlan({At(0, 1000, 0, "w1"), At(900, 1000, 0, "w2")});
  CHECK(plan.frames == 1900);
  CHECK(plan.runs == std::vector<Run>{{0, 0, 1000}, {1, 100, 900}});
}

TEST_CASE("sound and gaps add up to the length, whatever comes", "[plan]") {
  for (unsigned seed = 0; seed < 500; ++seed) {
    std::mt19937 random(seed);
    std::vector<Piece> pieces;
    for (unsigned i = 0; i <= random() % 6; ++i) {
      Piece piece =
          At(random() % 5000, random() % 2000, static_cast<int>(i), random() % 2 == 0 ? "a" : "b");
      for (unsigned g = 0; g < random() % 4; ++g) {
        piece.gaps.push_back(
            {static_cast<int64_t>(random() % 2000), static_cast<int64_t>(random() % 500), "card"});
      }
      pieces.push_back(piece);
    }
    const SegmentPlan plan = MakePlan(pieces);
    int64_t sound = 0;
    int64_t silence = 0;
    for (const Run& run : plan.runs) {
      REQUIRE(run.frames > 0);
      if (run.piece < 0) {
        silence += run.frames;
      } else {
        REQUIRE(run.piece_frame >= 0);
        REQUIRE(run.piece_frame + run.frames <= pieces[run.piece].frames);
        sound += run.frames;
      }
    }
    CAPTURE(seed);
    REQUIRE(sound + silence == plan.frames);
    // Undeclared holes below a millisecond are the only difference.
    REQUIRE(silence - TotalFrames(plan.gaps) < 8 * static_cast<int64_t>(plan.runs.size() + 1));
    REQUIRE(silence >= TotalFrames(plan.gaps));
  }
}

TEST_CASE("a recording is complete when nothing more can come", "[plan]") {
  struct Row {
    const char* name;
    std::vector<Piece> pieces;
    bool complete;
  };
  Piece stored = At(0, 1000);
  stored.stored = true;
  const Row rows[] = {
      {"nothing", {}, false},
      {"no last one", {At(0, 10, 0)}, false},
      {"one, the last", {Last(At(0, 10, 0))}, true},
      {"all", {At(0, 10, 0), Last(At(10, 10, 1))}, true},
      {"the first is missing", {Last(At(10, 10, 1))}, false},
      {"one between is missing", {At(0, 10, 0), Last(At(20, 10, 2))}, false},
      {"a crash, not gone on with", {Recovered(At(0, 10, 0))}, false},
      {"a crash, recovered, gone on with",
       {Recovered(At(0, 10, 0, "a")), Last(At(20, 10, 0, "b"))},
       true},
      {"a crash, not yet recovered", {At(0, 10, 0, "a"), Last(At(20, 10, 0, "b"))}, false},
      {"stored alone", {stored}, false},
      {"stored and a late one", {stored, At(5, 5, 1)}, true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(IsComplete(row.pieces) == row.complete);
  }
}

}  // namespace zvon::recording
