#pragma once
// What stands behind a Message; filled by parse.cc only.

#include <memory>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "services/signaling/sip/message.h"

namespace zvon::sip {

// Headers that are looked at by every transaction are found by number; 0 is
// "any other".
enum class HeaderId : uint8_t {
  kOther,
  kVia,
  kFrom,
  kTo,
  kCallId,
  kCSeq,
  kContact,
  kRoute,
  kRecordRoute,
  kMaxForwards,
  kContentLength,
  kContentType,
  kExpires,
  kMinExpires,
  kRetryAfter,
  kSessionExpires,
  kMinSe,
  kRSeq,
  kRAck,
  kReferTo,
  kReferredBy,
  kReplaces,
  kEvent,
  kRequire,
  kProxyRequire,
  kSupported,
  kAllow,
  kAuthorization,
  kProxyAuthorization,
  kWwwAuthenticate,
  kProxyAuthenticate,
  kDate,
};
HeaderId HeaderIdOf(std::string_view name);

struct MessageData {
  // The bytes that every view below points into; never moved once filled.
  std::string raw;
  // sofia-sip's message, which keeps the typed values' text.
  std::shared_ptr<void> parsed;

  absl::InlinedVector<RawHeader, 20> headers;
  absl::InlinedVector<HeaderId, 20> ids;  // Parallel to `headers`.

  bool is_request = true;
  Method method = Method::kUnknown;
  std::string_view method_name;
  UriView request_uri;
  std::string_view request_uri_text;
  int status = 0;
  std::string_view reason;

  AddressView from, to;
  std::string_view call_id;
  CSeqView cseq;
  absl::InlinedVector<ViaView, 2> vias;
  absl::InlinedVector<AddressView, 1> contacts;
  absl::InlinedVector<AddressView, 1> routes;
  absl::InlinedVector<AddressView, 1> record_routes;
  std::optional<uint32_t> max_forwards, expires, min_expires, retry_after, min_se, rseq;
  std::optional<SessionExpiresView> session_expires;
  std::optional<RAckView> rack;
  std::optional<AddressView> refer_to, referred_by;
  std::optional<ReplacesView> replaces;
  std::string_view event;
  std::string_view content_type;
  std::string_view body;
};

}  // namespace zvon::sip
