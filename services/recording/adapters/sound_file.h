#pragma once
// Sound files by libsndfile: Ogg-Opus and WAV, stereo, 8000 Hz.

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/recording/adapters/segment_folder.h"
#include "services/recording/core/assembly.h"

namespace zvon::recording {

enum class SoundFormat { kOggOpus, kWav };

// "ogg-opus" or "wav".
absl::StatusOr<SoundFormat> ParseSoundFormat(const std::string& name);
const char* MediaType(SoundFormat format);
const char* Extension(SoundFormat format);

// Writes the plan's parts into `file` (by a temporary name and rename, fsynced).
absl::Status WriteSound(const Plan& plan, const std::vector<StoredSegment>& segments,
                        SoundFormat format, const std::string& file);

// Decodes `from` into a WAV file.
absl::Status ConvertToWav(const std::string& from, const std::string& to);

// Hexadecimal SHA-256 of a file's bytes.
absl::StatusOr<std::string> FileSha256(const std::string& file);

}  // namespace zvon::recording
