#pragma once
// One DNS question at a time to c-ares, on the loop, behind a cache that
// outlives its TTLs while DNS does not answer.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/common/executor/loop.h"
#include "services/signaling/resolver/dns_records.h"
#include "services/signaling/resolver/resolver.h"

namespace zvon::sip {

class DnsClient {
 public:
  using Handler = std::function<void(const absl::StatusOr<DnsAnswer>&)>;

  static absl::StatusOr<std::unique_ptr<DnsClient>> Create(const DnsResolver::Options& options,
                                                           Loop& loop);
  // On the loop thread, or after the loop has stopped.
  ~DnsClient();
  // An answer, also an empty one, is OK; an error means that DNS was silent
  // and nothing is remembered. The handler may run before this returns.
  void Ask(DnsType type, const std::string& name, Handler handler);

 private:
  struct Impl;
  explicit DnsClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace zvon::sip
