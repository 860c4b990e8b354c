#include "services/common/check/check.h"

#include <cstdio>
#include <cstdlib>

namespace zvon::internal {

void CheckFailed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "ZVON_CHECK failed: %s at %s:%d\n", condition, file, line);
  std::fflush(stderr);
  std::abort();
}

}  // namespace zvon::internal
