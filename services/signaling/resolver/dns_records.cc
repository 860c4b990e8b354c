#include "services/signaling/resolver/dns_records.h"

#include <algorithm>

#include "services/signaling/sip/grammar.h"

namespace zvon::sip {

std::string_view DnsTypeName(DnsType type) {
  constexpr std::string_view kNames[] = {"A", "AAAA", "SRV", "NAPTR"};
  return kNames[static_cast<size_t>(type)];
}

std::vector<SrvRecord> OrderSrv(std::vector<SrvRecord> records, const RandomSource& random) {
  std::stable_sort(records.begin(), records.end(),
                   [](const SrvRecord& a, const SrvRecord& b) { return a.priority < b.priority; });
  for (size_t start = 0; start < records.size(); ++start) {
    uint64_t sum = 0;
    size_t end = start;
    for (; end < records.size() && records[end].priority == records[start].priority; ++end) {
      sum += records[end].weight;
    }
    uint64_t draw = random() % (sum + 1);
    size_t chosen = start;
    for (size_t i = start; i < end; ++i) {
      chosen = i;
      if (records[i].weight >= draw) break;
      draw -= records[i].weight;
    }
    std::rotate(records.begin() + static_cast<std::ptrdiff_t>(start),
                records.begin() + static_cast<std::ptrdiff_t>(chosen),
                records.begin() + static_cast<std::ptrdiff_t>(chosen) + 1);
  }
  return records;
}

std::optional<std::string> SrvName(Protocol protocol, std::string_view host) {
  switch (protocol) {
    case Protocol::kUdp:
      return "_sip._udp." + std::string(host);
    case Protocol::kTcp:
      return "_sip._tcp." + std::string(host);
    case Protocol::kTls:
      return "_sips._tcp." + std::string(host);
    default:
      return std::nullopt;
  }
}

std::vector<SrvQuestion> ChooseNaptr(std::vector<NaptrRecord> records,
                                     const std::vector<Protocol>& allowed, bool secure) {
  std::stable_sort(records.begin(), records.end(), [](const NaptrRecord& a, const NaptrRecord& b) {
    return std::pair(a.order, a.preference) < std::pair(b.order, b.preference);
  });
  std::vector<SrvQuestion> out;
  for (const NaptrRecord& record : records) {
    std::optional<Protocol> protocol;
    if (EqualsNoCase(record.service, "SIP+D2U")) protocol = Protocol::kUdp;
    if (EqualsNoCase(record.service, "SIP+D2T")) protocol = Protocol::kTcp;
    if (EqualsNoCase(record.service, "SIPS+D2T")) protocol = Protocol::kTls;
    if (!protocol || !EqualsNoCase(record.flags, "s") || record.replacement.empty()) continue;
    if (secure && !IsSecure(*protocol)) continue;
    if (std::find(allowed.begin(), allowed.end(), *protocol) == allowed.end()) continue;
    out.push_back({record.replacement, *protocol});
  }
  return out;
}

namespace {

class DnsReader {
 public:
  explicit DnsReader(std::string_view bytes) : bytes_(bytes) {}
  bool ok() const { return ok_; }
  uint32_t Number(size_t size) {
    uint32_t value = 0;
    if (!Need(size)) return 0;
    for (size_t i = 0; i < size; ++i)
      value = value << 8 | static_cast<unsigned char>(bytes_[at_ + i]);
    at_ += size;
    return value;
  }
  void Skip(size_t size) {
    if (Need(size)) at_ += size;
  }
  // Over a name: labels up to the root or a pointer, which ends it.
  void SkipName() {
    while (ok_) {
      const uint32_t length = Number(1);
      if (length == 0) return;
      if ((length & 0xc0) == 0xc0) return Skip(1);
      Skip(length);
    }
  }

 private:
  bool Need(size_t size) {
    ok_ = ok_ && bytes_.size() - at_ >= size;
    return ok_;
  }
  std::string_view bytes_;
  size_t at_ = 0;
  bool ok_ = true;
};

}  // namespace

absl::Duration LeastTtl(std::string_view message, absl::Duration otherwise) {
  DnsReader reader(message);
  reader.Skip(4);
  const uint32_t questions = reader.Number(2), answers = reader.Number(2);
  reader.Skip(4);
  for (uint32_t i = 0; i < questions && reader.ok(); ++i) {
    reader.SkipName();
    reader.Skip(4);
  }
  uint32_t least = UINT32_MAX;
  for (uint32_t i = 0; i < answers && reader.ok(); ++i) {
    reader.SkipName();
    reader.Skip(4);
    const uint32_t ttl = reader.Number(4);
    reader.Skip(reader.Number(2));
    if (reader.ok()) least = std::min(least, ttl);
  }
  return least == UINT32_MAX ? otherwise : absl::Seconds(least);
}

}  // namespace zvon::sip
