#pragma once
// Private to call_*.cc: an order to ring somebody.

#include "services/signaling/core/call.h"

namespace zvon::signaling {

struct Call::DialOrder {
  DialPurpose purpose = DialPurpose::kNone;
  LegKind kind = LegKind::kOther;
  std::string agent_id;
  Party party;
  std::vector<DialContact> contacts;   // Rung at once; the first answer wins.
  std::vector<DialContact> fallbacks;  // Tried one after another on 408 and 5xx.
  std::string target;
  std::string request_id;
  absl::Duration ring_timeout;  // 0 = the limit of direct calls.
};

// Where an agent wants a call to go.
struct Call::TransferTarget {
  int code = 0;  // google.rpc.Code; 0 = it can be tried.
  std::string message;
  std::string text;  // For events.
  std::string queue_id;
  std::string user_id;
  std::vector<DialContact> contacts;
  std::vector<DialContact> fallbacks;
};

}  // namespace zvon::signaling
