// From segments on disk to a stored, readable, accounted recording, against a
// real PostgreSQL.

#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "services/common/bus/memory_bus.h"
#include "services/common/testing/temp_dir.h"
#include "services/common/testing/test_postgres.h"
#include "services/recording/server/assembler.h"

#include <openssl/sha.h>

#include "absl/strings/escaping.h"

namespace zvon::recording {
namespace {

namespace ev = zvon::events::v1;
using zvon::media::v1::RecordingSegment;

const char kRecording[] = "01938f2e-7c3a-7b1e-8f00-000000000011";
const char kWriter[] = "01938f2e-7c3a-7b1e-8f00-000000000022";

std::string Tone(double hz_left, double hz_right, double seconds) {
  std::string pcm;
  for (int i = 0; i < seconds * 8000; ++i) {
    for (double hz : {hz_left, hz_right}) {
      const auto sample = static_cast<int16_t>(8000 * std::sin(2 * M_PI * hz * i / 8000));
      pcm.append(reinterpret_cast<const char*>(&sample), 2);
    }
  }
  return pcm;
}

RecordingSegment Segment(int index, bool last, double seconds) {
  RecordingSegment s;
  s.set_recording_id(kRecording);
  s.set_tenant_id("demo");
  s.set_interaction_id("i1");
  s.set_call_id("c1");
  s.set_index(index);
  s.set_writer_id(kWriter);
  s.set_last(last);
  s.set_frames(static_cast<int64_t>(seconds * 8000));
  s.mutable_start_time()->set_seconds(1'795'400'000 + index * 2);
  auto* channel = s.add_channels();
  channel->set_index(1);
  channel->set_agent_id("agent1");
  return s;
}

std::string Sha256(const std::string& bytes) {
  unsigned char hash[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), hash);
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<char*>(hash), sizeof hash));
}

struct Fixture {
  TestPostgres postgres;
  TempDir dir;
  std::unique_ptr<Database> database;
  MemoryBus bus;
  std::unique_ptr<Publisher> publisher = bus.MakePublisher();
  SteadyClock clock;
  Metrics metrics{"recording"};
  SegmentFolder folder{dir.path() + "/incoming"};
  std::unique_ptr<RecordingTable> table;
  std::unique_ptr<Assembler> assembler;

  explicit Fixture(absl::Duration missing_after = absl::Hours(1)) {
    DatabaseSettings settings;
    settings.dsn = postgres.dsn();
    database = Database::Make(settings);
    REQUIRE(Migrate(*database, "recording", ZVON_SOURCE_DIR "/services/recording/migrations").ok());
    table = std::make_unique<RecordingTable>(*database);
    AssemblerOptions options;
    options.store_dir = dir.path() + "/store";
    options.instance = "recording-0";
    options.missing_after = missing_after;
    options.interval = absl::Hours(1);  // The test runs the rounds.
    assembler = std::make_unique<Assembler>(options, folder, *table, *publisher, clock, metrics);
  }
  absl::Status Put(const RecordingSegment& segment, const std::string& pcm) {
    auto arrival = folder.Begin(segment);
    if (!arrival.ok()) return arrival.status();
    if (auto status = (*arrival)->Append(pcm); !status.ok()) return status;
    return (*arrival)->Commit(Sha256(pcm));
  }
  ev::Event Event(const std::string& id) {
    ev::Event event;
    event.set_event_id(id);
    event.set_tenant_id("demo");
    event.set_interaction_id("i1");
    event.set_call_id("c1");
    event.mutable_occur_time()->set_seconds(1'795'400'000);
    return event;
  }
  int Count(const std::string& type) {
    int n = 0;
    for (const auto& event : bus.Events()) n += event.type == type;
    return n;
  }
};

}  // namespace

TEST_CASE("segments become one stereo file, a row and one event, and are gone then") {
  Fixture f;
  REQUIRE(f.Put(Segment(1, true, 1), Tone(1000, 440, 1)).ok());
  f.assembler->RunOnce();
  CHECK(f.Count("zvon.recording.stored") == 0);  // Segment 0 is not there yet.
  REQUIRE(f.Put(Segment(0, false, 2), Tone(1000, 440, 2)).ok());
  f.assembler->RunOnce();
  f.assembler->RunOnce();
  CHECK(f.Count("zvon.recording.stored") == 1);
  CHECK(f.folder.RecordingIds().empty());

  auto found = f.table->Get("demo", kRecording);
  REQUIRE(found.ok());
  CHECK(found->recording.length().seconds() == 3);
  CHECK(found->recording.agent_ids(0) == "agent1");
  CHECK(found->recording.media_type() == "audio/ogg");
  const std::string file = f.dir.path() + "/store/" + found->file;
  CHECK(std::filesystem::file_size(file) == static_cast<uintmax_t>(found->recording.bytes()));
  CHECK(*FileSha256(file) == found->recording.sha256());

  const std::string wav = f.dir.path() + "/out.wav";
  REQUIRE(ConvertToWav(file, wav).ok());
  std::ifstream in(wav, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  CHECK(bytes.size() == Approx(44 + 3 * 8000 * 4).margin(2000));
  CHECK(absl::IsNotFound(f.table->Get("other", kRecording).status()));
}

TEST_CASE("a segment with a wrong checksum, length or id is refused and leaves nothing") {
  Fixture f;
  const std::string pcm = Tone(1000, 440, 1);
  auto arrival = f.folder.Begin(Segment(0, true, 1));
  REQUIRE(arrival.ok());
  REQUIRE((*arrival)->Append(pcm).ok());
  CHECK(absl::IsDataLoss((*arrival)->Commit(std::string(64, '0'))));
  arrival->reset();
  CHECK(absl::IsInvalidArgument(f.Put(Segment(0, true, 2), pcm)));
  CHECK(absl::IsInvalidArgument(f.Put(Segment(0, true, 0.5), pcm)));
  RecordingSegment bad = Segment(0, true, 1);
  bad.set_recording_id("../../etc/passwd");
  CHECK(absl::IsInvalidArgument(f.Put(bad, pcm)));
  CHECK(f.folder.Segments(kRecording).empty());
  CHECK(f.Put(Segment(0, true, 1), pcm).ok());
}

TEST_CASE("a recording ordered and never delivered is reported missing, once") {
  Fixture f(absl::ZeroDuration());
  ev::Event started = f.Event("e1"), ended = f.Event("e2");
  started.mutable_recording_started()->set_recording_id(kRecording);
  ended.mutable_recording_ended()->set_recording_id(kRecording);
  ended.mutable_recording_ended()->mutable_talked()->set_seconds(7);
  REQUIRE(f.table->TakeEvents({started, ended, started}).ok());
  auto missing = f.table->TakeMissing(absl::FromUnixSeconds(1'795'500'000));
  REQUIRE(missing.ok());
  REQUIRE(missing->size() == 1);
  CHECK((*missing)[0].missing == absl::Seconds(7));
  CHECK(f.table->TakeMissing(absl::FromUnixSeconds(1'795'500'000))->empty());
  // It comes after all: the row is mended.
  REQUIRE(f.Put(Segment(0, true, 1), Tone(500, 600, 1)).ok());
  f.assembler->RunOnce();
  CHECK(f.table->Get("demo", kRecording)->recording.state() == zvon::recording::v1::Recording::STATE_STORED);
  CHECK(*f.table->CountMissing() == 0);
}

TEST_CASE("a connected call without any recording is found") {
  Fixture f;
  ev::Event bridged = f.Event("e1"), ended = f.Event("e2");
  bridged.mutable_legs_bridged();
  ended.mutable_occur_time()->set_seconds(1'795'400'030);
  ended.mutable_call_ended();
  REQUIRE(f.table->TakeEvents({bridged, ended}).ok());
  auto missing = f.table->TakeMissing(absl::FromUnixSeconds(1'795'500'000));
  REQUIRE(missing.ok());
  REQUIRE(missing->size() == 1);
  CHECK((*missing)[0].missing == absl::Seconds(30));
}

}  // namespace zvon::recording
