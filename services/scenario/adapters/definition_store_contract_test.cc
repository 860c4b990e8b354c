// What every definition store keeps to, asked of the one in memory and of
// PostgreSQL's.

#include <atomic>
#include <catch2/catch.hpp>
#include <mutex>

#include "services/common/testing/temp_dir.h"
#include "services/common/testing/test_postgres.h"
#include "services/scenario/adapters/memory_definition_store.h"
#include "services/scenario/adapters/postgres_definition_store.h"

namespace zvon::scenario {
namespace {

TestPostgres& Postgres() {
  static TestPostgres postgres;
  return postgres;
}

struct Bench {
  explicit Bench(bool real) {
    if (!real) {
      store = std::make_unique<MemoryDefinitionStore>();
      return;
    }
    DatabaseSettings settings;
    settings.dsn = Postgres().NewDatabase();
    settings.schema = "scenario";
    database = Database::Make(settings);
    const absl::Status migrated = Migrate(*database, "scenario", ZVON_SCENARIO_MIGRATIONS);
    INFO(migrated);
    REQUIRE(migrated.ok());
    store = MakePostgresDefinitionStore(*database);
  }
  std::unique_ptr<Database> database;
  std::unique_ptr<DefinitionStore> store;
};

const ScenarioKey kWelcome{"demo", "welcome"};

v1::ScenarioDefinition Definition(const std::string& start) {
  v1::ScenarioDefinition out;
  out.set_language("ru");
  out.set_start_step(start);
  out.add_steps()->set_id(start);
  out.mutable_steps(0)->mutable_hang_up();
  (*out.mutable_variables())["город"] = "Москва";
  return out;
}
absl::Status Fine(const v1::ScenarioDefinition&) { return absl::OkStatus(); }

TEST_CASE("definition stores keep drafts and immutable versions") {
  Bench bench(GENERATE(false, true));
  DefinitionStore& store = *bench.store;

  CHECK(absl::IsNotFound(store.GetVersion(kWelcome, DefinitionStore::kDraft).status()));
  CHECK(absl::IsNotFound(store.Publish(kWelcome, "u", Fine).status()));
  auto saved = store.SaveDraft(kWelcome, "Привет", Definition("a"), "users/admin");
  INFO(saved.status());
  REQUIRE(saved.ok());
  CHECK(saved->display_name() == "Привет");
  CHECK(saved->published_version() == 0);
  CHECK(absl::IsNotFound(store.GetVersion(kWelcome, DefinitionStore::kPublished).status()));
  CHECK(store.GetVersion(kWelcome, DefinitionStore::kDraft)->definition().start_step() == "a");
  CHECK(store.ListPublished()->empty());

  auto first = store.Publish(kWelcome, "users/admin", Fine);
  INFO(first.status());
  REQUIRE(first.ok());
  CHECK(first->version() == 1);
  CHECK(first->author() == "users/admin");
  CHECK(first->definition().variables().at("город") == "Москва");
  // Again without a change: nothing new.
  CHECK(store.Publish(kWelcome, "users/admin", Fine)->version() == 1);

  REQUIRE(store.SaveDraft(kWelcome, "Привет", Definition("b"), "users/admin").ok());
  CHECK(store.GetVersion(kWelcome, DefinitionStore::kPublished)->definition().start_step() == "a");
  CHECK(store.Publish(kWelcome, "users/other", Fine)->version() == 2);
  CHECK(store.GetVersion(kWelcome, 1)->definition().start_step() == "a");
  CHECK(store.GetVersion(kWelcome, DefinitionStore::kPublished)->definition().start_step() == "b");
  CHECK(absl::IsNotFound(store.GetVersion(kWelcome, 3).status()));
}

TEST_CASE("a refused publication changes nothing") {
  Bench bench(GENERATE(false, true));
  REQUIRE(bench.store->SaveDraft(kWelcome, "", Definition("a"), "u").ok());
  const auto refuse = [](const v1::ScenarioDefinition&) {
    return absl::FailedPreconditionError("no");
  };
  CHECK(absl::IsFailedPrecondition(bench.store->Publish(kWelcome, "u", refuse).status()));
  CHECK(absl::IsNotFound(bench.store->GetVersion(kWelcome, DefinitionStore::kPublished).status()));
}

TEST_CASE("lists are a tenant's own, the published everybody's") {
  Bench bench(GENERATE(false, true));
  for (const char* id : {"b", "a"})
    REQUIRE(bench.store->SaveDraft({"demo", id}, id, Definition("x"), "u").ok());
  REQUIRE(bench.store->SaveDraft({"other", "c"}, "c", Definition("x"), "u").ok());
  auto list = bench.store->List("demo");
  REQUIRE(list.ok());
  REQUIRE(list->size() == 2);
  CHECK(list->at(0).scenario_id() == "a");
  REQUIRE(bench.store->Publish({"demo", "a"}, "u", Fine).ok());
  REQUIRE(bench.store->Publish({"other", "c"}, "u", Fine).ok());
  CHECK(bench.store->ListPublished()->size() == 2);
}

TEST_CASE("watchers hear of publications") {
  Bench bench(GENERATE(false, true));
  std::mutex mutex;
  std::vector<ScenarioKey> heard;
  std::atomic<int> count{0};
  std::atomic<bool> ready{bench.database == nullptr};
  bench.store->Watch([&](const ScenarioKey& key) {
    if (key.scenario_id.empty()) {
      ready = true;
      return;
    }
    std::lock_guard lock(mutex);
    heard.push_back(key);
    ++count;
  });
  REQUIRE(WaitUntil([&] { return ready.load(); }));
  REQUIRE(bench.store->SaveDraft(kWelcome, "", Definition("a"), "u").ok());
  REQUIRE(bench.store->Publish(kWelcome, "u", Fine).ok());
  REQUIRE(WaitUntil([&] { return count > 0; }));
  std::lock_guard lock(mutex);
  CHECK(heard.at(0) == kWelcome);
  // The listener's thread must not outlive what it writes to.
  bench.store.reset();
  bench.database.reset();
}

TEST_CASE("PostgreSQL itself refuses to change a published version") {
  Bench bench(true);
  REQUIRE(bench.store->SaveDraft(kWelcome, "", Definition("a"), "u").ok());
  REQUIRE(bench.store->Publish(kWelcome, "u", Fine).ok());
  CHECK_FALSE(bench.database->Run("UPDATE scenario.versions SET author = 'x'").ok());
}

}  // namespace
}  // namespace zvon::scenario
