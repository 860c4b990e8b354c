#pragma once
// The shell of signaling's SIP side: transports, admission, parser,
// transactions and resolver on one loop, behind an interface for the call
// layer.
//
//   SipEndpoint endpoint(options, loop, random, handler, resolver);
//   endpoint.Start();                                 // binds; loop thread
//   endpoint.Respond(id, {.code = 200, .to_tag = tag});
//   endpoint.Request(invite, {.uri = "sip:101@10.0.0.5:5062"}, on_response);
//
// Loop thread only, except the constructor. All handlers run on the loop, never
// from inside a call of this class.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/common/executor/loop.h"
#include "services/common/ids/ids.h"
#include "services/signaling/resolver/resolver.h"
#include "services/signaling/sip/builder.h"
#include "services/signaling/sip/flow.h"
#include "services/signaling/sip/message.h"
#include "services/signaling/sip/validate.h"
#include "services/signaling/transaction/transaction_types.h"
#include "services/signaling/transport/admission.h"
#include "services/signaling/transport/tls_context.h"

namespace zvon::sip {

// What the call layer implements.
class EndpointHandler {
 public:
  virtual ~EndpointHandler() = default;
  // A new request that passed CheckRequest. Every one must be answered by
  // Respond sooner or later. Never ACK or CANCEL.
  virtual void OnRequest(ServerId id, const Message& request, const Flow& flow) = 0;
  // CANCEL of a pending INVITE (its 200 is sent): answer the INVITE with 487.
  virtual void OnCancel(ServerId invite, const Message& cancel) = 0;
  // ACK of a 2xx; `invite` is 0 when it was accepted elsewhere.
  virtual void OnAck(ServerId invite, const Message& ack, const Flow& flow) = 0;
  // 2xx was never acknowledged: end the dialog by BYE.
  virtual void OnAckMissing(ServerId invite) = 0;
  // CANCEL that matches no INVITE here: another replica may own it. True: the
  // handler restored the transaction by Restore and wants it tried again.
  virtual bool OnUnknownCancel(const Message& cancel, const Flow& flow) { return false; }
  // A connection is gone: contacts registered over it cannot be reached.
  virtual void OnFlowClosed(const Flow& flow) {}
};

struct Outcome {
  // Set for every response; empty when the request failed without one.
  Message response;
  Flow flow;
  // 408, 503 or the response's status; 1xx are not final.
  int code = 0;
  // Why, when there is no response: "timeout", "no route to host", …
  std::string reason;
  bool is_final() const { return code >= 200; }
};

struct EndpointStats {
  uint64_t received = 0, sent = 0, malformed = 0, dropped_by_admission = 0, overload_503 = 0;
  size_t server_transactions = 0, client_transactions = 0, connections = 0;
};

class SipEndpoint {
 public:
  struct Listen {
    Protocol protocol = Protocol::kUdp;
    SocketAddress address;  // Port 0: any free one; see LocalAddress.
    // What Via and Contact say, where it differs (behind NAT or a pod address).
    std::string advertised_host;
    uint16_t advertised_port = 0;
  };
  struct Options {
    std::vector<Listen> listen;
    ServerCapabilities capabilities;
    std::string user_agent = "Zvon";
    TransactionTimes times;
    AdmissionLimits admission;
    TlsFiles tls;  // For Protocol::kTls.
    size_t connections_max = 10'000;
    size_t connections_per_source_max = 200;
    absl::Duration half_message_max = absl::Seconds(8);
    absl::Duration idle_max = absl::Minutes(30);
  };

  // loop, handler and resolver outlive the endpoint.
  SipEndpoint(Options options, Loop& loop, RandomSource random, EndpointHandler& handler,
              Resolver& resolver);
  ~SipEndpoint();

  // Binds everything; an error names the address. On the loop thread (Post it).
  absl::Status Start();
  // Sends what is gathered, closes all. No handler runs afterwards.
  void Stop();
  // New requests outside dialogs get 503 with Retry-After, OPTIONS too.
  void Drain();

  // The n-th listener's bound address; LocalHost: what to write into Contact
  // and SDP for a peer on that flow ("192.0.2.1:5060").
  SocketAddress LocalAddress(size_t listener = 0) const;
  std::string LocalHostPort(const Flow& flow) const;
  // "<sip:user@192.0.2.1:5060;transport=tcp>" for Contact on that flow.
  std::string ContactFor(const Flow& flow, std::string_view user) const;

  void Respond(ServerId id, const OutResponse& response);
  // A final response sent once, without a transaction behind it: for refusing
  // strangers (401, 403, 404, 503), whose source may be forged.
  void RespondOnce(ServerId id, const OutResponse& response);
  const Message* ServerRequest(ServerId id) const;
  bool ServerIsOpen(ServerId id) const;

  using OutcomeHandler = std::function<void(const Outcome&)>;
  // `on_outcome` runs for each provisional response and then for one final
  // outcome, and again for further 2xx of a forked INVITE. An empty
  // `request.contact` for INVITE, UPDATE, SUBSCRIBE, REFER is filled by
  // ContactFor(flow, "zvon").
  ClientId Request(OutRequest request, Destination destination, OutcomeHandler on_outcome);
  // CANCEL an INVITE; its final outcome (487, or 2xx in a race) still comes.
  void Cancel(ClientId invite);
  // ACK of a 2xx, repeated for each retransmission of it.
  void Ack(ClientId invite, OutRequest ack, Destination destination);

  // For take-over by another replica (see TransactionLayer).
  std::string Snapshot(ServerId id) const;
  absl::StatusOr<ServerId> Restore(std::string_view snapshot);

  // Reads the files again for new connections; old ones stay. On an error the
  // certificate in use stays.
  absl::Status SetTls(const TlsFiles& files);
  void SetAdmission(const AdmissionLimits& limits);
  EndpointStats Stats() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace zvon::sip
