#pragma once
// Registrations (RFC 3261 section 10): which contacts an address of record
// has now. A pure table; the call layer authenticates first and stores what
// Serialize gives.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/signaling/sip/builder.h"
#include "services/signaling/sip/flow.h"
#include "services/signaling/sip/message.h"

namespace zvon::sip {

struct Binding {
  std::string contact_uri;     // As the phone wrote it.
  std::string display_params;  // Contact's parameters without expires and q.
  double q = 1.0;
  absl::Time expires;
  std::string call_id;
  uint32_t cseq = 0;
  std::string instance;  // +sip.instance (RFC 5626); empty without.
  std::string user_agent;
  // Where the REGISTER came from. Calls go back over it when `nat` is set
  // (the contact's address differs) or when it is a stream.
  Flow flow;
  bool nat = false;
  std::vector<std::string> path;  // RFC 3327
  absl::Time registered;
  friend bool operator==(const Binding&, const Binding&) = default;
};

class Registrar {
 public:
  struct Options {
    absl::Duration expires_default = absl::Seconds(300);
    absl::Duration expires_min = absl::Seconds(30);
    absl::Duration expires_max = absl::Hours(1);
    size_t contacts_max = 10;  // Per address of record; more: 403.
    size_t records_max = 1'000'000;
  };
  struct Result {
    OutResponse response;   // 200 with all contacts, or 400, 403, 423, 500.
    bool changed = false;   // Serialize(aor) must be stored before the response is sent.
    bool appeared = false;  // The first contact came.
    bool vanished = false;  // The last contact went.
  };

  explicit Registrar(const Options& options) : options_(options) {}

  // `aor`: AddressOfRecord(To URI), already authorised. `flow`: its source.
  Result Handle(std::string_view aor, const Message& request, const Flow& flow, absl::Time now);

  // Live bindings, highest q first, then latest registered.
  std::vector<Binding> Lookup(std::string_view aor, absl::Time now) const;
  // Drops what has expired; returns the records that lost their last contact.
  std::vector<std::string> Expire(absl::Time now);
  absl::Time NextWakeup() const;
  // A stream is gone: contacts that can be reached only over it go with it.
  // Returns the records that changed, for storing.
  std::vector<std::string> FlowClosed(const Flow& flow, absl::Time now);

  // One record as text for the store; empty when it has no contacts.
  std::string Serialize(std::string_view aor) const;
  // Replaces the record by what the store had.
  absl::Status Restore(std::string_view aor, std::string_view snapshot);
  std::vector<std::string> Records() const;
  size_t size() const { return records_.size(); }

 private:
  using Record = std::vector<Binding>;
  // Changes `record` as the request asks; 0 or the code to refuse it with.
  int Apply(Record& record, const Message& request, const Flow& flow, absl::Time now,
            Result& result);
  int ApplyOne(Record& record, const Message& request, const AddressView& contact,
               absl::Duration expires, const Flow& flow, absl::Time now);
  static int RemoveAll(Record& record, const Message& request, Result& result);
  Record LiveRecord(const std::string& aor, absl::Time now) const;
  void Store(const std::string& aor, Record record);

  Options options_;
  absl::flat_hash_map<std::string, Record> records_;
  std::multimap<absl::Time, std::string> by_expiry_;
};

}  // namespace zvon::sip
