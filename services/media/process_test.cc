// The program itself: calls over its ports, kill -9, what is left after it.

#include <catch2/catch.hpp>
#include <csignal>
#include <cstring>

#include "services/common/testing/child_process.h"
#include "services/common/testing/free_port.h"
#include "services/common/testing/temp_dir.h"
#include "services/media/adapters/fake_recording.h"
#include "services/media/server/test_client.h"

namespace zvon::media {
namespace {

namespace pb = zvon::mediaservice::v1;

class Program {
 public:
  Program(const std::string& data_dir, int recording_port) : port(FreePort()) {
    ChildProcess::Options options;
    const std::string address = "127.0.0.1:" + std::to_string(port);
    options.args = {ZVON_MEDIA_PROGRAM,
                    "--grpc.listen=" + address,
                    "--admin.listen=127.0.0.1:0",
                    "--data.dir=" + data_dir,
                    "--rtp.port_min=46000",
                    "--rtp.port_max=46999",
                    "--recording.address=127.0.0.1:" + std::to_string(recording_port)};
    options.output_file = data_dir + ".log";
    auto started = ChildProcess::Start(options);
    REQUIRE(started.ok());
    child = *std::move(started);
  }
  int port;
  std::unique_ptr<ChildProcess> child;
};

// The right channel of all that came, in order.
std::vector<int16_t> Channel(FakeRecording& recording, int channel) {
  std::lock_guard lock(recording.mutex);
  std::vector<int16_t> samples;
  for (const std::string& bytes : recording.bytes) {
    for (size_t at = 0; at + 4 <= bytes.size(); at += 4) {
      int16_t sample = 0;
      std::memcpy(&sample, &bytes[at + 2 * static_cast<size_t>(channel)], sizeof sample);
      samples.push_back(sample);
    }
  }
  return samples;
}

}  // namespace

TEST_CASE("kill -9 in mid-call: the next start brings the sound to the recording service",
          "[process]") {
  TempDir dir;
  const std::string data_dir = dir.path() + "/media";
  FakeRecording recording;
  auto server = RpcServer::Start("127.0.0.1:0", {}, {&recording});
  REQUIRE(server.ok());
  TestPhone alice(G711Law::kALaw);
  TestPhone bob(G711Law::kMuLaw);
  {
    Program program(data_dir, (*server)->port());
    TestClient client(program.port);
    client.Send(Create("c1", "a", alice));
    client.Send(Create("c1", "b", bob));
    client.Wait(pb::MediaEvent::kEndpointReady, 2);
    for (const auto& event : client.All(pb::MediaEvent::kEndpointReady)) {
      const bool is_alice = event.endpoint_ready().endpoint_id() == "a";
      (is_alice ? alice : bob).Talk(event.endpoint_ready().local_port(), is_alice ? 440 : 1000);
    }
    pb::MediaCommand bridge = For("c1");
    bridge.mutable_bridge()->set_endpoint_id("a");
    bridge.mutable_bridge()->set_other_endpoint_id("b");
    client.Send(bridge);
    REQUIRE(WaitFor([&] { return alice.heard().size() >= 10 && bob.heard().size() >= 10; }));
    pb::MediaCommand record = For("c1");
    record.mutable_start_recording()->set_recording_id("rec");
    record.mutable_start_recording()->set_tenant_id("demo");
    record.mutable_start_recording()->set_left_endpoint_id("a");
    record.mutable_start_recording()->set_right_endpoint_id("b");
    client.Send(record);
    client.Wait(pb::MediaEvent::kRecordingStarted);
    const size_t before = bob.heard().size();
    // Three seconds of talk.
    REQUIRE(WaitFor([&] { return bob.heard().size() >= before + 150; }));
    program.child->Signal(SIGKILL);
    CHECK(*program.child->Wait(absl::Seconds(5)) == 128 + SIGKILL);
  }
  CHECK(recording.count() == 0);
  Program again(data_dir, (*server)->port());
  REQUIRE(WaitFor([&] { return recording.count() == 1; }));
  CHECK(recording.segments[0].recording_id() == "rec");
  CHECK(recording.segments[0].recovered());
  CHECK_FALSE(recording.segments[0].last());
  const auto left = Channel(recording, 0);
  const auto right = Channel(recording, 1);
  // All but the last second at most.
  REQUIRE(left.size() >= 16000);
  CHECK(ToneShare(absl::MakeConstSpan(left).subspan(1600, 12000), 440, 8000) > 0.9);
  CHECK(ToneShare(absl::MakeConstSpan(right).subspan(1600, 12000), 1000, 8000) > 0.9);
  again.child->Signal(SIGTERM);
  CHECK(*again.child->Wait(absl::Seconds(10)) == 0);
}

TEST_CASE("wrong settings end the program with one clear line", "[process]") {
  TempDir dir;
  struct Row {
    const char* flag;
    const char* message;
  };
  for (const Row& row : {Row{"--rtp.adress=x", "rtp.adress"},
                         {"--media.prompts=ru", "'ru' is not of the form NAME=FOLDER"},
                         {"--rtp.address=localhost", "'localhost' is no numeric IP address"},
                         {"--rtp.port_min=50000", "rtp.port_min is not below rtp.port_max"}}) {
    ChildProcess::Options options;
    options.args = {ZVON_MEDIA_PROGRAM, "--data.dir=" + dir.path() + "/d",
                    "--admin.listen=127.0.0.1:0", "--grpc.listen=127.0.0.1:0", row.flag};
    options.output_file = dir.path() + "/out";
    auto child = ChildProcess::Start(options);
    REQUIRE(child.ok());
    CHECK(*(*child)->Wait(absl::Seconds(20)) != 0);
    CHECK_THAT(ReadSmallFile(options.output_file), Catch::Contains(row.message));
  }
}

}  // namespace zvon::media
