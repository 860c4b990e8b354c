#include "services/media/adapters/prompt_library.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "services/common/audio/g711.h"
#include "services/common/audio/wav.h"
#include "services/common/telemetry/log.h"

namespace zvon::media {
namespace {

namespace fs = std::filesystem;

absl::StatusOr<PromptPtr> Load(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  if (!in) return absl::UnavailableError("cannot be read");
  absl::StatusOr<WavAudio> audio = ParseWav(bytes);
  if (!audio.ok()) return audio.status();
  const std::vector<int16_t> pcm = ToTelephone(*audio);
  auto prompt = std::make_shared<Prompt>();
  prompt->a_law.resize(pcm.size());
  prompt->mu_law.resize(pcm.size());
  Encode(G711Law::kALaw, pcm, absl::MakeSpan(prompt->a_law));
  Encode(G711Law::kMuLaw, pcm, absl::MakeSpan(prompt->mu_law));
  return PromptPtr(std::move(prompt));
}

}  // namespace

absl::StatusOr<std::vector<PromptFolder>> ParsePromptFolders(
    const std::vector<std::string>& texts) {
  std::vector<PromptFolder> folders;
  for (const std::string& text : texts) {
    const size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
      return absl::InvalidArgumentError(
          absl::StrCat("media.prompts: '", text, "' is not of the form NAME=FOLDER"));
    }
    folders.push_back({text.substr(0, equals), text.substr(equals + 1)});
  }
  return folders;
}

PromptLibrary::PromptLibrary(std::vector<PromptFolder> folders)
    : folders_(std::move(folders)), entries_(std::make_shared<Entries>()) {
  Refresh();
}

PromptLibrary::~PromptLibrary() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_all();
  if (watcher_.joinable()) watcher_.join();
}

void PromptLibrary::StartWatching(absl::Duration interval) {
  watcher_ = std::thread([this, interval] {
    std::unique_lock lock(mutex_);
    while (
        !stop_.wait_for(lock, absl::ToChronoMilliseconds(interval), [this] { return stopping_; })) {
      lock.unlock();
      Refresh();
      lock.lock();
    }
  });
}

void PromptLibrary::ReadFolder(const PromptFolder& folder, const Entries& old,
                               Entries& entries) const {
  std::error_code error;
  fs::recursive_directory_iterator it(folder.path, error);
  if (error) {
    LogWarning("prompt folder cannot be read",
               {{"folder", folder.path}, {"error", error.message()}});
    return;
  }
  for (; it != fs::recursive_directory_iterator(); it.increment(error)) {
    if (error) return;
    const fs::path& path = it->path();
    struct stat info {};
    if (path.extension() != ".wav" || stat(path.c_str(), &info) != 0) continue;
    const std::string name =
        absl::StrCat(folder.name, "/",
                     path.lexically_relative(folder.path).replace_extension().generic_string());
    Entry entry{nullptr, info.st_size,
                int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec};
    const auto known = old.find(name);
    if (known != old.end() && known->second.bytes == entry.bytes &&
        known->second.modified == entry.modified) {
      entries[name] = known->second;
      continue;
    }
    absl::StatusOr<PromptPtr> prompt =
        info.st_size > kFileBytesMax
            ? absl::StatusOr<PromptPtr>(absl::InvalidArgumentError("larger than 64 MiB"))
            : Load(path);
    if (prompt.ok()) {
      entry.prompt = *std::move(prompt);
    } else {
      LogWarning("prompt left out",
                 {{"file", path.string()}, {"error", std::string(prompt.status().message())}});
      if (known != old.end()) entry.prompt = known->second.prompt;
    }
    entries[name] = std::move(entry);
  }
}

void PromptLibrary::Refresh() {
  std::shared_ptr<const Entries> old;
  {
    std::lock_guard lock(mutex_);
    old = entries_;
  }
  auto entries = std::make_shared<Entries>();
  for (const PromptFolder& folder : folders_) ReadFolder(folder, *old, *entries);
  std::lock_guard lock(mutex_);
  entries_ = std::move(entries);
}

absl::StatusOr<PromptPtr> PromptLibrary::Find(const std::string& name) const {
  std::shared_ptr<const Entries> entries;
  {
    std::lock_guard lock(mutex_);
    entries = entries_;
  }
  const auto it = entries->find(name);
  if (it != entries->end() && it->second.prompt) return it->second.prompt;
  if (it != entries->end()) {
    return absl::InvalidArgumentError(absl::StrCat("prompt '", name, "' is no usable WAV file"));
  }
  const std::string folder = name.substr(0, name.find('/'));
  for (const PromptFolder& known : folders_) {
    if (known.name == folder) {
      return absl::NotFoundError(absl::StrCat("no prompt '", name, "' in ", known.path));
    }
  }
  return absl::NotFoundError(absl::StrCat("no prompt folder '", folder, "' for '", name, "'"));
}

size_t PromptLibrary::size() const {
  std::lock_guard lock(mutex_);
  return entries_->size();
}

}  // namespace zvon::media
