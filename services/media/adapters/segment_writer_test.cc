#include "services/media/adapters/segment_writer.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "services/media/adapters/segment_files.h"
#include "services/media/adapters/temp_folder.h"

namespace zvon::media {
namespace {

namespace fs = std::filesystem;
using Kind = RecordingOp::Kind;

RecordingOp Open(const std::string& writer_id = "w") {
  RecordingOp op;
  op.kind = Kind::kOpen;
  op.writer_id = writer_id;
  op.recording_id = "rec";
  op.tenant_id = "demo";
  op.interaction_id = "i";
  op.call_id = "c";
  op.start_time = absl::FromUnixSeconds(1'750'000'000);
  op.left = {"leg-a", ""};
  op.right = {"leg-b", "agent1"};
  return op;
}

RecordingOp Audio(int64_t frame, int64_t frames, int16_t value,
                  const std::string& writer_id = "w") {
  RecordingOp op;
  op.kind = Kind::kAudio;
  op.writer_id = writer_id;
  op.frame = frame;
  op.pcm.assign(static_cast<size_t>(frames) * 2, value);
  return op;
}

RecordingOp Mark(Kind kind, int64_t frame, const std::string& reason = "") {
  RecordingOp op;
  op.kind = kind;
  op.writer_id = "w";
  op.frame = frame;
  op.reason = reason;
  return op;
}

std::string Read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Runs the ops through a writer and gives the closed segments in order.
std::vector<zvon::media::v1::RecordingSegment> Write(SegmentWriterOptions options,
                                                     std::vector<RecordingOp> ops) {
  const std::vector<std::string> folders = options.folders;
  {
    SegmentWriter writer(std::move(options), [] {});
    REQUIRE(writer.Start().ok());
    writer.Submit(std::move(ops));
  }
  std::vector<zvon::media::v1::RecordingSegment> segments;
  for (const auto& folder : folders) {
    for (const SegmentPath& path : ListClosedSegments(folder)) {
      auto segment = ReadSidecar(path.closed_sidecar());
      REQUIRE(segment.ok());
      CHECK(static_cast<int64_t>(fs::file_size(path.pcm())) == segment->frames() * kFrameBytes);
      CHECK_FALSE(fs::exists(path.open_sidecar()));
      segments.push_back(*segment);
    }
  }
  return segments;
}

SegmentWriterOptions In(const TempFolder& folder, absl::Duration length = absl::Seconds(2)) {
  SegmentWriterOptions options;
  options.folders = {folder.path()};
  options.segment_length = length;
  return options;
}

}  // namespace

TEST_CASE("a recording is cut into segments, the last one marked", "[segments]") {
  TempFolder folder;
  std::vector<RecordingOp> ops = {Open()};
  for (int i = 0; i < 25; ++i) ops.push_back(Audio(i * 1600, 1600, static_cast<int16_t>(i)));
  ops.push_back(Mark(Kind::kClose, 40000));
  const auto segments = Write(In(folder), ops);
  REQUIRE(segments.size() == 3);
  int64_t frames = 0;
  for (int i = 0; i < 3; ++i) {
    CHECK(segments[i].index() == i);
    CHECK(segments[i].last() == (i == 2));
    CHECK(segments[i].start_time().seconds() == 1'750'000'000 + 2 * i);
    CHECK(segments[i].channels(1).agent_id() == "agent1");
    frames += segments[i].frames();
  }
  CHECK(frames == 40000);
  const std::string pcm = Read(folder.path() + "/rec.w.000001.pcm");
  CHECK(static_cast<int>(pcm[0]) == 10);
}

TEST_CASE("an end that falls on a segment's still has a last segment", "[segments]") {
  TempFolder folder;
  const auto segments = Write(In(folder), {Open(), Audio(0, 16000, 1), Mark(Kind::kClose, 16000)});
  REQUIRE(segments.size() == 2);
  CHECK(segments[1].last());
  CHECK(segments[1].frames() == 0);
}

TEST_CASE("pauses are gaps in every segment they touch", "[segments]") {
  TempFolder folder;
  std::vector<RecordingOp> ops = {Open(), Audio(0, 8000, 1), Mark(Kind::kGapBegin, 8000, "card")};
  for (int i = 0; i < 10; ++i) ops.push_back(Audio(8000 + i * 1600, 1600, 0));
  ops.push_back(Mark(Kind::kGapEnd, 24000));
  ops.push_back(Audio(24000, 1600, 2));
  ops.push_back(Mark(Kind::kClose, 25600));
  const auto segments = Write(In(folder), ops);
  REQUIRE(segments.size() == 2);
  REQUIRE(segments[0].gaps_size() == 1);
  CHECK(segments[0].gaps(0).start_frame() == 8000);
  CHECK(segments[0].gaps(0).frames() == segments[0].frames() - 8000);
  CHECK(segments[0].gaps(0).reason() == "card");
  REQUIRE(segments[1].gaps_size() == 1);
  CHECK(segments[1].gaps(0).start_frame() == 0);
  CHECK(segments[0].gaps(0).frames() + segments[1].gaps(0).frames() == 16000);
}

TEST_CASE("other people begin another segment", "[segments]") {
  TempFolder folder;
  RecordingOp change = Mark(Kind::kChannels, 1600);
  change.left = {"leg-a", ""};
  change.right = {"leg-c", "agent2"};
  const auto segments = Write(In(folder), {Open(), Audio(0, 1600, 1), change, Audio(1600, 800, 1),
                                           Mark(Kind::kClose, 2400)});
  REQUIRE(segments.size() == 2);
  CHECK(segments[0].channels(1).leg_id() == "leg-b");
  CHECK(segments[1].channels(1).leg_id() == "leg-c");
  CHECK(segments[1].channels(1).agent_id() == "agent2");
}

TEST_CASE("sound left out is a hole between two segments, told by their times", "[segments]") {
  TempFolder folder;
  const auto segments = Write(
      In(folder), {Open(), Audio(0, 1600, 1), Audio(9600, 1600, 1), Mark(Kind::kClose, 11200)});
  REQUIRE(segments.size() == 2);
  CHECK(segments[0].frames() == 1600);
  CHECK(segments[1].start_time().nanos() == 200'000'000);
  CHECK(segments[1].start_time().seconds() == 1'750'000'001);
}

TEST_CASE("a full queue leaves sound out and never blocks", "[segments]") {
  TempFolder folder;
  SegmentWriterOptions options = In(folder);
  options.queue_bytes_max = 100;
  const auto segments =
      Write(options, {Open(), Audio(0, 1600, 1), Audio(1600, 20, 2), Mark(Kind::kClose, 1620)});
  REQUIRE(segments.size() == 1);
  CHECK(segments[0].frames() == 20);
  CHECK(segments[0].last());
}

TEST_CASE("a folder that cannot be written to is left for the next", "[segments]") {
  TempFolder folder;
  TempFolder other;
  SegmentWriterOptions options = In(folder);
  // Not a folder at all: works for root too, whom permissions do not stop.
  const std::string file = folder.path() + "/file";
  std::ofstream(file) << "x";
  options.folders = {file, other.path()};
  SegmentWriter writer(options, [] {});
  REQUIRE(writer.Start().ok());
  writer.Submit({Open(), Audio(0, 1600, 1), Mark(Kind::kClose, 1600)});
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (writer.counts().segments_closed == 0 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  CHECK(ListClosedSegments(other.path()).size() == 1);
  CHECK(writer.counts().write_errors == 1);
  CHECK_FALSE(writer.counts().failing);
}

TEST_CASE("kill -9 in mid-recording leaves everything to the last write", "[segments]") {
  TempFolder folder;
  int ready[2];
  REQUIRE(pipe(ready) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    SegmentWriter writer(In(folder, absl::Seconds(60)), [] {});
    if (!writer.Start().ok()) _exit(1);
    writer.Submit(
        {Open(), Audio(0, 8000, 5), Mark(Kind::kGapBegin, 8000, "card"), Audio(8000, 1600, 0)});
    while (writer.counts().bytes_written < 9600 * kFrameBytes) usleep(1000);
    [[maybe_unused]] const ssize_t n = write(ready[1], "x", 1);
    while (true) pause();
  }
  char byte;
  REQUIRE(read(ready[0], &byte, 1) == 1);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  close(ready[0]);
  close(ready[1]);
  REQUIRE(ListClosedSegments(folder.path()).empty());

  SegmentWriter writer(In(folder), [] {});
  REQUIRE(writer.Start().ok());
  const auto paths = ListClosedSegments(folder.path());
  REQUIRE(paths.size() == 1);
  const auto segment = ReadSidecar(paths[0].closed_sidecar());
  REQUIRE(segment.ok());
  CHECK(segment->recovered());
  CHECK_FALSE(segment->last());
  CHECK(segment->frames() == 9600);
  REQUIRE(segment->gaps_size() == 1);
  CHECK(segment->gaps(0).start_frame() == 8000);
  CHECK(segment->gaps(0).frames() == 1600);
  CHECK(static_cast<int>(Read(paths[0].pcm())[0]) == 5);
}

TEST_CASE("a disk that fills up costs what does not fit, no more", "[segments]") {
  TempFolder folder;
  // A limit on file size stands for the full disk: writes over it fail.
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{20'000, 20'000};
    setrlimit(RLIMIT_FSIZE, &limit);
    {
      SegmentWriter writer(In(folder, absl::Seconds(60)), [] {});
      if (!writer.Start().ok()) _exit(1);
      std::vector<RecordingOp> ops = {Open()};
      for (int i = 0; i < 20; ++i) ops.push_back(Audio(i * 1600, 1600, 1));
      ops.push_back(Mark(Kind::kClose, 32000));
      writer.Submit(std::move(ops));
    }
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  REQUIRE(WIFEXITED(status));
  REQUIRE(WEXITSTATUS(status) == 0);
  // Each file takes 3 pieces of 6400 bytes, then a new one is begun.
  int64_t frames = 0;
  for (const SegmentPath& path : ListClosedSegments(folder.path())) {
    const auto segment = ReadSidecar(path.closed_sidecar());
    CHECK(static_cast<int64_t>(fs::file_size(path.pcm())) == segment->frames() * kFrameBytes);
    frames += segment->frames();
  }
  CHECK(frames == 32000);
}

}  // namespace zvon::media
