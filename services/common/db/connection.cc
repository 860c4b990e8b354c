#include "services/common/db/connection.h"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace zvon::internal {
namespace {

// Rows sent before their answers are read: both directions' buffers hold them.
constexpr size_t kPipelineRows = 256;

struct ResultDeleter {
  void operator()(PGresult* result) const { PQclear(result); }
};
using ResultPtr = std::unique_ptr<PGresult, ResultDeleter>;

std::vector<const char*> Pointers(const DbParams& params) {
  std::vector<const char*> out;
  for (const DbValue& value : params) out.push_back(value.has_value() ? value->c_str() : nullptr);
  return out;
}

DbResult ToResult(const PGresult* result) {
  DbResult out;
  out.affected = std::strtoll(PQcmdTuples(const_cast<PGresult*>(result)), nullptr, 10);
  const int rows = PQntuples(result), columns = PQnfields(result);
  out.rows.reserve(static_cast<size_t>(rows));
  for (int r = 0; r < rows; ++r) {
    std::vector<DbValue> values(static_cast<size_t>(columns));
    for (int c = 0; c < columns; ++c) {
      if (PQgetisnull(result, r, c)) continue;
      values[static_cast<size_t>(c)] =
          std::string(PQgetvalue(result, r, c), static_cast<size_t>(PQgetlength(result, r, c)));
    }
    out.rows.emplace_back(std::move(values));
  }
  return out;
}

bool Succeeded(const PGresult* result) {
  const ExecStatusType status = PQresultStatus(result);
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

std::string Trimmed(const char* text) {
  return std::string(absl::StripSuffix(text == nullptr ? "" : text, "\n"));
}

}  // namespace

void ConnectionDeleter::operator()(PGconn* connection) const { PQfinish(connection); }

absl::Status PgStatus(const std::string& sqlstate, const std::string& message) {
  using Code = absl::StatusCode;
  // Longest prefix first.
  static constexpr std::pair<const char*, Code> kCodes[] = {
      {"23505", Code::kAlreadyExists},     {"23", Code::kFailedPrecondition},
      {"40001", Code::kAborted},           {"40P01", Code::kAborted},
      {"55P03", Code::kAborted},           {"57014", Code::kDeadlineExceeded},
      {"25P03", Code::kDeadlineExceeded},  {"57P", Code::kUnavailable},
      {"53300", Code::kUnavailable},       {"53", Code::kResourceExhausted},
      {"08", Code::kUnavailable},          {"28", Code::kPermissionDenied},
      {"42501", Code::kPermissionDenied},  {"22", Code::kInvalidArgument},
      {"25006", Code::kUnavailable},       {"54", Code::kInvalidArgument},
      {"P0001", Code::kFailedPrecondition}};
  const std::string text = absl::StrCat("PostgreSQL ", sqlstate, ": ", message);
  for (const auto& [prefix, code] : kCodes) {
    if (absl::StartsWith(sqlstate, prefix)) return absl::Status(code, text);
  }
  return absl::InternalError(text);
}

absl::StatusOr<PgPtr> Connect(const DatabaseSettings& settings) {
  const std::string options = absl::StrCat(
      "-c timezone=UTC -c datestyle=ISO -c statement_timeout=",
      absl::ToInt64Milliseconds(settings.statement_timeout),
      settings.schema.empty() ? "" : absl::StrCat(" -c search_path=", settings.schema, ",public"));
  // What the connection string says comes later and wins.
  const char* names[] = {"connect_timeout",  "tcp_user_timeout", "keepalives_idle", "options",
                         "application_name", "client_encoding",  "dbname",          nullptr};
  const char* values[] = {
      "3", "10000", "10", options.c_str(), "zvon", "UTF8", settings.dsn.c_str(), nullptr};
  PgPtr connection(PQconnectdbParams(names, values, /*expand_dbname=*/1));
  if (connection == nullptr) return absl::ResourceExhaustedError("PostgreSQL: no memory");
  PQsetNoticeProcessor(
      connection.get(), [](void*, const char*) {}, nullptr);
  if (PQstatus(connection.get()) == CONNECTION_OK) return connection;
  return absl::UnavailableError(
      absl::StrCat("cannot connect to PostgreSQL: ", Trimmed(PQerrorMessage(connection.get()))));
}

bool Connection::Usable() {
  PGconn* pg = connection_.get();
  if (PQstatus(pg) != CONNECTION_OK || PQpipelineStatus(pg) != PQ_PIPELINE_OFF) return false;
  // Reads what has come without waiting: last words, then the closed end.
  pollfd socket = {PQsocket(pg), POLLIN, 0};
  for (int i = 0; i < 4 && poll(&socket, 1, 0) > 0; ++i) {
    if (PQconsumeInput(pg) != 1 || PQstatus(pg) != CONNECTION_OK) return false;
  }
  return poll(&socket, 1, 0) == 0;
}

absl::Status Connection::Failure(const PGresult* result) const {
  const char* state = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_SQLSTATE);
  if (state == nullptr) {
    return absl::UnavailableError(
        absl::StrCat("PostgreSQL: ", Trimmed(PQerrorMessage(connection_.get()))));
  }
  return PgStatus(state, Trimmed(PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY)));
}

absl::StatusOr<std::string> Connection::Prepare(const std::string& sql) {
  auto it = prepared_.find(sql);
  if (it != prepared_.end()) return it->second;
  const std::string name = absl::StrCat("s", prepared_.size() + 1);
  ResultPtr result(PQprepare(connection_.get(), name.c_str(), sql.c_str(), 0, nullptr));
  if (!Succeeded(result.get())) return Failure(result.get());
  prepared_.emplace(sql, name);
  return name;
}

absl::StatusOr<DbResult> Connection::Run(const std::string& sql, const DbParams& params) {
  auto name = Prepare(sql);
  if (!name.ok()) return name.status();
  const auto values = Pointers(params);
  ResultPtr result(PQexecPrepared(connection_.get(), name->c_str(), static_cast<int>(values.size()),
                                  values.data(), nullptr, nullptr, 0));
  if (!Succeeded(result.get())) return Failure(result.get());
  return ToResult(result.get());
}

absl::Status Connection::RunScript(const std::string& sql) {
  ResultPtr result(PQexec(connection_.get(), sql.c_str()));
  return Succeeded(result.get()) ? absl::OkStatus() : Failure(result.get());
}

absl::Status Connection::RunMany(const std::string& sql, const std::vector<DbParams>& rows) {
  if (rows.empty()) return absl::OkStatus();
  auto name = Prepare(sql);
  if (!name.ok()) return name.status();
  if (PQenterPipelineMode(connection_.get()) != 1) return Failure(nullptr);
  absl::Status status;
  for (size_t begin = 0; begin < rows.size() && status.ok(); begin += kPipelineRows) {
    status = SendRows(*name, rows, begin, std::min(rows.size(), begin + kPipelineRows));
  }
  if (PQexitPipelineMode(connection_.get()) != 1 && status.ok()) status = Failure(nullptr);
  return status;
}

absl::Status Connection::SendRows(const std::string& name, const std::vector<DbParams>& rows,
                                  size_t begin, size_t end) {
  for (size_t i = begin; i < end; ++i) {
    const auto values = Pointers(rows[i]);
    if (PQsendQueryPrepared(connection_.get(), name.c_str(), static_cast<int>(values.size()),
                            values.data(), nullptr, nullptr, 0) != 1) {
      return Failure(nullptr);
    }
  }
  if (PQpipelineSync(connection_.get()) != 1) return Failure(nullptr);
  return TakePipelineResults();
}

// One result and a null for each row, then that of the synchronisation. After
// the first error the server skips the rest up to there.
absl::Status Connection::TakePipelineResults() {
  absl::Status first_error;
  while (true) {
    ResultPtr result(PQgetResult(connection_.get()));
    if (result == nullptr) {
      if (PQstatus(connection_.get()) != CONNECTION_OK) return Failure(nullptr);
      continue;
    }
    const ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_PIPELINE_SYNC) return first_error;
    if (status == PGRES_PIPELINE_ABORTED || Succeeded(result.get())) continue;
    first_error.Update(Failure(result.get()));
  }
}

}  // namespace zvon::internal
