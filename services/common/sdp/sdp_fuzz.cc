// Any bytes: what is read prints to an equal description, and an answer has as
// many media lines as its offer.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "services/common/sdp/negotiation.h"

using namespace zvon::sdp;  // NOLINT

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto session = Parse({reinterpret_cast<const char*>(data), size});
  if (!session.ok()) return WarningFor(session.status()).empty();
  const auto again = Parse(Print(*session));
  // Names for static types may make the text longer than the limit.
  if (!again.ok() && size < 8192) std::abort();
  const bool whole = std::none_of(session->media.begin(), session->media.end(),
                                  [](const Media& m) { return !m.defect.empty(); });
  if (whole && again.ok() && !(*again == *session)) std::abort();
  Local local;
  local.address = "127.0.0.1";
  local.port = 20000;
  const auto answered = MakeAnswer(*session, local, {});
  IsHold(*session);
  if (!answered.ok()) return 0;
  const auto answer = Parse(answered->body);
  if (!answer.ok() || answer->media.size() != session->media.size()) std::abort();
  const auto offer =
      Parse(MakeOffer(local, {}, Direction::kSendRecv, &*answer, &answered->agreement));
  if (!offer.ok() || offer->media.size() != session->media.size()) std::abort();
  (void)ReadAnswer(*offer, *session);
  return 0;
}
