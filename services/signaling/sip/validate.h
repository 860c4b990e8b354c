#pragma once
// What a user agent server refuses before its application sees a request
// (RFC 3261 sections 8.2 and 16.3).

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "services/signaling/sip/builder.h"
#include "services/signaling/sip/message.h"

namespace zvon::sip {

struct ServerCapabilities {
  std::vector<Method> methods;           // Allow; others are 405 (501 when unknown).
  std::vector<std::string> option_tags;  // Supported; others in Require are 420.
  std::vector<std::string> content_types = {"application/sdp"};   // Accept; others 415.
  std::vector<std::string> uri_schemes = {"sip", "sips", "tel"};  // Others are 416.
};

// The refusal, with its Allow, Unsupported, Accept headers; code 0: accepted.
// Order: 501/405, 416, 420, 415. ACK and CANCEL are never refused. Max-Forwards
// 0 is no fault here (we are the end); routing to another hop checks it: 483.
OutResponse CheckRequest(const Message& request, const ServerCapabilities& capabilities);

}  // namespace zvon::sip
