#pragma once
// Every change of configuration goes through here: validation, references,
// etag, repeated requests, revision, announcement, in one transaction.
// Thread-safe and blocking.

#include <functional>
#include <string>
#include <vector>

#include "services/common/ids/ids.h"
#include "services/common/time/clock.h"
#include "services/directory/adapters/resource_store.h"
#include "services/directory/core/violations.h"
#include "services/directory/server/password_hasher.h"

namespace zvon::directory {

// Who changes something, and why.
struct ChangeContext {
  std::string author = "system";  // "users/admin"
  std::string reason;
  std::string request_id;
};

class ResourceWriter {
 public:
  // `on_commit` is called after each commit, on the caller's thread.
  ResourceWriter(Database& database, PasswordHasher& passwords, const Clock& clock,
                 std::function<void()> on_commit);

  // ALREADY_EXISTS where the name is taken. A tenant comes with its roles.
  absl::StatusOr<Resource> Create(const Resource& resource, const ChangeContext& context);
  struct UpdateOptions {
    std::vector<std::string> mask;  // Empty = the whole record.
    bool allow_missing = false;
    bool* changed = nullptr;  // Told whether anything was written.
  };
  // Nothing is written, and no revision made, where nothing differs.
  absl::StatusOr<Resource> Update(const Resource& resource, const UpdateOptions& options,
                                  const ChangeContext& context);
  // FAILED_PRECONDITION "in use by …".
  absl::Status Delete(const std::string& name, const std::string& etag,
                      const ChangeContext& context);

 private:
  struct Change;
  absl::StatusOr<Resource> Write(const std::string& verb, const Resource& resource,
                                 const std::string& options_text, const ChangeContext& context,
                                 const std::function<absl::StatusOr<Resource>(Change&)>& body);
  absl::Status HashPassword(const Resource& resource, std::string* hash);
  absl::StatusOr<Resource> Merge(const Resource& before, const Resource& wanted,
                                 const std::vector<std::string>& mask);
  // Checks and stores `wanted` in place of `before` (nullptr = a new record).
  absl::StatusOr<Resource> Store(Change& change, Resource wanted, const Resource* before);
  absl::Status CheckReferences(Change& change, const Resource& wanted);
  absl::Status CheckUnused(Change& change, const Resource& before);
  absl::Status Remove(Change& change, const Resource& before);
  absl::Status AddBuiltInRoles(Change& change, const std::string& tenant_id);

  Database& database_;
  PasswordHasher& passwords_;
  const Clock& clock_;
  const RandomSource random_ = SystemRandom();
  const std::function<void()> on_commit_;
};

}  // namespace zvon::directory
