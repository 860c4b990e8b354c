#pragma once
// Passwords become digests here; the clear text goes no further.

#include <string>

#include "services/directory/core/collections.h"
#include "services/directory/core/violations.h"

namespace zvon::directory {

inline constexpr char kRealm[] = "zvon";

// H(username:realm:password) in hexadecimal, RFC 7616 section 3.4.2.
std::string Ha1Md5(const std::string& username, const std::string& realm,
                   const std::string& password);
std::string Ha1Sha256(const std::string& username, const std::string& realm,
                      const std::string& password);

// Turns the passwords of an endpoint or a trunk in `wanted` into digests, or
// keeps those of `before` (nullptr = a new record) where none is given, and
// clears the passwords and whatever digests the caller sent. A user's password
// is only cleared: its hash is kept elsewhere. A changed user name without the
// password is a violation: the digest would be wrong.
void SettleSecrets(Resource* wanted, const Resource* before, Violations* violations);

// Passwords out (requests, fingerprints).
void ClearPasswords(Resource* resource);
// Passwords and digests out: what people may see.
Resource WithoutSecrets(const Resource& resource);
bool SameDigests(const Resource& a, const Resource& b);

}  // namespace zvon::directory
