#pragma once
// Recordings converted to WAV, kept for the next listener (players ask for
// many ranges). Thread-safe; one conversion at a time.

#include <cstdint>
#include <mutex>
#include <string>

#include "absl/status/statusor.h"

namespace zvon::recording {

class WavCache {
 public:
  WavCache(std::string folder, int64_t bytes_max)
      : folder_(std::move(folder)), bytes_max_(bytes_max) {}
  // The path of `file` (whose checksum is `sha256`) as WAV.
  absl::StatusOr<std::string> Get(const std::string& file, const std::string& sha256);

 private:
  void Trim();
  const std::string folder_;
  const int64_t bytes_max_;
  std::mutex mutex_;
};

}  // namespace zvon::recording
