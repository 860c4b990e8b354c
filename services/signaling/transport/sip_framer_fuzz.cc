// A stream of any bytes gives the same messages however it is cut.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "services/signaling/transport/stream_framer.h"

using zvon::sip::StreamFramer;

namespace {

std::string Cut(std::string_view bytes, size_t step) {
  std::string out;
  StreamFramer framer;
  const StreamFramer::Sink sink{
      [&out](std::string_view m) { out.append("M").append(m); },
      [&out] { out += "P"; },
      [&out](std::string_view h) { out.append("B").append(h); },
  };
  for (size_t at = 0; at < bytes.size(); at += step) {
    if (framer.Feed(bytes.substr(at, step), sink) != StreamFramer::Error::kNone) return out;
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // Heads near the limit may be refused sooner when they come in pieces.
  if (size == 0 || size > 32768) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string whole = Cut(bytes, size);
  if (Cut(bytes, 1 + data[0] % 16) != whole || Cut(bytes, 1) != whole) std::abort();
  return 0;
}
