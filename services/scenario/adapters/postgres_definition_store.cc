#include "services/scenario/adapters/postgres_definition_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/telemetry/log.h"
#include "services/scenario/adapters/definition_bytes.h"

namespace zvon::scenario {
namespace {

// A notification's payload is "tenant/scenario": neither has a slash.
constexpr char kChannel[] = "scenario_published";

constexpr char kScenarioColumns[] =
    "tenant_id, scenario_id, display_name, published_version, update_time";
constexpr char kVersionColumns[] =
    "v.tenant_id, v.scenario_id, v.version, v.definition, v.author, v.publish_time";

void FillTime(absl::Time t, google::protobuf::Timestamp* out) {
  if (t == absl::InfinitePast()) return;
  const int64_t micros = absl::ToUnixMicros(t);
  out->set_seconds(micros / 1'000'000);
  out->set_nanos(static_cast<int32_t>(micros % 1'000'000) * 1000);
}

v1::Scenario ReadScenario(const DbRow& row) {
  v1::Scenario out;
  out.set_tenant_id(row.Text(0));
  out.set_scenario_id(row.Text(1));
  out.set_display_name(row.Text(2));
  out.set_published_version(static_cast<int32_t>(row.Int(3)));
  FillTime(row.Time(4), out.mutable_update_time());
  return out;
}

absl::StatusOr<v1::ScenarioVersion> ReadVersion(const DbRow& row) {
  absl::StatusOr<v1::ScenarioDefinition> definition = DefinitionFromJson(row.Text(3));
  if (!definition.ok()) return definition.status();
  v1::ScenarioVersion out;
  out.set_tenant_id(row.Text(0));
  out.set_scenario_id(row.Text(1));
  out.set_version(static_cast<int32_t>(row.Int(2)));
  *out.mutable_definition() = *std::move(definition);
  out.set_author(row.Text(4));
  if (!row.IsNull(5)) FillTime(row.Time(5), out.mutable_publish_time());
  return out;
}

absl::Status Missing(const ScenarioKey& key, const std::string& what) {
  return absl::NotFoundError(absl::StrCat("tenant ", key.tenant_id, " has no ", what,
                                          " of scenario \"", key.scenario_id, "\""));
}

class PostgresDefinitionStore final : public DefinitionStore {
 public:
  explicit PostgresDefinitionStore(Database& database) : database_(database) {}

  absl::StatusOr<v1::Scenario> SaveDraft(const ScenarioKey& key, const std::string& display_name,
                                         const v1::ScenarioDefinition& definition,
                                         const std::string& author) override {
    absl::StatusOr<DbResult> result = database_.Run(
        absl::StrCat(
            "INSERT INTO scenario.scenarios (tenant_id, scenario_id, display_name, draft, "
            "draft_author) "
            "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (tenant_id, scenario_id) DO UPDATE SET "
            "display_name = EXCLUDED.display_name, draft = EXCLUDED.draft, "
            "draft_author = EXCLUDED.draft_author, update_time = now() RETURNING ",
            kScenarioColumns),
        {key.tenant_id, key.scenario_id, display_name, DefinitionToJson(definition), author});
    if (!result.ok()) return result.status();
    return ReadScenario(result->rows.at(0));
  }

  absl::StatusOr<v1::ScenarioVersion> Publish(const ScenarioKey& key, const std::string& author,
                                              const Check& check) override {
    v1::ScenarioVersion out;
    absl::Status status = database_.Transaction([&](DbSession& session) {
      absl::StatusOr<v1::ScenarioVersion> published = PublishIn(session, key, author, check);
      if (published.ok()) out = *std::move(published);
      return published.status();
    });
    if (!status.ok()) return status;
    return out;
  }

  absl::StatusOr<v1::ScenarioVersion> GetVersion(const ScenarioKey& key, int version) override {
    if (version == kDraft) {
      return One(
          database_.Run(
              "SELECT tenant_id, scenario_id, 0, draft, draft_author, NULL FROM scenario.scenarios "
              "WHERE tenant_id = $1 AND scenario_id = $2",
              {key.tenant_id, key.scenario_id}),
          key, "draft");
    }
    const std::string sql = absl::StrCat(
        "SELECT ", kVersionColumns,
        " FROM scenario.versions v JOIN scenario.scenarios s USING (tenant_id, scenario_id) "
        "WHERE v.tenant_id = $1 AND v.scenario_id = $2 AND v.version = CASE WHEN $3::int < 0 THEN "
        "s.published_version "
        "ELSE $3::int END");
    return One(database_.Run(sql, {key.tenant_id, key.scenario_id, absl::StrCat(version)}), key,
               version == kPublished ? "published version" : absl::StrCat("version ", version));
  }

  absl::StatusOr<std::vector<v1::Scenario>> List(const std::string& tenant_id) override {
    absl::StatusOr<DbResult> result = database_.Run(
        absl::StrCat("SELECT ", kScenarioColumns,
                     " FROM scenario.scenarios WHERE tenant_id = $1 ORDER BY scenario_id"),
        {tenant_id});
    if (!result.ok()) return result.status();
    std::vector<v1::Scenario> out;
    for (const DbRow& row : result->rows) out.push_back(ReadScenario(row));
    return out;
  }

  absl::StatusOr<std::vector<v1::ScenarioVersion>> ListPublished() override {
    absl::StatusOr<DbResult> result = database_.Run(absl::StrCat(
        "SELECT ", kVersionColumns,
        " FROM scenario.versions v JOIN scenario.scenarios s ON s.tenant_id = v.tenant_id "
        "AND s.scenario_id = v.scenario_id AND s.published_version = v.version ORDER BY 1, 2"));
    if (!result.ok()) return result.status();
    std::vector<v1::ScenarioVersion> out;
    for (const DbRow& row : result->rows) {
      absl::StatusOr<v1::ScenarioVersion> version = ReadVersion(row);
      if (!version.ok()) return version.status();
      out.push_back(*std::move(version));
    }
    return out;
  }

  void Watch(std::function<void(const ScenarioKey&)> handler) override {
    database_.Listen(kChannel, [handler = std::move(handler)](const std::string& payload) {
      const size_t slash = payload.find('/');
      if (slash == std::string::npos) return handler({});
      handler({payload.substr(0, slash), payload.substr(slash + 1)});
    });
  }

 private:
  static absl::StatusOr<v1::ScenarioVersion> One(const absl::StatusOr<DbResult>& result,
                                                 const ScenarioKey& key, const std::string& what) {
    if (!result.ok()) return result.status();
    if (result->rows.empty()) return Missing(key, what);
    return ReadVersion(result->rows[0]);
  }

  // The scenario's row is locked, so that two publications take turns.
  static absl::StatusOr<v1::ScenarioVersion> PublishIn(DbSession& session, const ScenarioKey& key,
                                                       const std::string& author,
                                                       const Check& check) {
    absl::StatusOr<v1::ScenarioVersion> draft = One(
        session.Run("SELECT tenant_id, scenario_id, published_version, draft, draft_author, NULL "
                    "FROM scenario.scenarios WHERE tenant_id = $1 AND scenario_id = $2 FOR UPDATE",
                    {key.tenant_id, key.scenario_id}),
        key, "draft");
    if (!draft.ok()) return draft;
    if (absl::Status checked = check(draft->definition()); !checked.ok()) return checked;
    const int current = draft->version();
    if (current != 0) {
      absl::StatusOr<v1::ScenarioVersion> published = One(
          session.Run(absl::StrCat(
                          "SELECT ", kVersionColumns,
                          " FROM scenario.versions v WHERE v.tenant_id = $1 AND v.scenario_id = $2 "
                          "AND v.version = $3"),
                      {key.tenant_id, key.scenario_id, absl::StrCat(current)}),
          key, "published version");
      if (!published.ok() || SameDefinition(published->definition(), draft->definition()))
        return published;
    }
    return InsertVersion(session, key, current + 1, draft->definition(), author);
  }

  static absl::StatusOr<v1::ScenarioVersion> InsertVersion(DbSession& session,
                                                           const ScenarioKey& key, int version,
                                                           const v1::ScenarioDefinition& definition,
                                                           const std::string& author) {
    absl::StatusOr<DbResult> inserted = session.Run(
        "INSERT INTO scenario.versions AS v (tenant_id, scenario_id, version, definition, author) "
        "VALUES ($1, $2, $3, $4, $5) RETURNING v.tenant_id, v.scenario_id, v.version, "
        "v.definition, v.author, "
        "v.publish_time",
        {key.tenant_id, key.scenario_id, absl::StrCat(version), DefinitionToJson(definition),
         author});
    if (!inserted.ok()) return inserted.status();
    absl::StatusOr<DbResult> pointed = session.Run(
        "UPDATE scenario.scenarios SET published_version = $3, update_time = now() "
        "WHERE tenant_id = $1 AND scenario_id = $2",
        {key.tenant_id, key.scenario_id, absl::StrCat(version)});
    if (!pointed.ok()) return pointed.status();
    absl::StatusOr<DbResult> told = session.Run(
        "SELECT pg_notify($1, $2)", {kChannel, absl::StrCat(key.tenant_id, "/", key.scenario_id)});
    if (!told.ok()) return told.status();
    return ReadVersion(inserted->rows.at(0));
  }

  Database& database_;
};

}  // namespace

std::unique_ptr<DefinitionStore> MakePostgresDefinitionStore(Database& database) {
  return std::make_unique<PostgresDefinitionStore>(database);
}

}  // namespace zvon::scenario
