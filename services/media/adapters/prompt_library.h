#pragma once
// All prompts in memory, read from folders of WAV files and read again when
// files change, so that a worker never waits for a disk.

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/media/ports/prompt_source.h"

namespace zvon::media {

// "ru=/usr/share/sounds/ru": prompts "ru/…" are the files of that folder.
struct PromptFolder {
  std::string name;
  std::string path;
};
absl::StatusOr<std::vector<PromptFolder>> ParsePromptFolders(const std::vector<std::string>& texts);

class PromptLibrary final : public PromptSource {
 public:
  static constexpr int64_t kFileBytesMax = int64_t{64} << 20;  // An hour at 8000 Hz.

  // Reads everything; a folder that does not exist is logged and is empty. A
  // file that cannot be understood is logged and left out.
  explicit PromptLibrary(std::vector<PromptFolder> folders);
  ~PromptLibrary() override;

  // Looks for new, changed and removed files every `interval` on its own
  // thread. A changed file that cannot be understood leaves the old prompt.
  void StartWatching(absl::Duration interval);
  void Refresh();

  absl::StatusOr<PromptPtr> Find(const std::string& name) const override;
  size_t size() const;

 private:
  struct Entry {
    PromptPtr prompt;  // Null where the file was not understood.
    int64_t bytes = 0;
    int64_t modified = 0;  // Nanoseconds.
  };
  using Entries = std::map<std::string, Entry>;
  void ReadFolder(const PromptFolder& folder, const Entries& old, Entries& entries) const;

  const std::vector<PromptFolder> folders_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Entries> entries_;  // By mutex_.
  bool stopping_ = false;                   // By mutex_.
  std::condition_variable stop_;
  std::thread watcher_;
};

}  // namespace zvon::media
