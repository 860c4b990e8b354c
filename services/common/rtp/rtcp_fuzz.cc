#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "services/common/rtp/rtcp_packet.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto compound = zvon::ParseRtcp({data, size});
  if (!compound) return 0;
  // A compound of ours has at most one report of 31 blocks.
  if (compound->blocks.size() > 31) compound->blocks.resize(31);
  const auto again = zvon::ParseRtcp(zvon::BuildRtcp(*compound));
  if (!again || again->blocks.size() != compound->blocks.size() || again->bye != compound->bye ||
      again->cname != compound->cname) {
    std::abort();
  }
  return 0;
}
