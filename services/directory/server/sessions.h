#pragma once
// Log-in, tokens, who a token is.

#include <map>
#include <mutex>
#include <set>
#include <string>

#include "services/common/ids/ids.h"
#include "services/common/time/clock.h"
#include "services/directory/adapters/resource_store.h"
#include "services/directory/adapters/session_store.h"
#include "services/directory/server/password_hasher.h"
#include "services/directory/server/published_state.h"

namespace zvon::directory {

struct SessionUserInfo {
  std::string tenant_id, user_id, display_name, internal_number, language;
  std::vector<std::string> role_ids;
  std::set<std::string> permissions;
};

// Thread-safe and blocking.
class Sessions {
 public:
  struct Options {
    // Log-ins of demo tenants, whose passwords everybody knows.
    bool demo_enabled = false;
    absl::Duration lifetime = absl::Hours(12);
    // After so many failures of a login from an address …
    int failures_max = 10;
    absl::Duration failures_window = absl::Minutes(10);
    // … no try is looked at for so long.
    absl::Duration lock = absl::Minutes(1);
    // How long a token is believed without asking the database; a log-out on
    // another replica is told at once.
    absl::Duration cache_time = absl::Seconds(10);
  };
  Sessions(Options options, SessionStore& store, ResourceStore& resources,
           PasswordHasher& passwords, PublishedState& state, const Clock& clock);

  struct Session {
    std::string token;
    absl::Time expire_time;
    SessionUserInfo user;
  };
  struct Login {
    std::string tenant_id, login, password, client_address;
  };
  // UNAUTHENTICATED says nothing of which part was wrong; RESOURCE_EXHAUSTED
  // while the login is locked from this address, existing or not.
  absl::StatusOr<Session> Create(const Login& login);
  // UNAUTHENTICATED where expired, revoked or the user disabled. Goes on with
  // what it knows while the database is away.
  absl::StatusOr<Session> Verify(const std::string& token);
  absl::Status Remove(const std::string& token);

  // A notification of another replica: hexadecimal SHA-256 of a token.
  void Forget(const std::string& token_sha256_hex);
  void ForgetAll();

  // The user's rights now; NOT_FOUND where there is none or it is disabled.
  absl::StatusOr<SessionUserInfo> FindUser(const std::string& tenant_id,
                                           const std::string& user_id) const;

 private:
  struct Known {
    SessionRow row;
    absl::Time read_time;
  };
  absl::StatusOr<bool> PasswordMatches(const Login& login, std::string* user_id);
  void Remember(const std::string& hash, const Known& known);

  const Options options_;
  SessionStore& store_;
  ResourceStore& resources_;
  PasswordHasher& passwords_;
  PublishedState& state_;
  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Known> known_;  // By SHA-256 of the token.
};

}  // namespace zvon::directory
