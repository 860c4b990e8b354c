#pragma once
// Looked at before any parser: nesting kills recursive ones (facts.md).

#include <string_view>

namespace zvon::gateway {

inline constexpr int kJsonDepthMax = 32;
inline constexpr size_t kFrameBytesMax = 64 * 1024;

// Deepest nesting of [] and {} outside strings. Never recursive; stops
// counting at `limit` + 1. Says nothing about whether it is JSON.
int JsonDepth(std::string_view text, int limit = kJsonDepthMax);

}  // namespace zvon::gateway
