#pragma once
// "address:port" as settings have it, taken apart.

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace zvon {

struct ListenAddress {
  std::string host;  // Without the brackets of "[::1]:80".
  uint16_t port = 0;
};

// InvalidArgument names the text and what was expected.
absl::StatusOr<ListenAddress> ParseListenAddress(const std::string& text);

}  // namespace zvon
