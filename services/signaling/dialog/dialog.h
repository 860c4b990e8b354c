#pragma once
// One side of a SIP dialog (RFC 3261 section 12): a pure value that another
// replica can continue from its snapshot.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/signaling/sip/builder.h"
#include "services/signaling/sip/flow.h"
#include "services/signaling/sip/message.h"

namespace zvon::sip {

// Call-ID, local and remote tag: what an in-dialog request is found by.
struct DialogId {
  std::string call_id, local_tag, remote_tag;
  friend bool operator==(const DialogId&, const DialogId&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const DialogId& d) {
    return H::combine(std::move(h), d.call_id, d.local_tag, d.remote_tag);
  }
  // Of a received request: To's tag is ours, From's theirs.
  static DialogId OfRequest(const Message& request);
  // Of a received response to our request: the other way round.
  static DialogId OfResponse(const Message& response);
};

class Dialog {
 public:
  enum class State : uint8_t { kEarly, kConfirmed, kTerminated };

  // UAS: from the INVITE that we are going to answer with `local_tag`.
  // `contact`: our Contact value. `flow`: where the request came from.
  static Dialog Accept(const Message& invite, std::string local_tag, std::string contact,
                       const Flow& flow);
  // UAC: from our INVITE and the 101…2xx response with a To tag. An error
  // when there is no tag or a 2xx has no Contact.
  static absl::StatusOr<Dialog> Start(const OutRequest& invite, const Message& response,
                                      std::string contact, const Flow& flow);

  const DialogId& id() const { return id_; }
  State state() const { return state_; }
  bool secure() const { return secure_; }
  const std::string& local_uri() const { return local_; }    // From value without tag
  const std::string& remote_uri() const { return remote_; }  // To value without tag
  const std::string& remote_target() const { return remote_target_; }
  const std::vector<std::string>& route_set() const { return route_set_; }
  const std::string& contact() const { return contact_; }
  void set_contact(std::string contact) { contact_ = std::move(contact); }
  const Flow& flow() const { return flow_; }
  void set_flow(const Flow& flow) { flow_ = flow; }
  uint32_t local_cseq() const { return local_cseq_; }
  std::optional<uint32_t> remote_cseq() const { return remote_cseq_; }

  void Confirm();    // 2xx sent or received.
  void Terminate();  // BYE either way, or a final error.

  // A new request within the dialog, its CSeq one higher; strict routers'
  // Request-URI handled. Add headers and body, then hand it to the endpoint.
  OutRequest NewRequest(Method method);
  // The ACK of the 2xx to the INVITE with that CSeq number.
  OutRequest NewAck(uint32_t invite_cseq) const;
  // The request again with credentials: same dialog, next CSeq.
  OutRequest Again(const OutRequest& request);
  // The URI that requests are sent to: the first route or the remote target.
  std::string NextHop() const;
  // NextHop, over the dialog's flow where that is a stream, or where the peer
  // sits behind a NAT and its contact cannot be reached.
  Destination destination() const;

  // A received in-dialog request: 0, or the code to refuse it with (500 for an
  // old CSeq; RFC 3261 section 12.2.2). ACK and CANCEL never. Refreshes the
  // remote target of INVITE, UPDATE, SUBSCRIBE, NOTIFY and REFER.
  int ReceiveRequest(const Message& request);
  // A response to a request of ours in the dialog: refreshes the target on 2xx
  // to INVITE/UPDATE; 481 and 408 terminate (RFC 5057).
  void ReceiveResponse(const Message& response);

  // Keep the CSeq going after a take-over where the last requests may not have
  // reached the snapshot.
  void SkipLocalCSeq(uint32_t by) { local_cseq_ += by; }
  std::string Serialize() const;
  static absl::StatusOr<Dialog> Restore(std::string_view snapshot);
  friend bool operator==(const Dialog&, const Dialog&) = default;

 private:
  DialogId id_;
  State state_ = State::kEarly;
  bool secure_ = false;
  std::string local_, remote_, remote_target_, contact_;
  std::vector<std::string> route_set_;
  uint32_t local_cseq_ = 0;
  std::optional<uint32_t> remote_cseq_;
  Flow flow_;
};

}  // namespace zvon::sip
