#include "services/directory/adapters/session_store.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace zvon::directory {

absl::Status SessionStore::Add(const std::string& token_sha256, const SessionRow& row,
                               const std::string& client_address, absl::Time now) {
  return database_
      .Run("INSERT INTO sessions VALUES ($1, $2, $3, $4, $5, $6)",
           {DbBytes(token_sha256), row.tenant_id, row.user_id, DbTime(now), DbTime(row.expire_time),
            client_address})
      .status();
}

absl::StatusOr<std::optional<SessionRow>> SessionStore::Find(const std::string& token_sha256,
                                                             absl::Time now) {
  auto result = database_.Run(
      "SELECT tenant_id, user_id, expire_time FROM sessions WHERE token_sha256 = $1 AND "
      "expire_time > $2",
      {DbBytes(token_sha256), DbTime(now)});
  if (!result.ok()) return result.status();
  if (result->rows.empty()) return std::nullopt;
  const DbRow& row = result->rows[0];
  return std::optional<SessionRow>(SessionRow{row.Text(0), row.Text(1), row.Time(2)});
}

absl::Status SessionStore::Remove(const std::string& token_sha256) {
  absl::Status status =
      database_.Run("DELETE FROM sessions WHERE token_sha256 = $1", {DbBytes(token_sha256)})
          .status();
  if (!status.ok()) return status;
  return database_
      .Run("SELECT pg_notify('directory_sessions', $1)", {absl::BytesToHexString(token_sha256)})
      .status();
}

absl::Status SessionStore::DropExpired(absl::Time now) {
  absl::Status status =
      database_.Run("DELETE FROM sessions WHERE expire_time <= $1", {DbTime(now)}).status();
  if (!status.ok()) return status;
  return database_
      .Run("DELETE FROM login_failures WHERE update_time < $1", {DbTime(now - absl::Hours(1))})
      .status();
}

absl::StatusOr<absl::Time> SessionStore::LockedUntil(const LoginKey& key) {
  auto result = database_.Run(
      "SELECT locked_until FROM login_failures WHERE tenant_id = $1 AND login = $2 AND "
      "client_address = $3",
      {key.tenant_id, key.login, key.client_address});
  if (!result.ok()) return result.status();
  return result->rows.empty() ? absl::InfinitePast() : result->rows[0].Time(0);
}

absl::Status SessionStore::CountFailure(const LoginKey& key, absl::Time now, absl::Duration window,
                                        int failures_max, absl::Time locked_until) {
  return database_
      .Run(
          "INSERT INTO login_failures AS f VALUES ($1, $2, $3, 1, $4, NULL) "
          "ON CONFLICT (tenant_id, login, client_address) DO UPDATE SET "
          "failures = CASE WHEN f.update_time < $5 THEN 1 "
          "WHEN f.failures + 1 >= $6 THEN 0 ELSE f.failures + 1 END, "
          "locked_until = CASE WHEN f.update_time >= $5 AND f.failures + 1 >= $6 "
          "THEN $7::timestamptz ELSE f.locked_until END, update_time = $4",
          {key.tenant_id, key.login, key.client_address, DbTime(now), DbTime(now - window),
           absl::StrCat(failures_max), DbTime(locked_until)})
      .status();
}

absl::Status SessionStore::ForgetFailures(const LoginKey& key) {
  return database_
      .Run("DELETE FROM login_failures WHERE tenant_id = $1 AND login = $2 AND client_address = $3",
           {key.tenant_id, key.login, key.client_address})
      .status();
}

}  // namespace zvon::directory
