#pragma once
// The service's metrics. Owned by main; counters may be touched by any thread.

#include <map>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "services/common/telemetry/metrics.h"

namespace zvon::signaling {

class SignalingProbe {
 public:
  explicit SignalingProbe(Metrics& metrics) : metrics_(metrics) {
    calls_ = &metrics.Gauge("zvon_calls_active", "Calls that this process owns");
    setup_ = &metrics.Histogram("zvon_call_setup_seconds", "From INVITE to its final response");
    snapshot_failed_ = &metrics.Counter("zvon_signaling_snapshots_failed_total",
                                        "Snapshots that Redis did not take");
    offers_stale_ =
        &metrics.Counter("zvon_signaling_offers_stale_total", "Offers refused by their token");
    loop_lag_ = &metrics.Gauge("zvon_signaling_loop_turn_max_seconds",
                               "Longest turn of the loop in the last second");
    revision_ = &metrics.Gauge("zvon_signaling_configuration_revision",
                               "Applied revision of the configuration");
    registrations_ =
        &metrics.Gauge("zvon_signaling_registrations", "Addresses of record with a contact");
    for (const char* peer : {"media", "scenario", "routing", "gateway"}) {
      for (const char* way : {"in", "out"}) {
        control_[std::string(peer) + way] =
            &metrics.Counter("zvon_control_messages_total", "Items on call-path streams",
                             {{"peer", peer}, {"direction", way}});
      }
    }
  }
  void CallsActive(size_t n) { calls_->Set(static_cast<double>(n)); }
  void Answered(int code, absl::Duration setup) {
    if (code < 300) setup_->Observe(absl::ToDoubleSeconds(setup));
    Counted(answers_, "zvon_signaling_invites_answered_total", "Final responses to INVITE", "code",
            std::to_string(code));
  }
  void Request(std::string_view method) {
    Counted(requests_, "zvon_sip_requests_total", "SIP requests received", "method",
            std::string(method));
  }
  void Refused(const std::string& reason) {
    Counted(refused_, "zvon_signaling_calls_refused_total",
            "INVITEs refused before they became calls", "reason", reason);
  }
  void Control(const std::string& peer, const std::string& way) {
    auto it = control_.find(peer + way);
    if (it != control_.end()) it->second->Increment();
  }
  void SnapshotFailed() { snapshot_failed_->Increment(); }
  void OfferStale() { offers_stale_->Increment(); }
  void LoopTurn(absl::Duration longest) { loop_lag_->Set(absl::ToDoubleSeconds(longest)); }
  void Revision(int64_t revision) { revision_->Set(static_cast<double>(revision)); }
  void Registrations(size_t n) { registrations_->Set(static_cast<double>(n)); }

 private:
  using Counters = std::map<std::string, prometheus::Counter*>;
  void Counted(Counters& counters, const char* name, const char* help, const char* label,
               const std::string& value) {
    prometheus::Counter*& counter = counters[value];
    if (counter == nullptr) counter = &metrics_.Counter(name, help, {{label, value}});
    counter->Increment();
  }
  Metrics& metrics_;
  prometheus::Gauge *calls_, *loop_lag_, *revision_, *registrations_;
  prometheus::Histogram* setup_;
  prometheus::Counter *snapshot_failed_, *offers_stale_;
  Counters control_, answers_, requests_, refused_;
};

}  // namespace zvon::signaling
