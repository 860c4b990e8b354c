#include "services/recording/server/wav_cache.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <vector>

#include "services/recording/adapters/audio_file.h"

namespace zvon::recording {

namespace fs = std::filesystem;

absl::StatusOr<std::string> WavCache::Get(const std::string& file, const std::string& sha256) {
  std::lock_guard lock(mutex_);
  const std::string path = folder_ + "/" + sha256 + ".wav";
  std::error_code error;
  if (fs::exists(path, error)) {
    fs::last_write_time(path, fs::file_time_type::clock::now(), error);
    return path;
  }
  fs::create_directories(folder_, error);
  if (const absl::Status status = ConvertToWav(file, path); !status.ok()) return status;
  Trim();
  return path;
}

// The oldest go; a file that is being read stays readable when it is removed.
void WavCache::Trim() {
  struct File {
    fs::path path;
    fs::file_time_type time;
    int64_t bytes;
  };
  std::vector<File> files;
  int64_t total = 0;
  std::error_code error;
  for (fs::directory_iterator it(folder_, error); !error && it != fs::directory_iterator();
       it.increment(error)) {
    std::error_code ignored;
    files.push_back(
        {it->path(), it->last_write_time(ignored), static_cast<int64_t>(it->file_size(ignored))});
    total += files.back().bytes;
  }
  std::sort(files.begin(), files.end(),
            [](const File& a, const File& b) { return a.time < b.time; });
  // The newest is what was just asked for.
  for (size_t i = 0; i + 1 < files.size() && total > bytes_max_; ++i) {
    fs::remove(files[i].path, error);
    total -= files[i].bytes;
  }
}

}  // namespace zvon::recording
