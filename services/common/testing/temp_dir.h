#pragma once
#include <functional>
#include <string>

#include "absl/time/time.h"

namespace zvon {

// A new folder under $TMPDIR or /tmp, removed with its contents at the end.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Tries `condition` every few milliseconds until it holds or `limit` has
// passed. Gives whether it held: tests wait for a state, never for a time.
bool WaitUntil(const std::function<bool()>& condition, absl::Duration limit = absl::Seconds(10));

}  // namespace zvon
