#include <openssl/sha.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "services/common/db/database.h"
#include "services/common/telemetry/log.h"

namespace zvon {
namespace {

struct Migration {
  std::string name;
  std::string sql;
  std::string sha256;
};

std::string Sha256Hex(const std::string& text) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<char*>(digest), sizeof(digest)));
}

absl::StatusOr<std::vector<Migration>> ReadFolder(const std::string& folder) {
  std::vector<Migration> migrations;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() != ".sql") continue;
    std::ifstream file(entry.path());
    std::stringstream text;
    text << file.rdbuf();
    migrations.push_back({entry.path().filename(), text.str(), Sha256Hex(text.str())});
  }
  if (error)
    return absl::NotFoundError(absl::StrCat("cannot read ", folder, ": ", error.message()));
  std::sort(migrations.begin(), migrations.end(),
            [](const Migration& a, const Migration& b) { return a.name < b.name; });
  return migrations;
}

// Schemas are named by us, never by input.
bool IsPlainName(const std::string& name) {
  return !name.empty() &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos;
}

absl::Status Apply(DbSession& session, const std::string& schema, const Migration& migration) {
  auto known = session.Run(
      absl::StrCat("SELECT sha256 FROM ", schema, ".migrations WHERE name = $1"), {migration.name});
  if (!known.ok()) return known.status();
  if (!known->rows.empty()) {
    if (known->rows[0].Text(0) == migration.sha256) return absl::OkStatus();
    return absl::FailedPreconditionError(absl::StrCat("migration ", schema, "/", migration.name,
                                                      " was changed after it had been applied"));
  }
  absl::Status status = session.RunScript(migration.sql);
  if (!status.ok()) {
    return absl::Status(status.code(), absl::StrCat("migration ", schema, "/", migration.name, ": ",
                                                    status.message()));
  }
  LogInfo("migration applied", {{"schema", schema}, {"name", migration.name}});
  return session
      .Run(absl::StrCat("INSERT INTO ", schema, ".migrations (name, sha256) VALUES ($1, $2)"),
           {migration.name, migration.sha256})
      .status();
}

}  // namespace

absl::Status Migrate(Database& database, const std::string& schema, const std::string& folder) {
  if (!IsPlainName(schema))
    return absl::InvalidArgumentError(absl::StrCat("bad schema name ", schema));
  auto migrations = ReadFolder(folder);
  if (!migrations.ok()) return migrations.status();
  // One transaction for all: replicas that start together wait for the first.
  return database.Transaction([&](DbSession& session) {
    absl::Status status =
        session.Run("SELECT pg_advisory_xact_lock(hashtext($1))", {"zvon.migrate." + schema})
            .status();
    if (status.ok()) {
      status = session.RunScript(
          absl::StrCat("SET LOCAL client_min_messages = warning; SET LOCAL statement_timeout = 0;"
                       "CREATE SCHEMA IF NOT EXISTS ",
                       schema,
                       ";"
                       "SET LOCAL search_path = ",
                       schema,
                       ", public;"
                       "CREATE TABLE IF NOT EXISTS ",
                       schema,
                       ".migrations (name text PRIMARY KEY, "
                       "sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"));
    }
    for (const Migration& migration : *migrations) {
      if (status.ok()) status = Apply(session, schema, migration);
    }
    return status;
  });
}

}  // namespace zvon
