#pragma once
// The SQL of configuration records. Blocking; errors as in database.h.

#include <optional>
#include <string>
#include <vector>

#include "services/common/db/database.h"
#include "services/directory/core/collections.h"
#include "services/directory/core/references.h"

namespace zvon::directory {

// One record as it stands in the table.
struct StoredResource {
  Resource resource;  // With revision, update_time and etag filled in.
  int64_t revision = 0;
  bool deleted = false;
};

struct RevisionRow {
  int64_t number = 0;
  absl::Time create_time;
  std::string tenant_id, author, reason, resource_name, before_json, after_json, diff_json;
};

std::string EtagOf(int64_t revision);

// Within one transaction.
class ResourceTransaction {
 public:
  explicit ResourceTransaction(DbSession& session) : session_(session) {}

  // Takes the lock that orders all writes until the end of the transaction.
  absl::Status Lock();
  // Takes the lock and gives the next revision.
  absl::StatusOr<int64_t> NextRevision();
  // Live records only; nullopt where there is none.
  absl::StatusOr<std::optional<Resource>> Get(const std::string& name);
  // Those of `names` that do not exist.
  absl::StatusOr<std::vector<std::string>> Missing(const std::vector<std::string>& names);
  // Up to `max` records that refer to `name`, and through which field.
  absl::StatusOr<std::vector<Reference>> UsersOf(const std::string& name, int max);
  // The record, its references and unique values. ALREADY_EXISTS naming the
  // field and the holder where a unique value is taken.
  absl::Status Put(const std::string& tenant_id, const std::string& collection,
                   const Resource& resource, absl::Time now);
  absl::Status Delete(const std::string& name, int64_t revision, absl::Time now);
  absl::Status AddRevision(const RevisionRow& row);
  // Tells the other replicas and puts the change on its way to Kafka.
  absl::Status Announce(int64_t revision, const std::string& tenant_id, const std::string& name,
                        const std::string& payload, const std::string& event_id, absl::Time now);

  absl::StatusOr<std::string> CredentialOf(const std::string& name);
  absl::Status SetCredential(const std::string& name, const std::string& argon2id);
  absl::Status DropCredential(const std::string& name);
  absl::Status EndSessions(const std::string& tenant_id, const std::string& user_id);

  struct Answer {
    std::string fingerprint, response;
  };
  absl::StatusOr<std::optional<Answer>> FirstAnswer(const std::string& request_id);
  absl::Status KeepAnswer(const std::string& request_id, const Answer& answer, absl::Time now);

 private:
  absl::Status PutIndexes(const std::string& tenant_id, const Resource& resource);
  DbSession& session_;
};

// Outside a transaction.
class ResourceStore {
 public:
  explicit ResourceStore(Database& database) : database_(database) {}
  absl::StatusOr<std::optional<Resource>> Get(const std::string& name);
  // In order of name, after `after`.
  absl::StatusOr<std::vector<Resource>> List(const std::string& tenant_id,
                                             const std::string& collection,
                                             const std::string& after, int limit);
  absl::StatusOr<std::vector<Resource>> ListTenants(const std::string& after, int limit);
  // Everything above the revision, tombstones too, in order of revision.
  absl::StatusOr<std::vector<StoredResource>> ChangedAfter(int64_t revision);
  absl::StatusOr<int64_t> LastRevision();
  // Newest first, below `before`.
  absl::StatusOr<std::vector<RevisionRow>> Revisions(const std::string& tenant_id,
                                                     const std::string& resource_name,
                                                     int64_t before, int limit);
  absl::StatusOr<std::string> CredentialOf(const std::string& name);
  // Answers kept for repeats longer than 24 h.
  absl::Status DropOldAnswers(absl::Time now);

 private:
  Database& database_;
};

}  // namespace zvon::directory
