#include "services/recording/adapters/audio_file.h"

#include <sndfile.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/recording/adapters/files.h"
#include "services/recording/core/segment_plan.h"

namespace zvon::recording {
namespace {

constexpr int kChannels = 2;

absl::Status Failed(const std::string& path, SNDFILE* file) {
  return absl::UnavailableError(absl::StrCat(path, ": ", sf_strerror(file)));
}

}  // namespace

const char* MediaTypeOf(AudioFormat format) {
  return format == AudioFormat::kOggOpus ? "audio/ogg" : "audio/wav";
}
const char* ExtensionOf(AudioFormat format) {
  return format == AudioFormat::kOggOpus ? "ogg" : "wav";
}

absl::StatusOr<AudioFormat> ParseAudioFormat(const std::string& text) {
  if (text == "opus") return AudioFormat::kOggOpus;
  if (text == "wav") return AudioFormat::kWav;
  return absl::InvalidArgumentError(
      absl::StrCat("recording.format: '", text, "' is neither opus nor wav"));
}

absl::StatusOr<std::unique_ptr<AudioWriter>> AudioWriter::Create(const std::string& path,
                                                                 AudioFormat format) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
  SF_INFO info{};
  info.samplerate = static_cast<int>(kRate);
  info.channels = kChannels;
  info.format = format == AudioFormat::kOggOpus ? SF_FORMAT_OGG | SF_FORMAT_OPUS
                                                : SF_FORMAT_WAV | SF_FORMAT_PCM_16;
  SNDFILE* file = sf_open(path.c_str(), SFM_WRITE, &info);
  if (file == nullptr) return Failed(path, nullptr);
  return std::unique_ptr<AudioWriter>(new AudioWriter(path, file));
}

AudioWriter::~AudioWriter() {
  if (file_ != nullptr) sf_close(file_);
}

absl::Status AudioWriter::Write(absl::Span<const int16_t> samples) {
  const auto frames = static_cast<sf_count_t>(samples.size() / kChannels);
  if (sf_writef_short(file_, samples.data(), frames) == frames) return absl::OkStatus();
  return Failed(path_, file_);
}

absl::Status AudioWriter::Close() {
  SNDFILE* file = std::exchange(file_, nullptr);
  const int error = sf_close(file);
  if (error == 0) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat(path_, ": ", sf_error_number(error)));
}

absl::StatusOr<std::unique_ptr<AudioReader>> AudioReader::Open(const std::string& path) {
  SF_INFO info{};
  SNDFILE* file = sf_open(path.c_str(), SFM_READ, &info);
  if (file == nullptr) {
    if (access(path.c_str(), R_OK) != 0)
      return absl::NotFoundError(absl::StrCat(path, " is not there"));
    return absl::DataLossError(absl::StrCat(path, ": ", sf_strerror(nullptr)));
  }
  if (info.channels != kChannels || info.samplerate != kRate) {
    sf_close(file);
    return absl::DataLossError(absl::StrCat(path, ": ", info.channels, " channels at ",
                                            info.samplerate, " Hz is none of our files"));
  }
  return std::unique_ptr<AudioReader>(new AudioReader(file, info.frames));
}

AudioReader::~AudioReader() { sf_close(file_); }

absl::Status AudioReader::Seek(int64_t frame) {
  if (sf_seek(file_, frame, SEEK_SET) == frame) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("cannot go to frame ", frame, ": ", sf_strerror(file_)));
}

int64_t AudioReader::Read(absl::Span<int16_t> samples) {
  return sf_readf_short(file_, samples.data(), static_cast<sf_count_t>(samples.size() / kChannels));
}

absl::Status ConvertToWav(const std::string& from, const std::string& to) {
  auto reader = AudioReader::Open(from);
  if (!reader.ok()) return reader.status();
  const std::string temporary = to + ".tmp";
  auto writer = AudioWriter::Create(temporary, AudioFormat::kWav);
  if (!writer.ok()) return writer.status();
  std::vector<int16_t> buffer(16384);
  while (const int64_t frames = (*reader)->Read(absl::MakeSpan(buffer))) {
    const absl::Status status = (*writer)->Write(
        absl::MakeConstSpan(buffer).first(static_cast<size_t>(frames) * kChannels));
    if (!status.ok()) return status;
  }
  if (const absl::Status status = (*writer)->Close(); !status.ok()) return status;
  return CommitFile(temporary, to);
}

}  // namespace zvon::recording
