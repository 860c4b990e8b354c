#include "services/directory/core/secrets.h"

#include <openssl/evp.h>

#include "absl/strings/escaping.h"

namespace zvon::directory {
namespace {

std::string HexDigest(const EVP_MD* algorithm, const std::string& text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, algorithm, nullptr);
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<char*>(digest), size));
}

// The digests of one account: what a record says about it.
struct Account {
  std::string username, realm, password;
  std::string* md5;
  std::string* sha256;
};

void Settle(const Account& account, const Account& before, const std::string& field,
            Violations* violations) {
  if (!account.password.empty()) {
    *account.md5 = Ha1Md5(account.username, account.realm, account.password);
    *account.sha256 = Ha1Sha256(account.username, account.realm, account.password);
    return;
  }
  const bool same = account.username == before.username && account.realm == before.realm;
  if (!same && !before.md5->empty() && !account.username.empty()) {
    violations->Add(field, "is needed again: its digests hold the user name and the realm");
  }
  *account.md5 = same ? *before.md5 : "";
  *account.sha256 = same ? *before.sha256 : "";
}

Account Of(v1::Endpoint* e) {
  return {e->sip_username(), kRealm, e->password(), e->mutable_ha1_md5(), e->mutable_ha1_sha256()};
}
Account InboundOf(v1::Trunk* t) {
  return {t->digest_username(), kRealm, t->digest_password(), t->mutable_digest_ha1_md5(),
          t->mutable_digest_ha1_sha256()};
}
Account OutboundOf(v1::Trunk* t) {
  return {t->outbound_username(), t->outbound_realm(), t->outbound_password(),
          t->mutable_outbound_ha1_md5(), t->mutable_outbound_ha1_sha256()};
}

}  // namespace

std::string Ha1Md5(const std::string& username, const std::string& realm,
                   const std::string& password) {
  return HexDigest(EVP_md5(), username + ":" + realm + ":" + password);
}
std::string Ha1Sha256(const std::string& username, const std::string& realm,
                      const std::string& password) {
  return HexDigest(EVP_sha256(), username + ":" + realm + ":" + password);
}

void SettleSecrets(Resource* wanted, const Resource* before, Violations* violations) {
  Resource old = before == nullptr ? Resource() : *before;
  if (wanted->has_endpoint()) {
    Settle(Of(wanted->mutable_endpoint()), Of(old.mutable_endpoint()), "endpoint.password",
           violations);
    if (wanted->endpoint().ha1_md5().empty()) violations->Add("endpoint.password", "must be set");
  } else if (wanted->has_trunk()) {
    v1::Trunk* trunk = wanted->mutable_trunk();
    v1::Trunk* old_trunk = old.mutable_trunk();
    Settle(InboundOf(trunk), InboundOf(old_trunk), "trunk.digest_password", violations);
    Settle(OutboundOf(trunk), OutboundOf(old_trunk), "trunk.outbound_password", violations);
    if (!trunk->digest_username().empty() && trunk->digest_ha1_md5().empty()) {
      violations->Add("trunk.digest_password", "must be set with digest_username");
    }
  }
  ClearPasswords(wanted);
}

void ClearPasswords(Resource* resource) {
  if (resource->has_user()) resource->mutable_user()->clear_password();
  if (resource->has_endpoint()) resource->mutable_endpoint()->clear_password();
  if (resource->has_trunk()) {
    resource->mutable_trunk()->clear_digest_password();
    resource->mutable_trunk()->clear_outbound_password();
  }
}

Resource WithoutSecrets(const Resource& resource) {
  Resource out = resource;
  ClearPasswords(&out);
  if (out.has_endpoint()) {
    out.mutable_endpoint()->clear_ha1_md5();
    out.mutable_endpoint()->clear_ha1_sha256();
  }
  if (out.has_trunk()) {
    v1::Trunk* trunk = out.mutable_trunk();
    trunk->clear_digest_ha1_md5();
    trunk->clear_digest_ha1_sha256();
    trunk->clear_outbound_ha1_md5();
    trunk->clear_outbound_ha1_sha256();
  }
  return out;
}

bool SameDigests(const Resource& a, const Resource& b) {
  return a.endpoint().ha1_sha256() == b.endpoint().ha1_sha256() &&
         a.trunk().digest_ha1_sha256() == b.trunk().digest_ha1_sha256() &&
         a.trunk().outbound_ha1_sha256() == b.trunk().outbound_ha1_sha256();
}

}  // namespace zvon::directory
