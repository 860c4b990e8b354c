#include "services/directory/server/resource_writer.h"

#include <google/protobuf/util/field_mask_util.h>
#include <google/protobuf/util/message_differencer.h>
#include <google/protobuf/util/time_util.h>
#include <openssl/evp.h>

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/common/configuration/configuration.h"
#include "services/directory/core/permissions.h"
#include "services/directory/core/revision_text.h"
#include "services/directory/core/secrets.h"
#include "services/directory/core/validation.h"

namespace zvon::directory {
namespace {

using google::protobuf::util::FieldMaskUtil;
using google::protobuf::util::MessageDifferencer;

constexpr int kUsersShown = 5;

// Of the request without its passwords: a plain digest of those could be guessed.
std::string Fingerprint(const std::string& verb, Resource resource, const std::string& options) {
  ClearPasswords(&resource);
  const std::string text = verb + "\n" + options + "\n" + resource.SerializeAsString();
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha256(), nullptr);
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<char*>(digest), size));
}

absl::Status CheckEtag(const Resource& before, const std::string& etag) {
  if (etag.empty() || etag == before.etag()) return absl::OkStatus();
  return absl::AbortedError(absl::StrCat(before.name(), " was changed meanwhile: etag is ",
                                         before.etag(), ", not ", etag));
}

absl::Status NoSuch(const std::string& name) {
  return absl::NotFoundError(absl::StrCat("there is no ", name));
}

// Equal in what a caller can set.
bool SameContent(const Resource& a, const Resource& b) {
  Resource x = a, y = b;
  for (Resource* resource : {&x, &y}) {
    resource->clear_revision();
    resource->clear_update_time();
    resource->clear_etag();
  }
  return MessageDifferencer::Equals(x, y);
}

}  // namespace

// One transaction under way.
struct ResourceWriter::Change {
  ResourceTransaction& store;
  const ChangeContext& context;
  absl::Time now;
  std::string password_hash;  // Of the record's user; "" = not changed.
};

ResourceWriter::ResourceWriter(Database& database, PasswordHasher& passwords, const Clock& clock,
                               std::function<void()> on_commit)
    : database_(database), passwords_(passwords), clock_(clock), on_commit_(std::move(on_commit)) {}

absl::StatusOr<Resource> ResourceWriter::Write(
    const std::string& verb, const Resource& resource, const std::string& options_text,
    const ChangeContext& context, const std::function<absl::StatusOr<Resource>(Change&)>& body) {
  if (!context.request_id.empty() && !IsUuid(context.request_id)) {
    Violations violations;
    violations.Add("request_id", "must be a UUID");
    return violations.ToStatus();
  }
  std::string hash;
  // Outside the transaction: it takes long, and a transaction may run again.
  absl::Status status = HashPassword(resource, &hash);
  if (!status.ok()) return status;
  const std::string fingerprint = Fingerprint(verb, resource, options_text);
  Resource answer;
  status = database_.Transaction([&](DbSession& session) -> absl::Status {
    ResourceTransaction store(session);
    Change change{store, context, clock_.Now(), hash};
    if (!context.request_id.empty()) {
      auto first = store.FirstAnswer(context.request_id);
      if (!first.ok()) return first.status();
      if (first->has_value()) {
        if ((*first)->fingerprint != fingerprint) {
          return absl::InvalidArgumentError("request_id was used for another request");
        }
        return answer.ParseFromString((*first)->response) ? absl::OkStatus()
                                                          : absl::DataLossError("damaged answer");
      }
    }
    auto result = body(change);
    if (!result.ok()) return result.status();
    answer = *std::move(result);
    if (context.request_id.empty()) return absl::OkStatus();
    return store.KeepAnswer(context.request_id, {fingerprint, answer.SerializeAsString()},
                            change.now);
  });
  if (!status.ok()) return status;
  on_commit_();
  return answer;
}

absl::Status ResourceWriter::HashPassword(const Resource& resource, std::string* hash) {
  if (!resource.has_user() || resource.user().password().empty()) return absl::OkStatus();
  if (absl::Status valid = Validate(resource).ToStatus(); !valid.ok()) return valid;
  // The same password again is no change.
  auto known = ResourceStore(database_).CredentialOf(resource.name());
  if (!known.ok()) return known.status();
  if (!known->empty()) {
    auto same = passwords_.Matches(*known, resource.user().password());
    if (!same.ok() || *same) return same.status();
  }
  auto made = passwords_.Hash(resource.user().password());
  if (made.ok()) *hash = *made;
  return made.status();
}

absl::StatusOr<Resource> ResourceWriter::Create(const Resource& resource,
                                                const ChangeContext& context) {
  return Write("create", resource, "", context, [&](Change& change) -> absl::StatusOr<Resource> {
    auto existing = change.store.Get(resource.name());
    if (!existing.ok()) return existing.status();
    if (existing->has_value()) {
      return absl::AlreadyExistsError(absl::StrCat(resource.name(), " exists already"));
    }
    return Store(change, resource, nullptr);
  });
}

absl::StatusOr<Resource> ResourceWriter::Update(const Resource& resource,
                                                const UpdateOptions& options,
                                                const ChangeContext& context) {
  const std::string text =
      absl::StrCat(absl::StrJoin(options.mask, ","), options.allow_missing ? "+" : "");
  int64_t revision_before = 0;
  auto updated =
      Write("update", resource, text, context, [&](Change& change) -> absl::StatusOr<Resource> {
        auto before = change.store.Get(resource.name());
        if (!before.ok()) return before.status();
        if (!before->has_value()) {
          if (!options.allow_missing) return NoSuch(resource.name());
          return Store(change, resource, nullptr);
        }
        revision_before = (*before)->revision();
        if (absl::Status fresh = CheckEtag(**before, resource.etag()); !fresh.ok()) return fresh;
        auto merged = Merge(**before, resource, options.mask);
        if (!merged.ok()) return merged.status();
        return Store(change, *std::move(merged), &**before);
      });
  if (updated.ok() && options.changed != nullptr) {
    *options.changed = updated->revision() != revision_before;
  }
  return updated;
}

absl::Status ResourceWriter::Delete(const std::string& name, const std::string& etag,
                                    const ChangeContext& context) {
  Resource target;
  target.set_name(name);
  target.set_etag(etag);
  return Write("delete", target, "", context,
               [&](Change& change) -> absl::StatusOr<Resource> {
                 auto before = change.store.Get(name);
                 if (!before.ok()) return before.status();
                 if (!before->has_value()) return NoSuch(name);
                 absl::Status status = CheckEtag(**before, etag);
                 if (status.ok()) status = CheckUnused(change, **before);
                 if (status.ok()) status = Remove(change, **before);
                 if (!status.ok()) return status;
                 return Resource();
               })
      .status();
}

absl::StatusOr<Resource> ResourceWriter::Merge(const Resource& before, const Resource& wanted,
                                               const std::vector<std::string>& mask) {
  if (mask.empty()) return wanted;
  Resource merged = before;
  const auto* from = GetKind(wanted);
  auto* to = MutableKind(merged);
  Violations violations;
  google::protobuf::FieldMask paths;
  if (from == nullptr || wanted.kind_case() != before.kind_case()) {
    violations.Add("resource", "must be of the record's kind");
    return violations.ToStatus();
  }
  for (const std::string& path : mask) {
    if (!FieldMaskUtil::GetFieldDescriptors(to->GetDescriptor(), path, nullptr)) {
      violations.Add("update_mask", absl::StrCat("\"", path, "\" is not a field of a ",
                                                 FindCollection(before.kind_case())->field));
    }
    paths.add_paths(path);
  }
  if (!violations.empty()) return violations.ToStatus();
  FieldMaskUtil::MergeOptions options;
  options.set_replace_message_fields(true);
  options.set_replace_repeated_fields(true);
  FieldMaskUtil::MergeMessageTo(*from, paths, options, to);
  return merged;
}

absl::StatusOr<Resource> ResourceWriter::Store(Change& change, Resource wanted,
                                               const Resource* before) {
  Violations violations = Validate(wanted);
  SettleSecrets(&wanted, before, &violations);
  if (!violations.empty()) return violations.ToStatus();
  const bool password_changed = !change.password_hash.empty();
  if (before != nullptr && SameContent(wanted, *before) && !password_changed) return *before;
  ResourceName name;
  ParseResourceName(wanted.name(), &name);
  // From here on no other writer is between us and the commit.
  auto revision = change.store.NextRevision();
  if (!revision.ok()) return revision.status();
  absl::Status status = CheckReferences(change, wanted);
  if (!status.ok()) return status;
  wanted.set_revision(*revision);
  wanted.set_etag(EtagOf(*revision));
  *wanted.mutable_update_time() =
      google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(change.now));
  status = change.store.Put(name.tenant_id, name.collection, wanted, change.now);
  if (status.ok() && password_changed) {
    status = change.store.SetCredential(wanted.name(), change.password_hash);
    if (status.ok() && before != nullptr)
      status = change.store.EndSessions(name.tenant_id, name.id);
  }
  if (status.ok() && wanted.has_user() && wanted.user().disabled()) {
    status = change.store.EndSessions(name.tenant_id, name.id);
  }
  const bool digest_changed = before != nullptr && !SameDigests(wanted, *before);
  const std::string old_json = ToJson(before), new_json = ToJson(&wanted);
  if (status.ok()) {
    status = change.store.AddRevision(
        {*revision, change.now, name.tenant_id, change.context.author, change.context.reason,
         wanted.name(), old_json, new_json,
         DiffJson(old_json, new_json, password_changed || digest_changed)});
  }
  v1::ResourceChange announced;
  *announced.mutable_resource() = wanted;
  if (status.ok()) {
    status = change.store.Announce(*revision, name.tenant_id, wanted.name(),
                                   announced.SerializeAsString(), MakeId(change.now, random_),
                                   change.now);
  }
  if (status.ok() && before == nullptr && wanted.has_tenant()) {
    status = AddBuiltInRoles(change, name.tenant_id);
  }
  if (!status.ok()) return status;
  return wanted;
}

absl::Status ResourceWriter::CheckReferences(Change& change, const Resource& wanted) {
  const std::vector<Reference> references = ReferencesOf(wanted);
  std::vector<std::string> names;
  for (const Reference& reference : references) names.push_back(reference.to);
  auto missing = change.store.Missing(names);
  if (!missing.ok()) return missing.status();
  Violations violations;
  for (const Reference& reference : references) {
    if (std::find(missing->begin(), missing->end(), reference.to) != missing->end()) {
      violations.Add(reference.field, absl::StrCat("there is no ", reference.to));
    }
  }
  return violations.ToStatus();
}

absl::Status ResourceWriter::CheckUnused(Change& change, const Resource& before) {
  ResourceName name;
  ParseResourceName(before.name(), &name);
  if (name.collection == "roles" && IsBuiltInRole(name.id)) {
    return absl::FailedPreconditionError(absl::StrCat(before.name(), " is built in"));
  }
  // Nobody begins to use it meanwhile.
  if (absl::Status locked = change.store.Lock(); !locked.ok()) return locked;
  // A tenant's own roles go with it.
  const int allowed = before.has_tenant() ? static_cast<int>(BuiltInRoles().size()) : 0;
  auto users = change.store.UsersOf(before.name(), kUsersShown + 1 + allowed);
  if (!users.ok()) return users.status();
  std::vector<std::string> shown;
  for (const Reference& user : *users) {
    ResourceName user_name;
    ParseResourceName(user.to, &user_name);
    const bool own_role =
        before.has_tenant() && user_name.collection == "roles" && IsBuiltInRole(user_name.id);
    if (!own_role) shown.push_back(absl::StrCat(user.to, " (", user.field, ")"));
  }
  if (shown.empty()) return absl::OkStatus();
  const bool more = static_cast<int>(shown.size()) > kUsersShown;
  if (more) shown.resize(kUsersShown);
  return absl::FailedPreconditionError(absl::StrCat(
      before.name(), " is in use by ", absl::StrJoin(shown, ", "), more ? " and others" : ""));
}

absl::Status ResourceWriter::Remove(Change& change, const Resource& before) {
  ResourceName name;
  ParseResourceName(before.name(), &name);
  if (before.has_tenant()) {
    for (const BuiltInRole& role : BuiltInRoles()) {
      auto record = change.store.Get(NameOf(name.tenant_id, "roles", role.id));
      if (!record.ok()) return record.status();
      if (!record->has_value()) continue;
      if (absl::Status removed = Remove(change, **record); !removed.ok()) return removed;
    }
  }
  auto revision = change.store.NextRevision();
  if (!revision.ok()) return revision.status();
  absl::Status status = change.store.Delete(before.name(), *revision, change.now);
  if (status.ok() && before.has_user()) status = change.store.EndSessions(name.tenant_id, name.id);
  const std::string old_json = ToJson(&before);
  if (status.ok()) {
    status = change.store.AddRevision({*revision, change.now, name.tenant_id, change.context.author,
                                       change.context.reason, before.name(), old_json, "",
                                       DiffJson(old_json, "", false)});
  }
  if (status.ok()) {
    status = change.store.Announce(*revision, name.tenant_id, before.name(), "",
                                   MakeId(change.now, random_), change.now);
  }
  return status;
}

absl::Status ResourceWriter::AddBuiltInRoles(Change& change, const std::string& tenant_id) {
  for (const BuiltInRole& role : BuiltInRoles()) {
    Resource resource;
    resource.set_name(NameOf(tenant_id, "roles", role.id));
    resource.mutable_role()->set_display_name(role.display_name);
    for (const char* permission : role.permissions)
      resource.mutable_role()->add_permissions(permission);
    auto stored = Store(change, resource, nullptr);
    if (!stored.ok()) return stored.status();
  }
  return absl::OkStatus();
}

}  // namespace zvon::directory
