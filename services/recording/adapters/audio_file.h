#pragma once
// Stereo files at 8000 Hz by libsndfile: Ogg-Opus and WAV.

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"

struct sf_private_tag;

namespace zvon::recording {

enum class AudioFormat { kOggOpus, kWav };
const char* MediaTypeOf(AudioFormat format);
const char* ExtensionOf(AudioFormat format);
// "opus" or "wav".
absl::StatusOr<AudioFormat> ParseAudioFormat(const std::string& text);

class AudioWriter {
 public:
  static absl::StatusOr<std::unique_ptr<AudioWriter>> Create(const std::string& path,
                                                             AudioFormat format);
  ~AudioWriter();
  AudioWriter(const AudioWriter&) = delete;
  AudioWriter& operator=(const AudioWriter&) = delete;
  // Interleaved left, right.
  absl::Status Write(absl::Span<const int16_t> samples);
  absl::Status Close();

 private:
  AudioWriter(std::string path, sf_private_tag* file) : path_(std::move(path)), file_(file) {}
  std::string path_;
  sf_private_tag* file_;
};

class AudioReader {
 public:
  // DATA_LOSS where the file is none of ours.
  static absl::StatusOr<std::unique_ptr<AudioReader>> Open(const std::string& path);
  ~AudioReader();
  AudioReader(const AudioReader&) = delete;
  AudioReader& operator=(const AudioReader&) = delete;
  int64_t frames() const { return frames_; }
  absl::Status Seek(int64_t frame);
  // Frames read: fewer than there is room for only at the end.
  int64_t Read(absl::Span<int16_t> samples);

 private:
  AudioReader(sf_private_tag* file, int64_t frames) : file_(file), frames_(frames) {}
  sf_private_tag* file_;
  int64_t frames_;
};

// `from` of any format of ours as a WAV at `to` (replaced as a whole).
absl::Status ConvertToWav(const std::string& from, const std::string& to);

}  // namespace zvon::recording
