#include <cstddef>
#include <cstdint>

#include "services/common/audio/wav.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto audio = zvon::ParseWav({reinterpret_cast<const char*>(data), size});
  if (audio.ok() && audio->frames() < 4000) zvon::ToTelephone(*audio);
  return 0;
}
