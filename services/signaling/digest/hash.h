#pragma once
// Hashes in lower-case hexadecimal, over OpenSSL; pure functions.

#include <string>
#include <string_view>

namespace zvon::sip {

std::string Md5Hex(std::string_view text);
std::string Sha256Hex(std::string_view text);
std::string HmacSha256Hex(std::string_view key, std::string_view text);

}  // namespace zvon::sip
