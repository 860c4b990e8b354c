#include <catch2/catch.hpp>

#include <fstream>
#include <thread>

#include "services/common/db/database.h"
#include "services/common/testing/shared_postgres.h"

namespace zvon {
namespace {

std::unique_ptr<Database> Open(const std::string& dsn) {
  DatabaseSettings settings;
  settings.dsn = dsn;
  settings.schema = "shop";
  return Database::Make(settings);
}

void Write(const TempDir& dir, const std::string& name, const std::string& text) {
  std::ofstream(dir.path() + "/" + name) << text;
}

TEST_CASE("Migrations are applied once, in order, by replicas that start together") {
  const std::string dsn = SharedPostgres().NewDatabase();
  TempDir dir;
  Write(dir, "0002_row.sql", "INSERT INTO t VALUES (1); INSERT INTO t VALUES (2);");
  Write(dir, "0001_table.sql", "CREATE TABLE t (id int);");
  absl::Status first, second;
  std::thread other([&] { second = Migrate(*Open(dsn), "shop", dir.path()); });
  first = Migrate(*Open(dsn), "shop", dir.path());
  other.join();
  INFO(first << " " << second);
  REQUIRE((first.ok() && second.ok()));
  auto database = Open(dsn);
  CHECK(database->Run("SELECT count(*) FROM shop.t")->rows[0].Int(0) == 2);
  Write(dir, "0003_more.sql", "INSERT INTO t VALUES (3);");
  REQUIRE(Migrate(*database, "shop", dir.path()).ok());
  CHECK(database->Run("SELECT count(*) FROM t")->rows[0].Int(0) == 3);
}

TEST_CASE("A changed migration is refused by name, a broken one changes nothing") {
  auto database = Open(SharedPostgres().NewDatabase());
  TempDir dir;
  Write(dir, "0001_table.sql", "CREATE TABLE t (id int);");
  REQUIRE(Migrate(*database, "shop", dir.path()).ok());
  Write(dir, "0001_table.sql", "CREATE TABLE t (id bigint);");
  absl::Status changed = Migrate(*database, "shop", dir.path());
  CHECK(changed.code() == absl::StatusCode::kFailedPrecondition);
  CHECK(std::string(changed.message()).find("0001_table.sql") != std::string::npos);
  Write(dir, "0001_table.sql", "CREATE TABLE t (id int);");
  Write(dir, "0002_broken.sql", "INSERT INTO t VALUES (1); SELECT nonsense;");
  CHECK_FALSE(Migrate(*database, "shop", dir.path()).ok());
  CHECK(database->Run("SELECT count(*) FROM t")->rows[0].Int(0) == 0);
  CHECK(Migrate(*database, "shop", dir.path() + "/none").code() == absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace zvon
