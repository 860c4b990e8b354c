#include "services/signaling/digest/digest.h"

#include <algorithm>

#include "services/signaling/digest/hash.h"
#include "services/signaling/sip/grammar.h"

namespace zvon::sip {

std::string DigestHash(DigestAlgorithm algorithm, std::string_view text) {
  return algorithm == DigestAlgorithm::kMd5 ? Md5Hex(text) : Sha256Hex(text);
}

std::string_view AlgorithmName(DigestAlgorithm algorithm) {
  return algorithm == DigestAlgorithm::kMd5 ? "MD5" : "SHA-256";
}

std::optional<DigestAlgorithm> AlgorithmFromName(std::string_view name) {
  if (EqualsNoCase(name, "MD5")) return DigestAlgorithm::kMd5;
  if (EqualsNoCase(name, "SHA-256")) return DigestAlgorithm::kSha256;
  return std::nullopt;
}

std::string Ha1(DigestAlgorithm algorithm, std::string_view user, std::string_view realm,
                std::string_view password) {
  std::string text(user);
  text.append(":").append(realm).append(":").append(password);
  return DigestHash(algorithm, text);
}

bool EqualSecret(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (size_t i = 0; i < a.size(); ++i) difference |= static_cast<unsigned char>(a[i] ^ b[i]);
  return difference == 0;
}

// RFC 7616 section 3.4.1.
std::string DigestResponse(const DigestInput& in) {
  std::string a2(in.method);
  a2.append(":").append(in.uri);
  std::string text(in.ha1);
  text.append(":").append(in.nonce);
  if (!in.qop.empty()) {
    text.append(":").append(in.nc).append(":").append(in.cnonce).append(":").append(in.qop);
  }
  text.append(":").append(DigestHash(in.algorithm, a2));
  return DigestHash(in.algorithm, text);
}

}  // namespace zvon::sip
