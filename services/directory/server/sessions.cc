#include "services/directory/server/sessions.h"

#include <openssl/evp.h>
#include <sodium.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "services/common/telemetry/log.h"

namespace zvon::directory {
namespace {

constexpr size_t kTokenBytes = 32;
constexpr size_t kInputMax = 256;
constexpr size_t kKnownMax = 50'000;

std::string NewToken() {
  std::string bytes(kTokenBytes, '\0');
  randombytes_buf(bytes.data(), bytes.size());
  return absl::WebSafeBase64Escape(bytes);
}

std::string Sha256(const std::string& text) {
  std::string digest(32, '\0');
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(digest.data()), &size,
             EVP_sha256(), nullptr);
  return digest;
}

absl::Status WrongLogin() { return absl::UnauthenticatedError("login or password is wrong"); }
absl::Status NoSession() { return absl::UnauthenticatedError("the session has ended"); }

}  // namespace

Sessions::Sessions(Options options, SessionStore& store, ResourceStore& resources,
                   PasswordHasher& passwords, PublishedState& state, const Clock& clock)
    : options_(options),
      store_(store),
      resources_(resources),
      passwords_(passwords),
      state_(state),
      clock_(clock) {}

absl::StatusOr<SessionUserInfo> Sessions::FindUser(const std::string& tenant_id,
                                                   const std::string& user_id) const {
  const auto view = state_.view();
  const Resource* tenant = view->FindTenant(tenant_id);
  const Resource* record = view->Find(tenant_id, "users", user_id);
  if (tenant == nullptr || record == nullptr || record->user().disabled() ||
      (tenant->tenant().demo() && !options_.demo_enabled)) {
    return absl::NotFoundError(absl::StrCat("no user ", user_id, " in tenant ", tenant_id));
  }
  const v1::User& user = record->user();
  SessionUserInfo info;
  info.tenant_id = tenant_id;
  info.user_id = user_id;
  info.display_name = user.display_name();
  info.internal_number = user.internal_number();
  info.language = user.language().empty() ? tenant->tenant().language() : user.language();
  for (const std::string& role_id : user.role_ids()) {
    info.role_ids.push_back(role_id);
    const Resource* role = view->Find(tenant_id, "roles", role_id);
    if (role == nullptr) continue;
    info.permissions.insert(role->role().permissions().begin(), role->role().permissions().end());
  }
  return info;
}

// Takes as long for a user who does not exist as for a wrong password.
absl::StatusOr<bool> Sessions::PasswordMatches(const Login& login, std::string* user_id) {
  const auto view = state_.view();
  std::string name;
  for (const Resource* record : view->List(login.tenant_id, "users")) {
    ResourceName parts;
    if (record->user().login() != login.login || !ParseResourceName(record->name(), &parts))
      continue;
    *user_id = parts.id;
    name = record->name();
  }
  // Asked for in any case: the database's time tells nothing either.
  auto hash = resources_.CredentialOf(name);
  if (!hash.ok()) return hash.status();
  if (!FindUser(login.tenant_id, *user_id).ok()) hash->clear();
  return passwords_.Matches(*hash, login.password);
}

absl::StatusOr<Sessions::Session> Sessions::Create(const Login& login) {
  for (const std::string* text :
       {&login.tenant_id, &login.login, &login.password, &login.client_address}) {
    // A zero byte has no place in PostgreSQL's texts.
    if (text->size() > kInputMax || text->find('\0') != std::string::npos) return WrongLogin();
  }
  const absl::Time now = clock_.Now();
  const SessionStore::LoginKey key{login.tenant_id, login.login, login.client_address};
  auto locked = store_.LockedUntil(key);
  if (!locked.ok()) return locked.status();
  if (*locked > now) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "too many failed log-ins, try again in ", absl::ToInt64Seconds(*locked - now) + 1, " s"));
  }
  std::string user_id;
  auto matches = PasswordMatches(login, &user_id);
  if (!matches.ok()) return matches.status();
  if (!*matches) {
    absl::Status counted = store_.CountFailure(key, now, options_.failures_window,
                                               options_.failures_max, now + options_.lock);
    if (!counted.ok()) return counted;
    // Not what was typed: people type passwords into the wrong field.
    LogWarning("log-in refused",
               {{"tenant_id", login.tenant_id}, {"client_address", login.client_address}});
    return WrongLogin();
  }
  absl::Status forgotten = store_.ForgetFailures(key);
  if (!forgotten.ok()) return forgotten;
  auto user = FindUser(login.tenant_id, user_id);
  if (!user.ok()) return WrongLogin();
  Session session{NewToken(), now + options_.lifetime, *std::move(user)};
  const std::string hash = Sha256(session.token);
  const SessionRow row{login.tenant_id, user_id, session.expire_time};
  absl::Status added = store_.Add(hash, row, login.client_address, now);
  if (!added.ok()) return added;
  Remember(hash, {row, now});
  LogInfo("logged in", {{"tenant_id", login.tenant_id},
                        {"user_id", user_id},
                        {"client_address", login.client_address}});
  return session;
}

void Sessions::Remember(const std::string& hash, const Known& known) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (known_.size() >= kKnownMax) known_.clear();
  known_[hash] = known;
}

absl::StatusOr<Sessions::Session> Sessions::Verify(const std::string& token) {
  const absl::Time now = clock_.Now();
  const std::string hash = Sha256(token);
  std::optional<Known> known;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (auto it = known_.find(hash); it != known_.end()) known = it->second;
  }
  if (!known.has_value() || known->read_time + options_.cache_time < now) {
    auto row = store_.Find(hash, now);
    if (row.ok()) {
      Forget(absl::BytesToHexString(hash));
      if (!row->has_value()) return NoSession();
      known = Known{**row, now};
      Remember(hash, *known);
    } else if (!known.has_value()) {
      return row.status();
    }
  }
  if (known->row.expire_time <= now) return NoSession();
  auto user = FindUser(known->row.tenant_id, known->row.user_id);
  if (!user.ok()) return NoSession();
  return Session{"", known->row.expire_time, *std::move(user)};
}

absl::Status Sessions::Remove(const std::string& token) {
  const std::string hash = Sha256(token);
  Forget(absl::BytesToHexString(hash));
  return store_.Remove(hash);
}

void Sessions::Forget(const std::string& token_sha256_hex) {
  std::lock_guard<std::mutex> lock(mutex_);
  known_.erase(absl::HexStringToBytes(token_sha256_hex));
}

void Sessions::ForgetAll() {
  std::lock_guard<std::mutex> lock(mutex_);
  // Notifications may have been missed: ask again, but keep what is known for
  // the time that the database is away.
  for (auto& [hash, known] : known_) known.read_time = absl::InfinitePast();
}

}  // namespace zvon::directory
