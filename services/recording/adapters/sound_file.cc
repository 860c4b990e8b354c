#include "services/recording/adapters/sound_file.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sndfile.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <memory>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace zvon::recording {
namespace {

constexpr int kChannels = 2;
constexpr int64_t kBlock = 8192;  // Frames copied at a time.

struct SoundCloser {
  void operator()(SNDFILE* file) const { sf_close(file); }
};
using Sound = std::unique_ptr<SNDFILE, SoundCloser>;

int LibraryFormat(SoundFormat format) {
  return format == SoundFormat::kWav ? SF_FORMAT_WAV | SF_FORMAT_PCM_16
                                     : SF_FORMAT_OGG | SF_FORMAT_OPUS;
}

absl::StatusOr<Sound> OpenToWrite(const std::string& file, int format) {
  SF_INFO info{};
  info.samplerate = static_cast<int>(kFramesPerSecond);
  info.channels = kChannels;
  info.format = format;
  Sound sound(sf_open(file.c_str(), SFM_WRITE, &info));
  if (!sound) return absl::InternalError(absl::StrCat(file, ": ", sf_strerror(nullptr)));
  return sound;
}

absl::Status Write(SNDFILE* out, const std::vector<short>& samples, int64_t frames,
                   const std::string& file) {
  if (sf_writef_short(out, samples.data(), frames) == frames) return absl::OkStatus();
  return absl::ResourceExhaustedError(absl::StrCat(file, ": ", sf_strerror(out)));
}

// Copies one part; a file shorter than said is filled up with silence.
absl::Status CopyPart(SNDFILE* out, const std::string& pcm_file, int64_t frames,
                      const std::string& file) {
  std::ifstream in;
  if (!pcm_file.empty()) in.open(pcm_file, std::ios::binary);
  std::vector<short> block(kBlock * kChannels);
  while (frames > 0) {
    const int64_t n = std::min(frames, kBlock);
    std::fill(block.begin(), block.end(), short{0});
    if (in.is_open()) in.read(reinterpret_cast<char*>(block.data()), n * kChannels * 2);
    if (auto status = Write(out, block, n, file); !status.ok()) return status;
    frames -= n;
  }
  return absl::OkStatus();
}

absl::Status FinishFile(const std::string& temporary, const std::string& file) {
  const int fd = open(temporary.c_str(), O_RDONLY);
  if (fd >= 0) {
    fsync(fd);
    close(fd);
  }
  if (std::rename(temporary.c_str(), file.c_str()) == 0) return absl::OkStatus();
  return absl::InternalError("cannot rename " + temporary);
}

}  // namespace

absl::StatusOr<SoundFormat> ParseSoundFormat(const std::string& name) {
  if (name == "ogg-opus") return SoundFormat::kOggOpus;
  if (name == "wav") return SoundFormat::kWav;
  return absl::InvalidArgumentError("recording.format: \"" + name +
                                    "\"; known are ogg-opus and wav");
}
const char* MediaType(SoundFormat format) {
  return format == SoundFormat::kWav ? "audio/wav" : "audio/ogg";
}
const char* Extension(SoundFormat format) { return format == SoundFormat::kWav ? "wav" : "ogg"; }

absl::Status WriteSound(const Plan& plan, const std::vector<StoredSegment>& segments,
                        SoundFormat format, const std::string& file) {
  const std::string temporary = file + ".tmp";
  auto out = OpenToWrite(temporary, LibraryFormat(format));
  if (!out.ok()) return out.status();
  for (const Plan::Part& part : plan.parts) {
    const std::string pcm =
        part.segment < 0 ? "" : segments[static_cast<size_t>(part.segment)].pcm_file;
    if (auto status = CopyPart(out->get(), pcm, part.frames, file); !status.ok()) return status;
  }
  out->reset();
  return FinishFile(temporary, file);
}

absl::Status ConvertToWav(const std::string& from, const std::string& to) {
  SF_INFO info{};
  Sound in(sf_open(from.c_str(), SFM_READ, &info));
  if (!in) return absl::InternalError(absl::StrCat(from, ": ", sf_strerror(nullptr)));
  if (info.channels != kChannels) return absl::InternalError(from + ": is not stereo");
  SF_INFO wav{};
  wav.samplerate = info.samplerate;
  wav.channels = kChannels;
  wav.format = SF_FORMAT_WAV | SF_FORMAT_PCM_16;
  const std::string temporary = to + ".tmp";
  Sound out(sf_open(temporary.c_str(), SFM_WRITE, &wav));
  if (!out) return absl::InternalError(absl::StrCat(temporary, ": ", sf_strerror(nullptr)));
  std::vector<short> block(kBlock * kChannels);
  for (sf_count_t n; (n = sf_readf_short(in.get(), block.data(), kBlock)) > 0;) {
    if (auto status = Write(out.get(), block, n, to); !status.ok()) return status;
  }
  out.reset();
  return FinishFile(temporary, to);
}

absl::StatusOr<std::string> FileSha256(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return absl::NotFoundError(file);
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> digest(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  EVP_DigestInit_ex(digest.get(), EVP_sha256(), nullptr);
  std::vector<char> block(1 << 16);
  while (in.read(block.data(), static_cast<std::streamsize>(block.size())) || in.gcount() > 0) {
    EVP_DigestUpdate(digest.get(), block.data(), static_cast<size_t>(in.gcount()));
  }
  unsigned char hash[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_DigestFinal_ex(digest.get(), hash, &size);
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<char*>(hash), size));
}

}  // namespace zvon::recording
