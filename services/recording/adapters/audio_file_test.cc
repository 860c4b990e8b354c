#include "services/recording/adapters/audio_file.h"

#include <catch2/catch.hpp>
#include <filesystem>

#include "services/common/audio/wav.h"
#include "services/common/testing/temp_dir.h"
#include "services/recording/server/recording_rig.h"

namespace zvon::recording {
namespace {

// A second and a bit: not a whole number of Opus frames.
std::vector<int16_t> Sound() {
  const RigSegment segment = MakeSegment("r", 0, {}, absl::Milliseconds(1013));
  std::vector<int16_t> samples(segment.pcm.size() / 2);
  std::memcpy(samples.data(), segment.pcm.data(), segment.pcm.size());
  return samples;
}

void WriteSound(const std::string& path, AudioFormat format, const std::vector<int16_t>& samples) {
  auto writer = AudioWriter::Create(path, format);
  REQUIRE(writer.ok());
  REQUIRE((*writer)->Write(samples).ok());
  REQUIRE((*writer)->Close().ok());
}

std::vector<int16_t> ReadSound(const std::string& path) {
  auto reader = AudioReader::Open(path);
  REQUIRE(reader.ok());
  std::vector<int16_t> samples(static_cast<size_t>((*reader)->frames()) * 2);
  CHECK((*reader)->Read(absl::MakeSpan(samples)) == (*reader)->frames());
  return samples;
}

}  // namespace

TEST_CASE("both formats keep length and channels", "[audio]") {
  TempDir dir;
  for (const AudioFormat format : {AudioFormat::kOggOpus, AudioFormat::kWav}) {
    const std::string path = dir.path() + "/a/b/x." + ExtensionOf(format);
    WriteSound(path, format, Sound());
    const std::vector<int16_t> back = ReadSound(path);
    CAPTURE(MediaTypeOf(format), back.size());
    CHECK(back.size() == Sound().size());
    CHECK(ToneShare(Part(back, 0, 100, 800), 440, 8000) > 0.9);
    CHECK(ToneShare(Part(back, 1, 100, 800), 1000, 8000) > 0.9);
  }
  CHECK(std::filesystem::file_size(dir.path() + "/a/b/x.ogg") <
        std::filesystem::file_size(dir.path() + "/a/b/x.wav") / 3);
}

TEST_CASE("an Opus file can be read from any frame", "[audio]") {
  TempDir dir;
  const std::string path = dir.path() + "/x.ogg";
  std::vector<int16_t> sound = Sound();
  const std::vector<int16_t> silence(16000);
  sound.insert(sound.begin(), silence.begin(), silence.end());
  WriteSound(path, AudioFormat::kOggOpus, sound);
  auto reader = AudioReader::Open(path);
  REQUIRE(reader.ok());
  REQUIRE((*reader)->Seek(10000).ok());
  std::vector<int16_t> samples(8000);
  REQUIRE((*reader)->Read(absl::MakeSpan(samples)) == 4000);
  CHECK(ToneShare(Part(samples, 0, 0, 500), 440, 8000) > 0.9);
}

TEST_CASE("a recording is converted to a WAV that others read", "[audio]") {
  TempDir dir;
  WriteSound(dir.path() + "/x.ogg", AudioFormat::kOggOpus, Sound());
  REQUIRE(ConvertToWav(dir.path() + "/x.ogg", dir.path() + "/x.wav").ok());
  const auto wav = ParseWav(*ReadFile(dir.path() + "/x.wav"));
  REQUIRE(wav.ok());
  CHECK(wav->channels == 2);
  CHECK(wav->rate == 8000);
  CHECK(wav->frames() == Sound().size() / 2);
}

TEST_CASE("what is no sound of ours is refused", "[audio]") {
  TempDir dir;
  CHECK(absl::IsNotFound(AudioReader::Open(dir.path() + "/none").status()));
  REQUIRE(WriteFile(dir.path() + "/x", "nonsense").ok());
  CHECK(absl::IsDataLoss(AudioReader::Open(dir.path() + "/x").status()));
  CHECK_FALSE(ParseAudioFormat("mp3").ok());
}

}  // namespace zvon::recording
