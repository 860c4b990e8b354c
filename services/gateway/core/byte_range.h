#pragma once
// The Range header of an audio request. RFC 9110 section 14.

#include <cstdint>
#include <string>
#include <string_view>

namespace zvon::gateway {

// What was asked for, before the length of the whole is known.
struct RangeRequest {
  enum class Kind {
    kWhole,   // No range, another unit, several ranges or nonsense: all of it.
    kFrom,    // "bytes=first-" and "bytes=first-last"
    kSuffix,  // "bytes=-length": the last bytes
  };
  Kind kind = Kind::kWhole;
  int64_t first = 0;
  int64_t last = -1;  // Inclusive; -1 = to the end.
  int64_t suffix = 0;
};
RangeRequest ParseRange(std::string_view header);

// The range within a whole of `total` bytes.
struct ByteRange {
  bool satisfiable = false;
  int64_t first = 0;
  int64_t last = 0;  // Inclusive.
  int64_t length() const { return last - first + 1; }
};
ByteRange ResolveRange(const RangeRequest& request, int64_t total);

// "bytes 0-99/1234", or "bytes */1234" where it cannot be satisfied.
std::string ContentRange(const ByteRange& range, int64_t total);

}  // namespace zvon::gateway
