#pragma once
// HTTP digest for SIP (RFC 3261 section 22, RFC 7616, RFC 8760): MD5 and
// SHA-256, qop auth, both sides. Pure: time and randomness are arguments.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "services/common/ids/ids.h"
#include "services/signaling/sip/builder.h"
#include "services/signaling/sip/message.h"

namespace zvon::sip {

enum class DigestAlgorithm : uint8_t { kSha256, kMd5 };

std::string DigestHash(DigestAlgorithm algorithm, std::string_view text);
std::string_view AlgorithmName(DigestAlgorithm algorithm);  // "SHA-256", "MD5"
std::optional<DigestAlgorithm> AlgorithmFromName(std::string_view name);

// What a response is computed from. `qop` empty: the way of RFC 2069.
struct DigestInput {
  DigestAlgorithm algorithm = DigestAlgorithm::kMd5;
  std::string_view ha1, method, uri, nonce, nc, cnonce, qop;
};
std::string DigestResponse(const DigestInput& in);

// H(user:realm:password) in lower-case hexadecimal: what a directory stores.
std::string Ha1(DigestAlgorithm algorithm, std::string_view user, std::string_view realm,
                std::string_view password);
// Compares in a time that depends on the lengths only.
bool EqualSecret(std::string_view a, std::string_view b);

// The secrets of one user. Empty: not stored for that algorithm.
struct Credentials {
  std::string ha1_md5;
  std::string ha1_sha256;
};

// Server side. Nonces are stateless (time + HMAC of a key that replicas
// share), so any replica can check them; the nonce count is remembered per
// process to refuse replays. One loop; not thread-safe.
class DigestServer {
 public:
  struct Options {
    std::string realm = "zvon";
    std::string secret;  // 16 bytes or more, the same in all replicas.
    absl::Duration nonce_life = absl::Minutes(5);
    bool offer_md5 = true;
    size_t nonces_max = 100'000;  // Remembered counts; the oldest go first.
  };
  enum class Verdict : uint8_t {
    kAccepted,
    kNoCredentials,  // Challenge.
    kStale,          // Right answer to an old nonce, or a replayed count: challenge, stale=true.
    kWrong,          // Challenge again (401) or refuse (403).
    kMalformed,      // 400.
  };
  struct Claim {
    std::string username;  // Whose Credentials to fetch.
    std::string realm;
  };

  DigestServer(Options options, RandomSource random);
  // WWW-Authenticate (401) or Proxy-Authenticate (407) headers, SHA-256 first.
  void AddChallenge(HeaderBlock& headers, bool proxy, bool stale, absl::Time now) const;
  // Who the request claims to be, for our realm; nothing without credentials.
  std::optional<Claim> WhoClaims(const Message& request, bool proxy) const;
  // `credentials` of WhoClaims' user; unknown users take an empty one, which
  // costs the same time and is never accepted.
  Verdict Check(const Message& request, bool proxy, const Credentials& credentials, absl::Time now);

 private:
  std::string MakeNonce(absl::Time now) const;
  // Its time of making; nothing when it is not ours.
  std::optional<absl::Time> NonceTime(std::string_view nonce) const;
  bool CountIsNew(std::string_view nonce, uint32_t count, absl::Time now);

  Options options_;
  RandomSource random_;
  struct Seen {
    uint32_t highest = 0;
    uint64_t window = 0;  // Bit i: highest - i was seen.
    absl::Time made;
  };
  absl::flat_hash_map<std::string, Seen> seen_;
};

// Client side: the answer to a 401 or 407 for a trunk's account.
struct ClientAccount {
  std::string username;
  // H(username:realm:password): the clear password is kept nowhere.
  Credentials secrets;
  // The realm the secrets are for; challenges of any other are not answered.
  std::string realm;
};
// The header to add to the repeated request (Authorization or
// Proxy-Authorization); nothing when no challenge fits the account.
// `nonce_count` is 1 for a fresh nonce.
std::optional<HeaderBlock> AnswerChallenge(const Message& response, std::string_view method,
                                           std::string_view uri, const ClientAccount& account,
                                           uint32_t nonce_count, const RandomSource& random);

}  // namespace zvon::sip
