#pragma once
// Where a SIP URI leads: RFC 3263 (NAPTR, SRV, A, AAAA).

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/common/executor/loop.h"
#include "services/common/ids/ids.h"
#include "services/signaling/resolver/targets.h"
#include "services/signaling/sip/flow.h"
#include "services/signaling/sip/uri.h"

namespace zvon::sip {

// Asynchronous; handlers run on the loop, possibly before Resolve returns
// (numeric hosts). Loop thread only.
class Resolver {
 public:
  virtual ~Resolver() = default;
  using Handler = std::function<void(const absl::StatusOr<Targets>&)>;
  // `uri`: sip or sips. UnavailableError names the host that was asked for.
  virtual void Resolve(const UriView& uri, Handler handler) = 0;
};

// Numeric hosts only: for tests, and for set-ups that have no names.
class NumericResolver final : public Resolver {
 public:
  void Resolve(const UriView& uri, Handler handler) override;
};

// Numeric hosts and the hosts file need no DNS. Answers are kept for their
// TTL, and beyond it for `stale_max` while DNS does not answer.
class DnsResolver final : public Resolver {
 public:
  struct Options {
    std::vector<std::string> servers;  // "127.0.0.1:5353"; empty: the system's.
    absl::Duration timeout = absl::Seconds(2);
    int tries = 2;
    absl::Duration stale_max = absl::Hours(24);
    absl::Duration negative_ttl = absl::Seconds(10);
    size_t cache_max = 10'000;
    std::string hosts_file = "/etc/hosts";
    bool prefer_v6 = false;
    // What may be chosen when the URI leaves it open, best first.
    std::vector<Protocol> protocols = {Protocol::kUdp, Protocol::kTcp, Protocol::kTls};
  };
  static absl::StatusOr<std::unique_ptr<DnsResolver>> Create(Options options, Loop& loop,
                                                             RandomSource random);
  ~DnsResolver() override;
  void Resolve(const UriView& uri, Handler handler) override;

 private:
  struct Impl;
  explicit DnsResolver(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace zvon::sip
