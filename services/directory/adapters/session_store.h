#pragma once
// The SQL of sessions and failed log-ins. Blocking.

#include <optional>
#include <string>

#include "services/common/db/database.h"

namespace zvon::directory {

struct SessionRow {
  std::string tenant_id, user_id;
  absl::Time expire_time;
};

class SessionStore {
 public:
  explicit SessionStore(Database& database) : database_(database) {}

  absl::Status Add(const std::string& token_sha256, const SessionRow& row,
                   const std::string& client_address, absl::Time now);
  // nullopt where there is none that has not expired.
  absl::StatusOr<std::optional<SessionRow>> Find(const std::string& token_sha256, absl::Time now);
  // Tells the other replicas.
  absl::Status Remove(const std::string& token_sha256);
  absl::Status DropExpired(absl::Time now);

  struct LoginKey {
    std::string tenant_id, login, client_address;
  };
  // InfinitePast where not locked.
  absl::StatusOr<absl::Time> LockedUntil(const LoginKey& key);
  // Counts one; locks until `locked_until` at the `failures_max`-th within `window`.
  absl::Status CountFailure(const LoginKey& key, absl::Time now, absl::Duration window,
                            int failures_max, absl::Time locked_until);
  absl::Status ForgetFailures(const LoginKey& key);

 private:
  Database& database_;
};

}  // namespace zvon::directory
