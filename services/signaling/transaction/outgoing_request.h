#pragma once
// A request on its way, over one or more attempts (SipEndpoint's own).

#include <deque>
#include <functional>
#include <string>
#include <string_view>

#include "services/signaling/sip/builder.h"
#include "services/signaling/transaction/sip_endpoint.h"

namespace zvon::sip {

struct OutgoingRequest {
  OutRequest request;
  std::string next_hop;       // URI that is resolved.
  bool has_fallback = false;  // next_hop may be resolved when the flow fails.
  bool resolved = false;
  std::string server_name;  // Whom TLS must prove to be.
  std::deque<Flow> ways;    // Not tried yet.
  Flow last_flow;
  ClientId transaction = 0;  // Of the present attempt.
  bool cancelled = false;
  bool is_final = false;
  SipEndpoint::OutcomeHandler on_outcome;
};

// The URI that a request is sent to (RFC 3261 section 8.1.2).
std::string NextHopOf(const OutRequest& request, const Destination& destination);
// Methods whose requests carry a Contact.
bool NeedsContact(std::string_view method);

}  // namespace zvon::sip
