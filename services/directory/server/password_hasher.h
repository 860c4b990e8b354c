#pragma once
// Argon2id (libsodium), a bounded number at once: each takes 64 MiB and tens
// of milliseconds. Blocking; called from gRPC's threads, never from a loop.

#include <condition_variable>
#include <mutex>
#include <string>

#include "absl/status/statusor.h"

namespace zvon::directory {

class PasswordHasher {
 public:
  struct Options {
    int at_once_max = 2;
    int waiting_max = 64;
    // OWASP's and libsodium's "interactive" cost. Tests use less.
    unsigned long long operations = 2;
    size_t memory_bytes = 64u << 20;
  };
  explicit PasswordHasher(Options options);

  // PHC string "$argon2id$…". RESOURCE_EXHAUSTED when too many wait.
  absl::StatusOr<std::string> Hash(const std::string& password);
  // An empty hash takes as long as a real one and never matches: whoever
  // measures cannot tell unknown users from wrong passwords.
  absl::StatusOr<bool> Matches(const std::string& hash, const std::string& password);

 private:
  class Turn;
  const Options options_;
  std::string nobody_hash_;
  std::mutex mutex_;
  std::condition_variable freed_;
  int running_ = 0, waiting_ = 0;
};

}  // namespace zvon::directory
