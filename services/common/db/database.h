#pragma once
// PostgreSQL for durable records: a pool of blocking connections for threads
// that may block (never a loop), pipelined batches, migrations.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/common/settings/settings.h"

namespace zvon {

struct DatabaseSettings {
  // libpq connection string: "host=127.0.0.1 port=15432 dbname=zvon user=zvon".
  std::string dsn = "host=127.0.0.1 port=15432 dbname=zvon user=zvon";
  // Schema of the service: tables of one owner each. "directory", …
  std::string schema;
  int64_t connections = 4;
  absl::Duration statement_timeout = absl::Seconds(10);
  // Binds postgres.dsn (secret), postgres.connections, …
  void BindTo(SettingsReader& reader, std::string schema_name);
};

// Text form of one parameter; nullopt = NULL. Times by DbTime, bytes by DbBytes.
using DbValue = std::optional<std::string>;
using DbParams = std::vector<DbValue>;

class DbRow {
 public:
  explicit DbRow(std::vector<DbValue> values) : values_(std::move(values)) {}
  size_t size() const { return values_.size(); }
  bool IsNull(size_t i) const { return !values_[i].has_value(); }
  const std::string& Text(size_t i) const;  // "" for NULL.
  int64_t Int(size_t i) const;
  double Double(size_t i) const;
  bool Bool(size_t i) const;
  absl::Time Time(size_t i) const;    // timestamptz; InfinitePast for NULL.
  std::string Bytes(size_t i) const;  // bytea.

 private:
  std::vector<DbValue> values_;
};
struct DbResult {
  std::vector<DbRow> rows;
  int64_t affected = 0;
};

std::string DbTime(absl::Time t);
std::string DbBytes(std::string_view bytes);
std::string DbArray(const std::vector<std::string>& texts);  // text[]

// One connection, within Database::Transaction.
class DbSession {
 public:
  virtual ~DbSession() = default;
  // Bound parameters $1…; never build SQL from input. Prepared once per
  // connection and text.
  virtual absl::StatusOr<DbResult> Run(const std::string& sql, const DbParams& params = {}) = 0;
  // The same statement for many rows in one round trip (pipeline mode).
  virtual absl::Status RunMany(const std::string& sql, const std::vector<DbParams>& rows) = 0;
  // Several statements without parameters, as in a migration.
  virtual absl::Status RunScript(const std::string& sql) = 0;
};

// Thread-safe. Errors: UNAVAILABLE where the server cannot be reached (made
// anew by itself), ALREADY_EXISTS for unique violations, ABORTED for
// serialisation failures, DEADLINE_EXCEEDED for time-outs, FAILED_PRECONDITION
// for foreign keys and checks, INVALID_ARGUMENT for bad values.
class Database {
 public:
  static std::unique_ptr<Database> Make(DatabaseSettings settings);
  virtual ~Database() = default;
  virtual absl::StatusOr<DbResult> Run(const std::string& sql, const DbParams& params = {}) = 0;
  // Commits where `body` returns OK, else rolls back. Tried again (5 times)
  // where the server asks for it, so `body` has no effects of its own.
  virtual absl::Status Transaction(const std::function<absl::Status(DbSession&)>& body) = 0;
  // LISTEN on a connection of its own thread, until destruction; also called
  // with "" after each (re)connect.
  virtual void Listen(const std::string& channel,
                      std::function<void(const std::string&)> handler) = 0;
  virtual bool healthy() const = 0;
};

// Applies migrations/NNNN_name.sql of `folder` in order, each once, in a
// transaction, under an advisory lock; refuses a changed file that was applied.
absl::Status Migrate(Database& database, const std::string& schema, const std::string& folder);

}  // namespace zvon
