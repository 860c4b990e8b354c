#pragma once
// One libpq connection. Of this library only.

#include <memory>
#include <string>
#include <unordered_map>

#include "services/common/db/database.h"

typedef struct pg_conn PGconn;
typedef struct pg_result PGresult;

namespace zvon::internal {

struct ConnectionDeleter {
  void operator()(PGconn* connection) const;
};
using PgPtr = std::unique_ptr<PGconn, ConnectionDeleter>;

// Connects with the settings' time limits, ISO times in UTC and the schema
// first in the search path.
absl::StatusOr<PgPtr> Connect(const DatabaseSettings& settings);

// By SQLSTATE; the message names the state, never a parameter.
absl::Status PgStatus(const std::string& sqlstate, const std::string& message);

class Connection final : public DbSession {
 public:
  explicit Connection(PgPtr connection) : connection_(std::move(connection)) {}

  absl::StatusOr<DbResult> Run(const std::string& sql, const DbParams& params) override;
  absl::Status RunMany(const std::string& sql, const std::vector<DbParams>& rows) override;
  absl::Status RunScript(const std::string& sql) override;

  // False once the server has closed it, found without asking the server.
  bool Usable();

 private:
  absl::StatusOr<std::string> Prepare(const std::string& sql);
  absl::Status SendRows(const std::string& name, const std::vector<DbParams>& rows, size_t begin,
                        size_t end);
  absl::Status TakePipelineResults();
  absl::Status Failure(const PGresult* result) const;

  PgPtr connection_;
  std::unordered_map<std::string, std::string> prepared_;  // Name by text.
};

}  // namespace zvon::internal
