// Everything that reads a client's text before it is somebody we know.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "services/gateway/core/byte_range.h"
#include "services/gateway/core/client_address.h"
#include "services/gateway/core/json_limits.h"
#include "services/gateway/core/url.h"

namespace {
void Must(bool condition) {
  if (!condition) std::abort();
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace zvon::gateway;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  constexpr int64_t kTotal = 1000;
  ByteRange range = ResolveRange(ParseRange(text), kTotal);
  Must(!range.satisfiable ||
       (range.first >= 0 && range.first <= range.last && range.last < kTotal));
  std::string path = SafeRelativePath(text);
  Must(path.find("..") != 0 && path.find("/..") == std::string::npos &&
       path.find('\0') == std::string::npos);
  Must(JsonDepth(text) <= kJsonDepthMax + 1);
  if (auto query = Query::Parse(text)) query->List("a");
  MatchPath("/api/v1/x/{id}", text);
  CookieValue(text, "zvon_session");
  OriginAllowed(text, "host", {});
  ClientAddress("127.0.0.1", text, {"127.0.0.0/8", std::string(text)});
  return 0;
}
