#include "services/signaling/transport/admission.h"

#include <algorithm>
#include <cstring>

#include "services/signaling/sip/grammar.h"

namespace zvon::sip {

namespace {

bool SamePrefix(const std::array<uint8_t, 16>& a, const std::array<uint8_t, 16>& b, int bits) {
  const int whole = bits / 8;
  if (std::memcmp(a.data(), b.data(), static_cast<size_t>(whole)) != 0) return false;
  const int rest = bits % 8;
  return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

}  // namespace

Admission::Admission(const AdmissionLimits& limits) { SetLimits(limits); }

void Admission::SetLimits(const AdmissionLimits& limits) {
  limits_ = limits;
  trusted_.clear();
  for (const std::string& text : limits.trusted) {
    const size_t slash = text.find('/');
    const auto address = SocketAddress::FromHost(std::string_view(text).substr(0, slash), 0);
    if (!address) continue;  // Settings are checked where they are read.
    int bits = 128;
    if (slash != std::string::npos) {
      const auto given = ParseNumber<int>(std::string_view(text).substr(slash + 1));
      if (!given) continue;
      bits = std::min(128, *given + (address->is_v4() ? 96 : 0));
    }
    trusted_.push_back({address->bytes(), bits});
  }
}

bool Admission::IsTrusted(const SocketAddress& source) const {
  return std::any_of(trusted_.begin(), trusted_.end(),
                     [&](const Network& n) { return SamePrefix(n.bytes, source.bytes(), n.bits); });
}

bool Admission::Take(Bucket& bucket, double rate, double burst, absl::Time now) {
  if (rate <= 0) return true;
  bucket.tokens =
      bucket.filled == absl::Time()
          ? burst
          : std::min(burst, bucket.tokens + rate * absl::ToDoubleSeconds(now - bucket.filled));
  bucket.filled = now;
  if (bucket.tokens < 1) return false;
  bucket.tokens -= 1;
  return true;
}

bool Admission::Admit(const SocketAddress& source, absl::Time now) {
  if (IsTrusted(source)) return true;
  if (buckets_.size() >= limits_.sources_max && !buckets_.contains(source.bytes())) Forget(now);
  // The source first: one that floods must not use up everybody's tokens.
  if (Take(buckets_[source.bytes()], limits_.source_rate, limits_.source_burst, now) &&
      Take(global_, limits_.global_rate, limits_.global_burst, now)) {
    return true;
  }
  ++refused_;
  return false;
}

// Full buckets say nothing that a new one does not; else half goes, as spoofed
// sources would otherwise fill the memory.
void Admission::Forget(absl::Time now) {
  const double fill_s = limits_.source_rate > 0 ? limits_.source_burst / limits_.source_rate : 0;
  absl::erase_if(buckets_, [&](const auto& b) {
    return absl::ToDoubleSeconds(now - b.second.filled) >= fill_s;
  });
  bool odd = false;
  if (buckets_.size() < limits_.sources_max) return;
  absl::erase_if(buckets_, [&odd](const auto&) { return odd = !odd; });
}

}  // namespace zvon::sip
