#include "services/signaling/resolver/resolver.h"

namespace zvon::sip {

void NumericResolver::Resolve(const UriView& uri, Handler handler) {
  if (const auto target = NumericTarget(uri)) return handler(Targets{*target});
  handler(absl::UnavailableError("host is not a number: " + std::string(TargetHost(uri))));
}

}  // namespace zvon::sip
