#include "services/signaling/digest/hash.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "services/common/check/check.h"

namespace zvon::sip {

namespace {

std::string Hex(const unsigned char* bytes, size_t size) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out(2 * size, '0');
  for (size_t i = 0; i < size; ++i) {
    out[2 * i] = kDigits[bytes[i] >> 4];
    out[2 * i + 1] = kDigits[bytes[i] & 15];
  }
  return out;
}

// Fetched once: EVP_md5() alone searches the providers at every use.
std::string HashHex(const EVP_MD* md, std::string_view text) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  ZVON_CHECK(EVP_Digest(text.data(), text.size(), out, &size, md, nullptr) == 1);
  return Hex(out, size);
}

}  // namespace

std::string Md5Hex(std::string_view text) {
  static const EVP_MD* const kMd = EVP_MD_fetch(nullptr, "MD5", nullptr);
  return HashHex(kMd ? kMd : EVP_md5(), text);
}

std::string Sha256Hex(std::string_view text) {
  static const EVP_MD* const kMd = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return HashHex(kMd ? kMd : EVP_sha256(), text);
}

std::string HmacSha256Hex(std::string_view key, std::string_view text) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  ZVON_CHECK(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
                  reinterpret_cast<const unsigned char*>(text.data()), text.size(), out,
                  &size) != nullptr);
  return Hex(out, size);
}

}  // namespace zvon::sip
