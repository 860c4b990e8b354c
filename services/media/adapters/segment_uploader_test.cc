#include "services/media/adapters/segment_uploader.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>

#include "services/common/rpc/rpc_server.h"
#include "services/media/adapters/fake_recording.h"
#include "services/media/adapters/recording_client.h"
#include "services/media/adapters/temp_folder.h"
#include "services/media/server/test_phone.h"

namespace zvon::media {
namespace {

void Put(const TempFolder& folder, const std::string& recording, int index,
         const std::string& pcm = "abcd") {
  zvon::media::v1::RecordingSegment segment;
  segment.set_recording_id(recording);
  segment.set_writer_id("w");
  segment.set_index(index);
  segment.set_frames(static_cast<int64_t>(pcm.size()) / kFrameBytes);
  const SegmentPath path{folder.path(), SegmentName(segment)};
  std::ofstream(path.pcm(), std::ios::binary) << pcm;
  REQUIRE(WriteSidecar(path.closed_sidecar(), segment).ok());
}

bool Empty(const TempFolder& folder) { return std::filesystem::is_empty(folder.path()); }

SegmentUploaderOptions Quick(const TempFolder& folder) {
  SegmentUploaderOptions options;
  options.folders = {folder.path()};
  options.backoff_min = absl::Milliseconds(5);
  options.backoff_max = absl::Milliseconds(50);
  return options;
}

}  // namespace

TEST_CASE("segments arrive in order, whole, and leave the disk", "[uploader]") {
  FakeRecording recording;
  auto server = RpcServer::Start("127.0.0.1:0", {}, {&recording});
  REQUIRE(server.ok());
  TempFolder folder;
  const std::string long_pcm(400'000, 'z');
  Put(folder, "r1", 1, long_pcm);
  Put(folder, "r1", 0);
  Put(folder, "r2", 0, "");
  SegmentUploader uploader(
      Quick(folder), MakeRecordingClient("127.0.0.1:" + std::to_string((*server)->port()), {}));
  uploader.Start();
  REQUIRE(WaitFor([&] { return Empty(folder); }));
  CHECK(recording.names == std::vector<std::string>{"r1.w.000000", "r1.w.000001", "r2.w.000000"});
  CHECK(recording.bytes[1] == long_pcm);
  // sha256sum of "abcd".
  CHECK(recording.checksums[0] ==
        "88d4266fd4e6338d13b845fcf289579d209c897823b9217da3e161936f031589");
  Put(folder, "r1", 2);
  uploader.Notify();
  REQUIRE(WaitFor([&] { return recording.count() == 4; }));
}

TEST_CASE("an outage delays, nothing is lost or doubled", "[uploader]") {
  TempFolder folder;
  FakeRecording recording;
  auto server = RpcServer::Start("127.0.0.1:0", {}, {&recording});
  const std::string address = "127.0.0.1:" + std::to_string((*server)->port());
  (*server)->Stop(absl::ZeroDuration());
  server->reset();
  for (int i = 0; i < 20; ++i) Put(folder, "r", i);
  SegmentUploader uploader(Quick(folder), MakeRecordingClient(address, {}));
  uploader.Start();
  REQUIRE(WaitFor([&] { return uploader.counts().failed >= 2; }));
  CHECK(uploader.counts().waiting == 20);
  server = RpcServer::Start(address, {}, {&recording});
  REQUIRE(server.ok());
  REQUIRE(WaitFor([&] { return Empty(folder); }));
  REQUIRE(recording.names.size() == 20);
  CHECK(std::is_sorted(recording.names.begin(), recording.names.end()));
}

TEST_CASE("one recording's trouble does not hold up another, nor break its order", "[uploader]") {
  FakeRecording recording;
  recording.answer = grpc::Status(grpc::StatusCode::INTERNAL, "no");
  recording.refused = "bad";
  auto server = RpcServer::Start("127.0.0.1:0", {}, {&recording});
  TempFolder folder;
  Put(folder, "bad", 0);
  Put(folder, "bad", 1);
  Put(folder, "good", 0);
  SegmentUploader uploader(
      Quick(folder), MakeRecordingClient("127.0.0.1:" + std::to_string((*server)->port()), {}));
  uploader.Start();
  REQUIRE(WaitFor([&] { return recording.count() == 1 && uploader.counts().failed >= 3; }));
  {
    std::lock_guard lock(recording.mutex);
    recording.answer = grpc::Status::OK;
  }
  REQUIRE(WaitFor([&] { return Empty(folder); }));
  CHECK(recording.names ==
        std::vector<std::string>{"good.w.000000", "bad.w.000000", "bad.w.000001"});
}

TEST_CASE("a refused segment is set aside and counted", "[uploader]") {
  FakeRecording recording;
  recording.answer = grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "no tenant");
  auto server = RpcServer::Start("127.0.0.1:0", {}, {&recording});
  TempFolder folder;
  Put(folder, "bad", 0);
  SegmentUploader uploader(
      Quick(folder), MakeRecordingClient("127.0.0.1:" + std::to_string((*server)->port()), {}));
  uploader.Start();
  REQUIRE(WaitFor([&] { return uploader.counts().refused == 1; }));
  CHECK(std::filesystem::exists(folder.path() + "/bad.w.000000.refused"));
  CHECK(std::filesystem::exists(folder.path() + "/bad.w.000000.pcm"));
}

}  // namespace zvon::media
