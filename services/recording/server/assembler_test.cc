#include "services/recording/server/assembler.h"

#include <catch2/catch.hpp>
#include <filesystem>

#include "services/common/testing/temp_dir.h"
#include "services/recording/server/recording_rig.h"

namespace zvon::recording {
namespace {

class Rig {
 public:
  explicit Rig(AudioFormat format = AudioFormat::kOggOpus)
      : spool(dir.path() + "/spool"),
        index(dir.path()),
        assembler({dir.path() + "/store", format}, spool, index, SeededRandom(1)) {
    REQUIRE(spool.Load(kRigStart).ok());
  }
  void Put(const RigSegment& s) {
    auto incoming = spool.Begin(s.segment);
    REQUIRE(incoming.ok());
    REQUIRE((*incoming)->Write(s.pcm).ok());
    REQUIRE(spool.Finish(**incoming, s.sha256(), now).ok());
  }
  std::vector<int16_t> Sound(const std::string& id) {
    const auto entry = index.Find(id);
    REQUIRE(entry.ok());
    auto reader = AudioReader::Open(dir.path() + "/store/" + entry->path);
    REQUIRE(reader.ok());
    std::vector<int16_t> samples(static_cast<size_t>((*reader)->frames()) * 2);
    (*reader)->Read(absl::MakeSpan(samples));
    return samples;
  }
  size_t Files(const std::string& folder) {
    size_t files = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(dir.path() + folder)) {
      files += entry.is_regular_file();
    }
    return files;
  }

  TempDir dir;
  SegmentSpool spool;
  RecordingIndex index;
  Assembler assembler;
  absl::Time now = kRigStart;
};

RigSegment Last(RigSegment s) {
  s.segment.set_last(true);
  return s;
}

}  // namespace

TEST_CASE("a complete recording becomes one file at once", "[assembler]") {
  Rig rig;
  rig.Put(Last(MakeSegment("rec", 1, absl::Seconds(2), absl::Seconds(1), 600, 1000)));
  CHECK(rig.assembler.AssembleReady(rig.now).assembled == 0);
  rig.Put(MakeSegment("rec", 0, absl::ZeroDuration(), absl::Seconds(2), 440, 1000));
  CHECK(rig.assembler.AssembleReady(rig.now).assembled == 1);
  const auto entry = rig.index.Find("rec");
  REQUIRE(entry.ok());
  CHECK(entry->path == "demo/2025/06/15/rec.ogg");
  const auto& r = entry->recording;
  CHECK(FromProto(r.length()) == absl::Seconds(3));
  CHECK(r.gaps_size() == 0);
  CHECK(r.agent_ids(0) == "agent1");
  CHECK(r.agent_ids_size() == 1);
  CHECK(r.media_type() == "audio/ogg");
  CHECK(r.sha256() == *Sha256OfFile(rig.dir.path() + "/store/" + entry->path));
  const auto sound = rig.Sound("rec");
  REQUIRE(sound.size() == 24000 * 2);
  CHECK(ToneShare(Part(sound, 0, 100, 1800), 440, 8000) > 0.9);
  CHECK(ToneShare(Part(sound, 0, 2100, 800), 600, 8000) > 0.9);
  CHECK(ToneShare(Part(sound, 1, 100, 2800), 1000, 8000) > 0.9);
  CHECK(rig.spool.size() == 0);
  CHECK(rig.index.ListPending() == std::vector<std::string>{"rec"});
  CHECK(rig.assembler.AssembleReady(rig.now).assembled == 0);
}

TEST_CASE("an incomplete one is stored after a while, its gap declared and later filled",
          "[assembler]") {
  Rig rig;
  // A media process dies in its second segment, another goes on.
  rig.Put(MakeSegment("rec", 0, absl::ZeroDuration(), absl::Seconds(2), 440, 1000, "w1"));
  rig.Put(Last(MakeSegment("rec", 0, absl::Seconds(4), absl::Seconds(1), 800, 1000, "w2")));
  CHECK(rig.assembler.AssembleReady(rig.now + absl::Seconds(10)).assembled == 0);
  rig.now += absl::Minutes(3);
  CHECK(rig.assembler.AssembleReady(rig.now).assembled == 1);
  auto entry = rig.index.Find("rec");
  REQUIRE(entry->recording.gaps_size() == 1);
  CHECK(entry->recording.gaps(0).start_frame() == 16000);
  CHECK(entry->recording.gaps(0).frames() == 16000);
  CHECK(entry->recording.gaps(0).reason() == "moved");
  const std::string first_event = entry->event_id;
  CHECK(MeanPower(Part(rig.Sound("rec"), 0, 2200, 1600)) < 100);

  // The dead one comes back with what it had written.
  RigSegment recovered =
      MakeSegment("rec", 1, absl::Seconds(2), absl::Milliseconds(1500), 600, 1000, "w1");
  recovered.segment.set_recovered(true);
  rig.Put(recovered);
  rig.now += absl::Seconds(3);
  CHECK(rig.assembler.AssembleReady(rig.now).assembled == 1);
  entry = rig.index.Find("rec");
  CHECK(entry->version == 2);
  CHECK(entry->event_id != first_event);
  CHECK(FromProto(entry->recording.length()) == absl::Seconds(5));
  REQUIRE(entry->recording.gaps_size() == 1);
  CHECK(entry->recording.gaps(0).frames() == 4000);
  const auto sound = rig.Sound("rec");
  CHECK(ToneShare(Part(sound, 0, 200, 1600), 440, 8000) > 0.9);
  CHECK(ToneShare(Part(sound, 0, 2200, 1100), 600, 8000) > 0.9);
  CHECK(ToneShare(Part(sound, 0, 4200, 700), 800, 8000) > 0.9);
  CHECK(rig.Files("/store") == 1);
  CHECK(rig.spool.size() == 0);
}

TEST_CASE("a crash after the index entry costs nothing", "[assembler]") {
  Rig rig;
  const RigSegment s = Last(MakeSegment("rec", 0, absl::ZeroDuration(), absl::Seconds(1)));
  rig.Put(s);
  REQUIRE(rig.assembler.AssembleReady(rig.now).assembled == 1);
  // The segment is still there, as if the process had died before it went.
  rig.Put(s);
  CHECK(rig.assembler.AssembleReady(rig.now + absl::Hours(1)).assembled == 0);
  CHECK(rig.spool.size() == 0);
  CHECK(rig.index.Find("rec")->version == 1);
}

TEST_CASE("WAV by setting, pauses kept silent and declared", "[assembler]") {
  Rig rig(AudioFormat::kWav);
  RigSegment s = Last(MakeSegment("rec", 0, absl::ZeroDuration(), absl::Seconds(2)));
  auto* gap = s.segment.add_gaps();
  gap->set_start_frame(4000);
  gap->set_frames(8000);
  gap->set_reason("card");
  rig.Put(s);
  REQUIRE(rig.assembler.AssembleReady(rig.now).assembled == 1);
  const auto entry = rig.index.Find("rec");
  CHECK(entry->path == "demo/2025/06/15/rec.wav");
  CHECK(entry->recording.gaps(0).reason() == "card");
  const auto sound = rig.Sound("rec");
  REQUIRE(sound.size() == 32000);
  // Even where a writer put sound into a pause.
  CHECK(MeanPower(Part(sound, 0, 500, 1000)) == 0);
  CHECK(MeanPower(Part(sound, 1, 500, 1000)) == 0);
}

TEST_CASE("a recording without any sound is a file too", "[assembler]") {
  Rig rig;
  rig.Put(Last(MakeSegment("rec", 0, absl::ZeroDuration(), absl::ZeroDuration())));
  CHECK(rig.assembler.AssembleReady(rig.now).assembled == 1);
  CHECK(FromProto(rig.index.Find("rec")->recording.length()) == absl::ZeroDuration());
}

TEST_CASE("a disk that refuses leaves the segments for the next try", "[assembler]") {
  Rig rig;
  REQUIRE(WriteFile(rig.dir.path() + "/store", "a file where the folder should be").ok());
  rig.Put(Last(MakeSegment("rec", 0, absl::ZeroDuration(), absl::Seconds(1))));
  CHECK(rig.assembler.AssembleReady(rig.now).failed == 1);
  CHECK(rig.spool.size() == 1);
  std::filesystem::remove(rig.dir.path() + "/store");
  CHECK(rig.assembler.AssembleReady(rig.now).assembled == 1);
}

}  // namespace zvon::recording
