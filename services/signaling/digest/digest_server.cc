#include <algorithm>
#include <vector>

#include "services/common/check/check.h"
#include "services/signaling/digest/digest.h"
#include "services/signaling/digest/hash.h"
#include "services/signaling/sip/grammar.h"

namespace zvon::sip {

namespace {

// Nonce: 16 digits of the time in microseconds, 16 of randomness, 32 of MAC.
constexpr size_t kTimeDigits = 16, kRandomDigits = 16, kMacDigits = 32;
constexpr size_t kNonceSize = kTimeDigits + kRandomDigits + kMacDigits;

std::string Hex64(uint64_t value) {
  std::string out(16, '0');
  for (int i = 15; i >= 0; --i, value >>= 4)
    out[static_cast<size_t>(i)] = "0123456789abcdef"[value & 15];
  return out;
}

std::optional<uint64_t> ReadHex(std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::vector<AuthView> HeadersOf(const Message& request, bool proxy) {
  return proxy ? request.proxy_authorization() : request.authorization();
}

// The Digest credentials for our realm; nullptr: none.
const AuthView* FindOurs(const std::vector<AuthView>& headers, const std::string& realm) {
  for (const AuthView& auth : headers) {
    if (EqualsNoCase(auth.scheme, "Digest") && auth.Param("realm") == realm) return &auth;
  }
  return nullptr;
}

// The uri parameter must be what the request asks for; phones write the
// Request-URI with or without its parameters, some the bare host.
bool UriFits(const Message& request, std::string_view uri) {
  if (uri == request.request_uri_text()) return true;
  const auto parsed = ParseUri(uri);
  return parsed && EqualsNoCase(parsed->host, request.request_uri().host) &&
         (parsed->user.empty() || parsed->user == request.request_uri().user);
}

}  // namespace

DigestServer::DigestServer(Options options, RandomSource random)
    : options_(std::move(options)), random_(std::move(random)) {
  ZVON_CHECK(options_.secret.size() >= 16);
}

std::string DigestServer::MakeNonce(absl::Time now) const {
  std::string text = Hex64(static_cast<uint64_t>(absl::ToUnixMicros(now))) + Hex64(random_());
  return text + HmacSha256Hex(options_.secret, text + options_.realm).substr(0, kMacDigits);
}

std::optional<absl::Time> DigestServer::NonceTime(std::string_view nonce) const {
  if (nonce.size() != kNonceSize) return std::nullopt;
  const std::string text(nonce.substr(0, kTimeDigits + kRandomDigits));
  const std::string mac =
      HmacSha256Hex(options_.secret, text + options_.realm).substr(0, kMacDigits);
  if (!EqualSecret(mac, nonce.substr(kTimeDigits + kRandomDigits))) return std::nullopt;
  const auto micros = ReadHex(std::string_view(text).substr(0, kTimeDigits));
  if (!micros) return std::nullopt;
  return absl::FromUnixMicros(static_cast<int64_t>(*micros));
}

void DigestServer::AddChallenge(HeaderBlock& headers, bool proxy, bool stale,
                                absl::Time now) const {
  const std::string_view name = proxy ? "Proxy-Authenticate" : "WWW-Authenticate";
  const std::string nonce = MakeNonce(now);
  for (DigestAlgorithm algorithm : {DigestAlgorithm::kSha256, DigestAlgorithm::kMd5}) {
    if (algorithm == DigestAlgorithm::kMd5 && !options_.offer_md5) continue;
    std::string value = "Digest realm=\"" + options_.realm + "\", nonce=\"" + nonce +
                        "\", qop=\"auth\", algorithm=";
    value += AlgorithmName(algorithm);
    if (stale) value += ", stale=true";
    headers.Add(name, value);
  }
}

std::optional<DigestServer::Claim> DigestServer::WhoClaims(const Message& request,
                                                           bool proxy) const {
  const auto headers = HeadersOf(request, proxy);
  const AuthView* auth = FindOurs(headers, options_.realm);
  auto username = auth ? auth->Param("username") : std::nullopt;
  if (!username) return std::nullopt;
  return Claim{std::move(*username), options_.realm};
}

DigestServer::Verdict DigestServer::Check(const Message& request, bool proxy,
                                          const Credentials& credentials, absl::Time now) {
  const auto headers = HeadersOf(request, proxy);
  const AuthView* auth = FindOurs(headers, options_.realm);
  if (!auth) return Verdict::kNoCredentials;
  const auto nonce = auth->Param("nonce"), uri = auth->Param("uri"),
             response = auth->Param("response"), qop = auth->Param("qop"), nc = auth->Param("nc"),
             cnonce = auth->Param("cnonce");
  const auto algorithm = AlgorithmFromName(auth->Param("algorithm").value_or("MD5"));
  if (!nonce || !uri || !response) return Verdict::kMalformed;
  if (!algorithm || (*algorithm == DigestAlgorithm::kMd5 && !options_.offer_md5))
    return Verdict::kWrong;
  // qop was offered, so it must be used: without it a response could be replayed.
  const auto count = nc && nc->size() == 8 ? ReadHex(*nc) : std::nullopt;
  if (!qop || !EqualsNoCase(*qop, "auth") || !count || !cnonce) return Verdict::kMalformed;
  const auto made = NonceTime(*nonce);
  if (!made) return Verdict::kStale;  // Another key, or none of ours: a new challenge.
  const std::string& ha1 =
      *algorithm == DigestAlgorithm::kMd5 ? credentials.ha1_md5 : credentials.ha1_sha256;
  const std::string expected =
      DigestResponse({*algorithm, ha1, request.method_name(), *uri, *nonce, *nc, *cnonce, *qop});
  if (!EqualSecret(expected, *response) || ha1.empty() || !UriFits(request, *uri))
    return Verdict::kWrong;
  const bool fresh = now - *made <= options_.nonce_life && *made - now <= absl::Minutes(1);
  if (!fresh || !CountIsNew(*nonce, static_cast<uint32_t>(*count), now)) return Verdict::kStale;
  return Verdict::kAccepted;
}

// Counts may come out of order within a window of 64 (requests in parallel).
bool DigestServer::CountIsNew(std::string_view nonce, uint32_t count, absl::Time now) {
  if (count == 0) return false;
  if (seen_.size() >= options_.nonces_max) {
    absl::erase_if(seen_, [&](const auto& s) { return now - s.second.made > options_.nonce_life; });
    // Full of live ones: refusing is safer than forgetting what was used.
    if (seen_.size() >= options_.nonces_max) return false;
  }
  Seen& seen = seen_[std::string(nonce)];
  if (seen.highest == 0) seen.made = now;
  if (count > seen.highest) {
    const uint32_t step = count - seen.highest;
    seen.window = step >= 64 ? 1 : (seen.window << step) | 1;
    seen.highest = count;
    return true;
  }
  const uint32_t back = seen.highest - count;
  if (back >= 64 || (seen.window >> back & 1) != 0) return false;
  seen.window |= uint64_t{1} << back;
  return true;
}

}  // namespace zvon::sip
