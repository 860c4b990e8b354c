#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "services/common/bus/event_codec.h"

// What a damaged spool holds is refused or reads as an event that can be
// written again.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  zvon::BusEvent event, copy;
  if (!zvon::DecodeEvent(bytes, &event)) return 0;
  if (event.time == absl::InfinitePast()) return 0;  // A time we never write.
  const std::string again = zvon::EncodeEvent(event);
  if (!zvon::DecodeEvent(again, &copy) || zvon::EncodeEvent(copy) != again) std::abort();
  return 0;
}
