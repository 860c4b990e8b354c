#pragma once
// One INVITE dialog of a leg, as the SIP side keeps it.

#include <memory>
#include <optional>
#include <string>

#include "services/common/executor/task_runner.h"
#include "services/common/sdp/negotiation.h"
#include "services/common/sdp/sdp.h"
#include "services/signaling/core/call_effects.h"
#include "services/signaling/dialog/dialog.h"
#include "services/signaling/dialog/reliable_provisional.h"
#include "services/signaling/dialog/session_timer.h"
#include "services/signaling/transaction/sip_endpoint.h"

namespace zvon::signaling {

struct SipBranch {
  std::string id;
  std::string call_id;  // Zvon's, not SIP's.
  std::string tenant_id;
  std::string trunk_id;
  bool outgoing = false;
  std::string to_tag;  // Ours, of an incoming branch.
  std::optional<sip::Dialog> dialog;
  bool confirmed = false;  // 2xx sent or received.
  bool acked = false;
  bool bye_wanted = false;  // Incoming: the BYE waits for the ACK of our 200.
  bool peer_allows_update = false;

  sip::ServerId invite_server = 0;
  sip::ClientId invite_client = 0;
  sip::OutRequest invite;
  sip::Destination destination;
  bool cancelled = false;
  int attempts = 1;  // INVITEs sent: 401, 407 and 422 ask for another.

  sdp::Local local;
  sdp::Preferences preferences;
  std::optional<sdp::Session> remote_offer;  // To be answered by us.
  std::optional<sdp::Session> our_offer;     // Answered by the peer some time.

  std::unique_ptr<sip::ReliableSender> reliable;  // Peer requires 100rel.
  std::optional<SendResponse> final_waits;        // 2xx behind an unacknowledged 18x.
  TimerId reliable_timer = 0;

  sip::ServerId offer_server = 0;  // re-INVITE or UPDATE under way.
  bool offer_is_invite = false;
  sip::ServerId refer_server = 0;
  bool reinvite_pending = false;
  sip::SessionTimer session;
  TimerId session_timer = 0;
};

}  // namespace zvon::signaling
