#pragma once
// Files that are there as a whole or not at all, and their checksums.

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

struct evp_md_ctx_st;

namespace zvon::recording {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  void Add(absl::string_view bytes);
  // Hexadecimal; once.
  std::string Finish();

 private:
  evp_md_ctx_st* context_;
};

std::string Sha256Of(absl::string_view bytes);
// RESOURCE_EXHAUSTED for a full disk, UNAVAILABLE for other failures, NOT_FOUND.
absl::StatusOr<std::string> Sha256OfFile(const std::string& path);
absl::StatusOr<std::string> ReadFile(const std::string& path);

// A file written beside its place, synced, and moved there by Commit.
class NewFile {
 public:
  // Folders are made. The temporary file is `path` + ".tmp".
  static absl::StatusOr<std::unique_ptr<NewFile>> Create(const std::string& path);
  ~NewFile();  // Removes what was not committed.
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  absl::Status Write(absl::string_view bytes);
  absl::Status Commit() { return CommitAs(path_); }
  // Under another name of the same file system.
  absl::Status CommitAs(const std::string& path);

 private:
  NewFile(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}
  std::string path_;
  int fd_;
};

// NewFile in one step.
absl::Status WriteFile(const std::string& path, absl::string_view bytes);
// Syncs a file that somebody else wrote, then moves it into its place.
absl::Status CommitFile(const std::string& temporary, const std::string& path);

// Letters, digits, - and _ (and . within), 1 to 128: safe as a name in a folder.
bool IsFileName(absl::string_view name);

}  // namespace zvon::recording
