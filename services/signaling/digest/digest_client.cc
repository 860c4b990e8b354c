#include <cstdio>

#include "services/signaling/digest/digest.h"
#include "services/signaling/sip/grammar.h"

namespace zvon::sip {

namespace {

struct Challenge {
  DigestAlgorithm algorithm = DigestAlgorithm::kMd5;
  std::string realm, nonce, opaque;
  bool has_opaque = false;
  bool with_qop = false;
  bool proxy = false;
};

const std::string& SecretOf(const ClientAccount& account, DigestAlgorithm algorithm) {
  return algorithm == DigestAlgorithm::kMd5 ? account.secrets.ha1_md5 : account.secrets.ha1_sha256;
}

// Nothing where the challenge is not for this account or not understood.
std::optional<Challenge> ReadChallenge(std::string_view value, bool proxy,
                                       const ClientAccount& account) {
  AuthView auth;
  const size_t space = value.find_first_of(" \t");
  if (space == std::string_view::npos || !EqualsNoCase(value.substr(0, space), "Digest"))
    return std::nullopt;
  auth.params = TrimSpace(value.substr(space));
  const auto algorithm = AlgorithmFromName(auth.Param("algorithm").value_or("MD5"));
  const auto realm = auth.Param("realm"), nonce = auth.Param("nonce"), qop = auth.Param("qop"),
             opaque = auth.Param("opaque");
  if (!algorithm || !realm || !nonce) return std::nullopt;
  // We answer only whom we meant: the realm is part of the account.
  if (account.realm != *realm || SecretOf(account, *algorithm).empty()) return std::nullopt;
  bool with_qop = false;
  for (std::string_view one : SplitList(qop ? std::string_view(*qop) : ""))
    with_qop |= EqualsNoCase(one, "auth");
  if (qop && !qop->empty() && !with_qop) return std::nullopt;  // auth-int only.
  return Challenge{*algorithm,         *realm,   *nonce, opaque.value_or(""),
                   opaque.has_value(), with_qop, proxy};
}

// The strongest challenge that fits; the first of equals.
std::optional<Challenge> Choose(const Message& response, const ClientAccount& account) {
  std::optional<Challenge> best;
  for (bool proxy : {false, true}) {
    for (std::string_view value :
         response.HeadersNamed(proxy ? "Proxy-Authenticate" : "WWW-Authenticate")) {
      auto one = ReadChallenge(value, proxy, account);
      const bool stronger = one && best && one->algorithm == DigestAlgorithm::kSha256 &&
                            best->algorithm == DigestAlgorithm::kMd5;
      if (one && (!best || stronger)) best = std::move(one);
    }
  }
  return best;
}

std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

}  // namespace

std::optional<HeaderBlock> AnswerChallenge(const Message& response, std::string_view method,
                                           std::string_view uri, const ClientAccount& account,
                                           uint32_t nonce_count, const RandomSource& random) {
  const auto challenge = Choose(response, account);
  if (!challenge) return std::nullopt;
  const std::string& ha1 = SecretOf(account, challenge->algorithm);
  char nc[9];
  std::snprintf(nc, sizeof nc, "%08x", nonce_count);
  const std::string cnonce = MakeTag(random);
  const std::string_view qop = challenge->with_qop ? "auth" : "";
  const std::string answer =
      DigestResponse({challenge->algorithm, ha1, method, uri, challenge->nonce, nc, cnonce, qop});
  std::string value = "Digest username=" + Quoted(account.username) +
                      ", realm=" + Quoted(challenge->realm) +
                      ", nonce=" + Quoted(challenge->nonce) + ", uri=" + Quoted(uri) +
                      ", response=\"" + answer + "\", algorithm=";
  value += AlgorithmName(challenge->algorithm);
  if (challenge->with_qop)
    value.append(", qop=auth, nc=").append(nc).append(", cnonce=\"").append(cnonce).append("\"");
  if (challenge->has_opaque) value += ", opaque=" + Quoted(challenge->opaque);
  HeaderBlock headers;
  headers.Add(challenge->proxy ? "Proxy-Authorization" : "Authorization", value);
  return headers;
}

}  // namespace zvon::sip
