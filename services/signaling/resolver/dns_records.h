#pragma once
// What DNS answers are made of, and the choices of RFC 3263 and RFC 2782 on
// them. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "services/common/ids/ids.h"
#include "services/signaling/sip/flow.h"

namespace zvon::sip {

enum class DnsType : uint8_t { kA, kAaaa, kSrv, kNaptr };
std::string_view DnsTypeName(DnsType type);

struct SrvRecord {
  uint16_t priority = 0, weight = 0, port = 0;
  std::string host;
};
struct NaptrRecord {
  uint16_t order = 0, preference = 0;
  std::string flags, service, replacement;
};

// Empty lists: the name exists not, or has no such record.
struct DnsAnswer {
  std::vector<SocketAddress> addresses;  // Port 0.
  std::vector<SrvRecord> srv;
  std::vector<NaptrRecord> naptr;
  absl::Duration ttl;
  bool empty() const { return addresses.empty() && srv.empty() && naptr.empty(); }
};

// RFC 2782: by priority, within one by weighted chance.
std::vector<SrvRecord> OrderSrv(std::vector<SrvRecord> records, const RandomSource& random);

// An SRV name to ask for, and the protocol that it stands for.
struct SrvQuestion {
  std::string name;
  Protocol protocol;
};
// "_sip._udp.example.com"; nothing for protocols without SRV names.
std::optional<std::string> SrvName(Protocol protocol, std::string_view host);
// RFC 3263 section 4.1: from NAPTR records, best first; only `allowed`
// protocols, only secure ones when `secure`.
std::vector<SrvQuestion> ChooseNaptr(std::vector<NaptrRecord> records,
                                     const std::vector<Protocol>& allowed, bool secure);

// Least TTL of the answer section of a DNS message, for the record kinds whose
// parser does not tell it. Total over any bytes; `otherwise` when there is none.
absl::Duration LeastTtl(std::string_view message, absl::Duration otherwise);

}  // namespace zvon::sip
