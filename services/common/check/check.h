#pragma once
// Assertions that stay on in production. For our own mistakes only: what the
// world can get wrong is an absl::Status.

namespace zvon::internal {
[[noreturn]] void CheckFailed(const char* condition, const char* file, int line);
}

#define ZVON_CHECK(condition) \
  ((condition) ? (void)0 : ::zvon::internal::CheckFailed(#condition, __FILE__, __LINE__))
