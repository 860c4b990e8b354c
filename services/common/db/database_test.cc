#include "services/common/db/database.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <mutex>
#include <thread>

#include "absl/strings/str_cat.h"
#include "services/common/testing/shared_postgres.h"

namespace zvon {
namespace {

using Code = absl::StatusCode;

std::unique_ptr<Database> Open(const std::string& dsn, int64_t connections = 4) {
  DatabaseSettings settings;
  settings.dsn = dsn;
  settings.connections = connections;
  settings.statement_timeout = absl::Seconds(2);
  return Database::Make(settings);
}

TEST_CASE("Values go in and come out") {
  auto database = Open(SharedPostgres().NewDatabase());
  const absl::Time time = absl::FromUnixMicros(1'764'000'000'123'456);
  const std::string bytes("\0\xff\\x", 4);
  auto result = database->Run(
      "SELECT $1::timestamptz, $2::bytea, $3::bigint, $4::float8, $5::bool, $6::text, "
      "$7::text[] @> ARRAY['a\"b', 'c\\d', '']",
      {DbTime(time), DbBytes(bytes), "-42", "1.5", "t", std::nullopt,
       DbArray({"a\"b", "c\\d", ""})});
  REQUIRE(result.ok());
  const DbRow& row = result->rows.at(0);
  CHECK(row.Time(0) == time);
  CHECK(row.Bytes(1) == bytes);
  CHECK(row.Int(2) == -42);
  CHECK(row.Double(3) == 1.5);
  CHECK(row.Bool(4));
  CHECK(row.IsNull(5));
  CHECK(row.Bool(6));
}

TEST_CASE("Infinite times survive") {
  auto database = Open(SharedPostgres().NewDatabase());
  auto result = database->Run("SELECT $1::timestamptz, $2::timestamptz, NULL::timestamptz",
                              {DbTime(absl::InfiniteFuture()), DbTime(absl::InfinitePast())});
  REQUIRE(result.ok());
  CHECK(result->rows[0].Time(0) == absl::InfiniteFuture());
  CHECK(result->rows[0].Time(1) == absl::InfinitePast());
  CHECK(result->rows[0].Time(2) == absl::InfinitePast());
}

TEST_CASE("Errors are told by their kind") {
  auto database = Open(SharedPostgres().NewDatabase());
  REQUIRE(database
              ->Run("CREATE TABLE t (id int PRIMARY KEY, n int CHECK (n > 0), "
                    "parent int REFERENCES t)")
              .ok());
  auto code = [&](const std::string& sql, const DbParams& params = {}) {
    return database->Run(sql, params).status().code();
  };
  const std::string insert = "INSERT INTO t (id, n, parent) VALUES ($1, $2, $3)";
  CHECK(code(insert, {"1", "1", std::nullopt}) == Code::kOk);
  CHECK(code(insert, {"1", "1", std::nullopt}) == Code::kAlreadyExists);
  CHECK(code(insert, {"2", "0", std::nullopt}) == Code::kFailedPrecondition);
  CHECK(code(insert, {"2", "1", "7"}) == Code::kFailedPrecondition);
  CHECK(code(insert, {"x", "1", std::nullopt}) == Code::kInvalidArgument);
  CHECK(code("SELECT nonsense") == Code::kInternal);
  CHECK(code("SELECT pg_sleep(30)") == Code::kDeadlineExceeded);
  CHECK(code("SELECT 1") == Code::kOk);
}

TEST_CASE("A transaction commits on OK and rolls back on an error") {
  auto database = Open(SharedPostgres().NewDatabase());
  REQUIRE(database->Run("CREATE TABLE t (id int)").ok());
  CHECK(database
            ->Transaction([](DbSession& session) {
              REQUIRE(session.Run("INSERT INTO t VALUES (1)").ok());
              return absl::CancelledError("changed my mind");
            })
            .code() == Code::kCancelled);
  CHECK(database
            ->Transaction(
                [](DbSession& session) { return session.Run("INSERT INTO t VALUES (2)").status(); })
            .ok());
  auto rows = database->Run("SELECT id FROM t");
  REQUIRE(rows.ok());
  REQUIRE(rows->rows.size() == 1);
  CHECK(rows->rows[0].Int(0) == 2);
}

TEST_CASE("Colliding serialisable transactions are tried again") {
  auto database = Open(SharedPostgres().NewDatabase());
  REQUIRE(database->Run("CREATE TABLE t AS SELECT 0 AS n").ok());
  std::atomic<int> tries{0}, failures{0};
  auto add = [&] {
    absl::Status status = database->Transaction([&](DbSession& session) {
      ++tries;
      absl::Status set = session.RunScript("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE");
      if (!set.ok()) return set;
      auto n = session.Run("SELECT n FROM t");
      if (!n.ok()) return n.status();
      return session.Run("UPDATE t SET n = $1", {absl::StrCat(n->rows[0].Int(0) + 1)}).status();
    });
    if (!status.ok()) ++failures;
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) threads.emplace_back(add);
  for (std::thread& thread : threads) thread.join();
  CHECK(failures == 0);
  CHECK(database->Run("SELECT n FROM t")->rows[0].Int(0) == 3);
}

TEST_CASE("Many rows go in one pipeline, all or none within a transaction") {
  auto database = Open(SharedPostgres().NewDatabase());
  REQUIRE(database->Run("CREATE TABLE t (id int PRIMARY KEY, text text)").ok());
  std::vector<DbParams> rows;
  for (int i = 0; i < 5000; ++i) rows.push_back({absl::StrCat(i), std::string(100, 'x')});
  auto insert = [&](DbSession& session) {
    return session.RunMany("INSERT INTO t VALUES ($1, $2)", rows);
  };
  REQUIRE(database->Transaction(insert).ok());
  CHECK(database->Run("SELECT count(*) FROM t")->rows[0].Int(0) == 5000);
  for (DbParams& row : rows) row[0] = absl::StrCat(std::stoi(*row[0]) + 10'000);
  rows[700][0] = "3";
  CHECK(database->Transaction(insert).code() == Code::kAlreadyExists);
  CHECK(database->Run("SELECT count(*) FROM t")->rows[0].Int(0) == 5000);
}

TEST_CASE("The pool is bounded and survives a crash of the server") {
  TestPostgres server;
  auto database = Open(server.dsn(), 2);
  REQUIRE(database->Run("SELECT 1").ok());
  CHECK(database->healthy());
  server.Kill();
  CHECK(database->Run("SELECT 1").status().code() == Code::kUnavailable);
  CHECK_FALSE(database->healthy());
  server.Restart();
  CHECK(database->Run("SELECT 1").ok());
  CHECK(database->healthy());
  std::vector<std::thread> threads;
  std::atomic<int> ok{0};
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] { ok += database->Run("SELECT pg_sleep(0.02)").ok() ? 1 : 0; });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(ok == 8);
  CHECK(database
            ->Run("SELECT count(*) FROM pg_stat_activity WHERE usename = 'zvon' AND "
                  "application_name = 'zvon'")
            ->rows[0]
            .Int(0) <= 2);
}

TEST_CASE("Notifications arrive, and a blank one after each connect") {
  TestPostgres server;
  auto database = Open(server.dsn());
  std::mutex mutex;
  std::vector<std::string> got;
  database->Listen("news", [&](const std::string& payload) {
    std::lock_guard<std::mutex> lock(mutex);
    got.push_back(payload);
  });
  auto count = [&](const std::string& payload) {
    std::lock_guard<std::mutex> lock(mutex);
    return std::count(got.begin(), got.end(), payload);
  };
  REQUIRE(WaitUntil([&] { return count("") == 1; }));
  REQUIRE(database->Run("SELECT pg_notify('news', 'one')").ok());
  REQUIRE(WaitUntil([&] { return count("one") == 1; }));
  server.Restart();
  REQUIRE(WaitUntil([&] { return count("") == 2; }));
  REQUIRE(database->Run("SELECT pg_notify('news', 'two')").ok());
  CHECK(WaitUntil([&] { return count("two") == 1; }));
}

}  // namespace
}  // namespace zvon
