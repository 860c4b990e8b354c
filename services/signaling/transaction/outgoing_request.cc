#include "services/signaling/transaction/outgoing_request.h"

#include "services/signaling/sip/grammar.h"

namespace zvon::sip {

std::string NextHopOf(const OutRequest& request, const Destination& destination) {
  const std::string& value = !destination.uri.empty()  ? destination.uri
                             : !request.routes.empty() ? request.routes.front()
                                                       : request.uri;
  const auto parts = SplitNameAddr(value);
  // A URI without brackets keeps its own parameters.
  if (!parts || value.find('<') == std::string::npos) return value;
  return std::string(parts->uri);
}

bool NeedsContact(std::string_view method) {
  return method == "INVITE" || method == "UPDATE" || method == "SUBSCRIBE" || method == "REFER" ||
         method == "NOTIFY";
}

}  // namespace zvon::sip
