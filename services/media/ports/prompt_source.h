#pragma once
// Where the core finds what it plays.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace zvon::media {

// One prompt at 8000 Hz, encoded once for each codec.
struct Prompt {
  std::vector<uint8_t> a_law;
  std::vector<uint8_t> mu_law;
};
using PromptPtr = std::shared_ptr<const Prompt>;

// Thread-safe; answers from memory, never blocks.
class PromptSource {
 public:
  virtual ~PromptSource() = default;
  // "ru/vm-intro". NOT_FOUND names the prompt and where it was looked for.
  virtual absl::StatusOr<PromptPtr> Find(const std::string& name) const = 0;
};

}  // namespace zvon::media
