#include "services/recording/adapters/segment_spool.h"

#include <catch2/catch.hpp>
#include <filesystem>

#include "services/common/testing/temp_dir.h"
#include "services/recording/server/recording_rig.h"

namespace zvon::recording {
namespace {

absl::Status Put(SegmentSpool& spool, const RigSegment& s, const std::string& sha256 = "") {
  auto incoming = spool.Begin(s.segment);
  if (!incoming.ok()) return incoming.status();
  const size_t half = s.pcm.size() / 2;
  for (const auto& part : {s.pcm.substr(0, half), s.pcm.substr(half)}) {
    if (const absl::Status status = (*incoming)->Write(part); !status.ok()) return status;
  }
  return spool.Finish(**incoming, sha256.empty() ? s.sha256() : sha256, kRigStart);
}

size_t FilesIn(const TempDir& dir) {
  size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(dir.path())) {
    files += entry.is_regular_file();
  }
  return files;
}

}  // namespace

TEST_CASE("segments are kept on disk and found again by the next process", "[spool]") {
  TempDir dir;
  const RigSegment first = MakeSegment("r", 0, {}, absl::Milliseconds(100));
  {
    SegmentSpool spool(dir.path());
    REQUIRE(spool.Load(kRigStart).ok());
    REQUIRE(Put(spool, MakeSegment("r", 1, absl::Seconds(1), absl::Milliseconds(100))).ok());
    REQUIRE(Put(spool, first).ok());
  }
  SegmentSpool spool(dir.path());
  REQUIRE(spool.Load(kRigStart + absl::Seconds(5)).ok());
  REQUIRE(spool.ListWaiting().size() == 1);
  CHECK(spool.ListWaiting()[0].last_arrival == kRigStart + absl::Seconds(5));
  const auto segments = spool.SegmentsOf("r");
  REQUIRE(segments.size() == 2);
  CHECK(segments[0].segment.index() == 0);
  CHECK(segments[0].sha256 == first.sha256());
  CHECK(*ReadFile(segments[0].pcm_path) == first.pcm);
  spool.Remove(segments);
  CHECK(FilesIn(dir) == 0);
  CHECK(spool.ListWaiting().empty());
}

TEST_CASE("the same segment again is the same answer, another one is refused", "[spool]") {
  TempDir dir;
  SegmentSpool spool(dir.path());
  REQUIRE(spool.Load(kRigStart).ok());
  const RigSegment s = MakeSegment("r", 0, {}, absl::Milliseconds(100));
  REQUIRE(Put(spool, s).ok());
  REQUIRE(Put(spool, s).ok());
  CHECK(spool.size() == 1);
  CHECK(absl::IsFailedPrecondition(
      Put(spool, MakeSegment("r", 0, {}, absl::Milliseconds(100), 500))));
  CHECK(Put(spool, MakeSegment("r", 0, {}, absl::Milliseconds(100), 500, 500, "w2")).ok());
  CHECK(FilesIn(dir) == 4);
}

TEST_CASE("broken segments are refused and leave nothing", "[spool]") {
  TempDir dir;
  SegmentSpool spool(dir.path());
  REQUIRE(spool.Load(kRigStart).ok());
  RigSegment s = MakeSegment("r", 0, {}, absl::Milliseconds(100));
  CHECK(absl::IsAborted(Put(spool, s, Sha256Of("other"))));
  RigSegment short_one = s;
  short_one.pcm.resize(100);
  CHECK(absl::IsInvalidArgument(Put(spool, short_one)));
  RigSegment long_one = s;
  long_one.pcm += "abcd";
  CHECK(absl::IsInvalidArgument(Put(spool, long_one)));
  for (const char* id : {"", "../x", "a/b", ".hidden"}) {
    RigSegment wrong = s;
    wrong.segment.set_recording_id(id);
    CHECK(absl::IsInvalidArgument(Put(spool, wrong)));
    wrong = s;
    wrong.segment.set_tenant_id(id);
    CHECK(absl::IsInvalidArgument(Put(spool, wrong)));
  }
  s.segment.set_index(-1);
  CHECK(absl::IsInvalidArgument(Put(spool, s)));
  CHECK(FilesIn(dir) == 0);
}

}  // namespace zvon::recording
