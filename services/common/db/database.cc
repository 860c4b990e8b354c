#include "services/common/db/database.h"

#include <atomic>
#include <condition_variable>
#include <mutex>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/common/db/connection.h"
#include "services/common/db/listener.h"

namespace zvon {
namespace {

using internal::Connection;
using internal::Listener;

constexpr int kTransactionTries = 5;
constexpr absl::Duration kRetryPause = absl::Milliseconds(5);

class PgDatabase final : public Database {
 public:
  explicit PgDatabase(DatabaseSettings settings) : settings_(std::move(settings)) {}

  absl::StatusOr<DbResult> Run(const std::string& sql, const DbParams& params) override {
    auto connection = Take();
    if (!connection.ok()) return connection.status();
    auto result = (*connection)->Run(sql, params);
    Give(std::move(*connection), result.status());
    return result;
  }

  absl::Status Transaction(const std::function<absl::Status(DbSession&)>& body) override {
    absl::Status status;
    absl::BitGen random;
    for (int attempt = 1; attempt <= kTransactionTries; ++attempt) {
      status = TryTransaction(body);
      if (status.code() != absl::StatusCode::kAborted) return status;
      // Two that met once should not meet again.
      absl::SleepFor(kRetryPause * attempt * absl::Uniform(random, 0.5, 1.5));
    }
    return status;
  }

  void Listen(const std::string& channel,
              std::function<void(const std::string&)> handler) override {
    std::lock_guard<std::mutex> lock(mutex_);
    listeners_.push_back(std::make_unique<Listener>(settings_, channel, std::move(handler)));
  }

  bool healthy() const override { return healthy_; }

 private:
  absl::Status TryTransaction(const std::function<absl::Status(DbSession&)>& body) {
    auto connection = Take();
    if (!connection.ok()) return connection.status();
    Connection& session = **connection;
    absl::Status status = session.RunScript("BEGIN");
    if (status.ok()) status = body(session);
    if (status.ok()) {
      status = session.RunScript("COMMIT");
    } else if (!session.RunScript("ROLLBACK").ok()) {
      connection->reset();  // Closing it rolls back as well.
    }
    Give(std::move(*connection), status);
    return status;
  }

  absl::StatusOr<std::unique_ptr<Connection>> Take() {
    std::unique_lock<std::mutex> lock(mutex_);
    const auto limit = absl::ToChronoMilliseconds(settings_.statement_timeout);
    if (!freed_.wait_for(lock, limit, [this] { return in_use_ < settings_.connections; })) {
      return absl::DeadlineExceededError("PostgreSQL: all connections of the pool are busy");
    }
    ++in_use_;
    std::unique_ptr<Connection> connection;
    if (!idle_.empty()) {
      connection = std::move(idle_.back());
      idle_.pop_back();
    }
    lock.unlock();
    if (connection != nullptr && connection->Usable()) return connection;
    auto fresh = internal::Connect(settings_);
    if (fresh.ok()) return std::make_unique<Connection>(std::move(*fresh));
    Give(nullptr, fresh.status());
    return fresh.status();
  }

  void Give(std::unique_ptr<Connection> connection, const absl::Status& status) {
    healthy_ = status.code() != absl::StatusCode::kUnavailable;
    const bool keep = connection != nullptr && connection->Usable();
    std::lock_guard<std::mutex> lock(mutex_);
    --in_use_;
    if (keep) idle_.push_back(std::move(connection));
    freed_.notify_one();
  }

  const DatabaseSettings settings_;
  std::atomic<bool> healthy_{true};
  std::mutex mutex_;
  std::condition_variable freed_;
  int64_t in_use_ = 0;
  std::vector<std::unique_ptr<Connection>> idle_;  // The last used is used first.
  std::vector<std::unique_ptr<Listener>> listeners_;
};

}  // namespace

void DatabaseSettings::BindTo(SettingsReader& reader, std::string schema_name) {
  schema = std::move(schema_name);
  reader.BindSecret("postgres.dsn", &dsn, "PostgreSQL connection string of libpq");
  reader.Bind("postgres.connections", &connections, "Most connections of the pool", 1, 1000);
  reader.Bind("postgres.statement_timeout", &statement_timeout, "Longest time of one statement");
}

std::unique_ptr<Database> Database::Make(DatabaseSettings settings) {
  return std::make_unique<PgDatabase>(std::move(settings));
}

}  // namespace zvon
