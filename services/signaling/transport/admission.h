#pragma once
// Who may send how much, decided before a byte is parsed. A pure core.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "services/signaling/sip/flow.h"

namespace zvon::sip {

struct AdmissionLimits {
  // Messages a second and the burst on top, over everything and per source
  // address. 0: no limit.
  double global_rate = 20'000;
  double global_burst = 20'000;
  double source_rate = 500;
  double source_burst = 1'000;
  // Sources that are never limited one by one (trunks, proxies): addresses or
  // networks, "192.0.2.0/24".
  std::vector<std::string> trusted;
  // Most sources remembered; the idlest are forgotten first.
  size_t sources_max = 100'000;
};

class Admission {
 public:
  explicit Admission(const AdmissionLimits& limits);
  void SetLimits(const AdmissionLimits& limits);
  // True: let it in. Cheap: one hash look-up.
  bool Admit(const SocketAddress& source, absl::Time now);
  bool IsTrusted(const SocketAddress& source) const;
  uint64_t refused() const { return refused_; }
  size_t sources() const { return buckets_.size(); }

 private:
  struct Network {
    std::array<uint8_t, 16> bytes;
    int bits;  // Of the IPv4-mapped form.
  };
  struct Bucket {
    double tokens = 0;
    absl::Time filled;
  };
  static bool Take(Bucket& bucket, double rate, double burst, absl::Time now);
  void Forget(absl::Time now);

  AdmissionLimits limits_;
  std::vector<Network> trusted_;
  Bucket global_;
  absl::flat_hash_map<std::array<uint8_t, 16>, Bucket> buckets_;
  uint64_t refused_ = 0;
};

}  // namespace zvon::sip
