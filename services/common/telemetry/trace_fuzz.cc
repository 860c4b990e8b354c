#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "services/common/telemetry/trace.h"

// What is taken must come out as it went in, but for unknown flags.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  auto context = zvon::ParseTrace(text);
  if (context && context->ToHeader().substr(0, 53) != text.substr(0, 53)) std::abort();
  return 0;
}
