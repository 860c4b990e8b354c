#include "services/directory/adapters/resource_store.h"

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/time_util.h"
#include "services/common/configuration/configuration.h"

namespace zvon::directory {
namespace {

constexpr char kColumns[] = "body, revision, update_time, deleted";

StoredResource ToStored(const DbRow& row) {
  StoredResource out;
  out.resource.ParseFromString(row.Bytes(0));
  out.revision = row.Int(1);
  out.deleted = row.Bool(3);
  out.resource.set_revision(out.revision);
  out.resource.set_etag(EtagOf(out.revision));
  *out.resource.mutable_update_time() =
      google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(row.Time(2)));
  return out;
}

std::vector<Resource> ToResources(const DbResult& result) {
  std::vector<Resource> out;
  for (const DbRow& row : result.rows) out.push_back(ToStored(row).resource);
  return out;
}

std::string BodyOf(const Resource& resource) {
  Resource body = resource;
  body.clear_revision();
  body.clear_update_time();
  body.clear_etag();
  return body.SerializeAsString();
}

}  // namespace

std::string EtagOf(int64_t revision) { return absl::StrCat("r", revision); }

absl::Status ResourceTransaction::Lock() {
  return session_.Run("SELECT revision FROM counter FOR UPDATE").status();
}

absl::StatusOr<int64_t> ResourceTransaction::NextRevision() {
  auto result = session_.Run("UPDATE counter SET revision = revision + 1 RETURNING revision");
  if (!result.ok()) return result.status();
  return result->rows.at(0).Int(0);
}

absl::StatusOr<std::optional<Resource>> ResourceTransaction::Get(const std::string& name) {
  auto result = session_.Run(
      absl::StrCat("SELECT ", kColumns, " FROM resources WHERE name = $1 AND NOT deleted"), {name});
  if (!result.ok()) return result.status();
  if (result->rows.empty()) return std::nullopt;
  return std::optional<Resource>(ToStored(result->rows[0]).resource);
}

absl::StatusOr<std::vector<std::string>> ResourceTransaction::Missing(
    const std::vector<std::string>& names) {
  auto result = session_.Run(
      "SELECT n FROM unnest($1::text[]) AS n WHERE NOT EXISTS "
      "(SELECT 1 FROM resources WHERE name = n AND NOT deleted)",
      {DbArray(names)});
  if (!result.ok()) return result.status();
  std::vector<std::string> out;
  for (const DbRow& row : result->rows) out.push_back(row.Text(0));
  return out;
}

absl::StatusOr<std::vector<Reference>> ResourceTransaction::UsersOf(const std::string& name,
                                                                    int max) {
  auto result = session_.Run(
      "SELECT field, from_name FROM refs WHERE to_name = $1 AND from_name <> $1 "
      "ORDER BY from_name LIMIT $2",
      {name, absl::StrCat(max)});
  if (!result.ok()) return result.status();
  std::vector<Reference> out;
  for (const DbRow& row : result->rows) out.push_back({row.Text(0), row.Text(1)});
  return out;
}

absl::Status ResourceTransaction::Put(const std::string& tenant_id, const std::string& collection,
                                      const Resource& resource, absl::Time now) {
  absl::Status status =
      session_
          .Run(
              "INSERT INTO resources (name, tenant_id, collection, revision, update_time, body) "
              "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (name) DO UPDATE SET "
              "revision = $4, update_time = $5, body = $6, deleted = false",
              {resource.name(), tenant_id, collection, absl::StrCat(resource.revision()),
               DbTime(now), DbBytes(BodyOf(resource))})
          .status();
  if (status.ok()) status = PutIndexes(tenant_id, resource);
  return status;
}

absl::Status ResourceTransaction::PutIndexes(const std::string& tenant_id,
                                             const Resource& resource) {
  const std::string& name = resource.name();
  absl::Status status = session_.Run("DELETE FROM refs WHERE from_name = $1", {name}).status();
  if (status.ok())
    status = session_.Run("DELETE FROM unique_values WHERE name = $1", {name}).status();
  std::vector<DbParams> rows;
  for (const Reference& reference : ReferencesOf(resource)) {
    rows.push_back({name, reference.field, reference.to});
  }
  if (status.ok()) status = session_.RunMany("INSERT INTO refs VALUES ($1, $2, $3)", rows);
  for (const UniqueValue& unique : UniqueValuesOf(resource)) {
    if (!status.ok()) return status;
    auto taken = session_.Run(
        "INSERT INTO unique_values VALUES ($1, $2, $3, $4) ON CONFLICT (tenant_id, field, value) "
        "DO UPDATE SET name = unique_values.name RETURNING name",
        {tenant_id, unique.field, unique.value, name});
    if (!taken.ok()) return taken.status();
    const std::string& holder = taken->rows.at(0).Text(0);
    if (holder != name) {
      return absl::AlreadyExistsError(
          absl::StrCat(unique.field, ": \"", unique.value, "\" is taken by ", holder));
    }
  }
  return status;
}

absl::Status ResourceTransaction::Delete(const std::string& name, int64_t revision,
                                         absl::Time now) {
  absl::Status status = DropCredential(name);
  for (const char* sql :
       {"DELETE FROM refs WHERE from_name = $1", "DELETE FROM unique_values WHERE name = $1"}) {
    if (status.ok()) status = session_.Run(sql, {name}).status();
  }
  Resource tombstone;
  tombstone.set_name(name);
  if (status.ok()) {
    status =
        session_
            .Run(
                "UPDATE resources SET deleted = true, revision = $2, update_time = $3, "
                "body = $4 WHERE name = $1",
                {name, absl::StrCat(revision), DbTime(now), DbBytes(tombstone.SerializeAsString())})
            .status();
  }
  return status;
}

absl::Status ResourceTransaction::AddRevision(const RevisionRow& row) {
  return session_
      .Run("INSERT INTO revisions VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
           {absl::StrCat(row.number), DbTime(row.create_time), row.tenant_id, row.author,
            row.reason, row.resource_name, row.before_json, row.after_json, row.diff_json})
      .status();
}

absl::Status ResourceTransaction::Announce(int64_t revision, const std::string& tenant_id,
                                           const std::string& name, const std::string& payload,
                                           const std::string& event_id, absl::Time now) {
  absl::Status status =
      session_
          .Run("INSERT INTO outbox VALUES ($1, $2, $3, $4, $5, $6)",
               {absl::StrCat(revision), event_id, DbTime(now), tenant_id, name, DbBytes(payload)})
          .status();
  if (!status.ok()) return status;
  return session_.Run("SELECT pg_notify('directory_changes', $1)", {absl::StrCat(revision)})
      .status();
}

absl::StatusOr<std::string> ResourceTransaction::CredentialOf(const std::string& name) {
  auto result = session_.Run("SELECT argon2id FROM credentials WHERE name = $1", {name});
  if (!result.ok()) return result.status();
  return result->rows.empty() ? std::string() : result->rows[0].Text(0);
}

absl::Status ResourceTransaction::SetCredential(const std::string& name,
                                                const std::string& argon2id) {
  return session_
      .Run("INSERT INTO credentials VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET argon2id = $2",
           {name, argon2id})
      .status();
}

absl::Status ResourceTransaction::DropCredential(const std::string& name) {
  return session_.Run("DELETE FROM credentials WHERE name = $1", {name}).status();
}

absl::Status ResourceTransaction::EndSessions(const std::string& tenant_id,
                                              const std::string& user_id) {
  auto ended = session_.Run(
      "DELETE FROM sessions WHERE tenant_id = $1 AND user_id = $2 "
      "RETURNING pg_notify('directory_sessions', encode(token_sha256, 'hex'))",
      {tenant_id, user_id});
  return ended.status();
}

absl::StatusOr<std::optional<ResourceTransaction::Answer>> ResourceTransaction::FirstAnswer(
    const std::string& request_id) {
  auto result = session_.Run("SELECT fingerprint, response FROM requests WHERE request_id = $1",
                             {request_id});
  if (!result.ok()) return result.status();
  if (result->rows.empty()) return std::nullopt;
  return std::optional<Answer>(Answer{result->rows[0].Text(0), result->rows[0].Bytes(1)});
}

absl::Status ResourceTransaction::KeepAnswer(const std::string& request_id, const Answer& answer,
                                             absl::Time now) {
  return session_
      .Run("INSERT INTO requests VALUES ($1, $2, $3, $4)",
           {request_id, DbTime(now), answer.fingerprint, DbBytes(answer.response)})
      .status();
}

absl::StatusOr<std::optional<Resource>> ResourceStore::Get(const std::string& name) {
  auto result = database_.Run(
      absl::StrCat("SELECT ", kColumns, " FROM resources WHERE name = $1 AND NOT deleted"), {name});
  if (!result.ok()) return result.status();
  if (result->rows.empty()) return std::nullopt;
  return std::optional<Resource>(ToStored(result->rows[0]).resource);
}

absl::StatusOr<std::vector<Resource>> ResourceStore::List(const std::string& tenant_id,
                                                          const std::string& collection,
                                                          const std::string& after, int limit) {
  auto result =
      database_.Run(absl::StrCat("SELECT ", kColumns,
                                 " FROM resources WHERE tenant_id = $1 AND collection = $2 "
                                 "AND NOT deleted AND name > $3 ORDER BY name LIMIT $4"),
                    {tenant_id, collection, after, absl::StrCat(limit)});
  if (!result.ok()) return result.status();
  return ToResources(*result);
}

absl::StatusOr<std::vector<Resource>> ResourceStore::ListTenants(const std::string& after,
                                                                 int limit) {
  auto result =
      database_.Run(absl::StrCat("SELECT ", kColumns,
                                 " FROM resources WHERE collection = '' AND NOT deleted AND "
                                 "name > $1 ORDER BY name LIMIT $2"),
                    {after, absl::StrCat(limit)});
  if (!result.ok()) return result.status();
  return ToResources(*result);
}

absl::StatusOr<std::vector<StoredResource>> ResourceStore::ChangedAfter(int64_t revision) {
  auto result = database_.Run(
      absl::StrCat("SELECT ", kColumns, " FROM resources WHERE revision > $1 ORDER BY revision"),
      {absl::StrCat(revision)});
  if (!result.ok()) return result.status();
  std::vector<StoredResource> out;
  for (const DbRow& row : result->rows) out.push_back(ToStored(row));
  return out;
}

absl::StatusOr<int64_t> ResourceStore::LastRevision() {
  auto result = database_.Run("SELECT revision FROM counter");
  if (!result.ok()) return result.status();
  return result->rows.at(0).Int(0);
}

absl::StatusOr<std::vector<RevisionRow>> ResourceStore::Revisions(const std::string& tenant_id,
                                                                  const std::string& resource_name,
                                                                  int64_t before, int limit) {
  auto result = database_.Run(
      "SELECT number, create_time, tenant_id, author, reason, resource_name, before_json, "
      "after_json, diff_json FROM revisions WHERE tenant_id = $1 AND number < $2 AND "
      "($3 = '' OR resource_name = $3) ORDER BY number DESC LIMIT $4",
      {tenant_id, absl::StrCat(before), resource_name, absl::StrCat(limit)});
  if (!result.ok()) return result.status();
  std::vector<RevisionRow> out;
  for (const DbRow& row : result->rows) {
    out.push_back({row.Int(0), row.Time(1), row.Text(2), row.Text(3), row.Text(4), row.Text(5),
                   row.Text(6), row.Text(7), row.Text(8)});
  }
  return out;
}

absl::StatusOr<std::string> ResourceStore::CredentialOf(const std::string& name) {
  auto result = database_.Run("SELECT argon2id FROM credentials WHERE name = $1", {name});
  if (!result.ok()) return result.status();
  return result->rows.empty() ? std::string() : result->rows[0].Text(0);
}

absl::Status ResourceStore::DropOldAnswers(absl::Time now) {
  return database_
      .Run("DELETE FROM requests WHERE create_time < $1", {DbTime(now - absl::Hours(24))})
      .status();
}

}  // namespace zvon::directory
