#include "services/directory/server/directory_service.h"

#include <google/protobuf/util/time_util.h>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "services/common/configuration/configuration.h"
#include "services/common/rpc/rpc_status.h"
#include "services/directory/core/permissions.h"
#include "services/directory/core/secrets.h"
#include "services/directory/core/validation.h"

namespace zvon::directory {
namespace {

using google::protobuf::util::TimeUtil;

constexpr int kPageDefault = 100, kPageMax = 1000;
constexpr size_t kWatchBatch = 500;
constexpr absl::Duration kWatchPause = absl::Milliseconds(500);
constexpr size_t kReasonMax = 500;

// With google.rpc.BadRequest among the details where there is one.
grpc::Status ToStatus(const absl::Status& status) {
  const auto payload = status.GetPayload(kBadRequestUrl);
  if (!payload.has_value()) return ToGrpc(status);
  google::rpc::Status details;
  details.set_code(static_cast<int>(status.code()));
  details.set_message(std::string(status.message()));
  auto* any = details.add_details();
  any->set_type_url(kBadRequestUrl);
  any->set_value(std::string(*payload));
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), std::string(status.message()),
                      details.SerializeAsString());
}

absl::StatusOr<int> PageSize(int wanted) {
  if (wanted >= 0 && wanted <= kPageMax) return wanted == 0 ? kPageDefault : wanted;
  Violations violations;
  violations.Add("page_size", absl::StrCat("must be 0 to ", kPageMax));
  return violations.ToStatus();
}

absl::StatusOr<ChangeContext> ToContext(const rpc::Caller& caller, const std::string& reason,
                                        const std::string& request_id) {
  ChangeContext context;
  if (!caller.user_id().empty()) context.author = "users/" + caller.user_id();
  context.reason = reason;
  context.request_id = request_id;
  Violations violations;
  if (reason.size() > kReasonMax)
    violations.Add("reason", absl::StrCat("must have at most ", kReasonMax, " bytes"));
  if (!violations.empty()) return violations.ToStatus();
  return context;
}

void ToProto(const SessionUserInfo& info, rpc::SessionUser* out) {
  out->set_tenant_id(info.tenant_id);
  out->set_user_id(info.user_id);
  out->set_display_name(info.display_name);
  out->set_internal_number(info.internal_number);
  out->set_language(info.language);
  for (const std::string& role : info.role_ids) out->add_role_ids(role);
  for (const std::string& permission : info.permissions) out->add_permissions(permission);
}

google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  return TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(time));
}

bool IsInternal(const rpc::Caller& caller) {
  return caller.tenant_id().empty() && caller.user_id().empty();
}

// Digests are for processes of the platform only.
Resource ForCaller(const rpc::Caller& caller, const Resource& resource) {
  return IsInternal(caller) ? resource : WithoutSecrets(resource);
}

std::string LoginOutcome(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return "ok";
    case absl::StatusCode::kUnauthenticated:
      return "wrong";
    case absl::StatusCode::kResourceExhausted:
      return "locked";
    default:
      return "error";
  }
}

class WatcherCount {
 public:
  explicit WatcherCount(DirectoryProbe& probe) : probe_(probe) { probe_.WatcherCame(); }
  ~WatcherCount() { probe_.WatcherWent(); }

 private:
  DirectoryProbe& probe_;
};

}  // namespace

absl::Status DirectoryService::CheckMay(const rpc::Caller& caller, const std::string& permission,
                                        const std::string& resource_name) const {
  if (IsInternal(caller)) return absl::OkStatus();
  auto user = sessions_.FindUser(caller.tenant_id(), caller.user_id());
  if (!user.ok()) return absl::UnauthenticatedError("the caller is not a user any more");
  ResourceName name;
  // Other tenants are not even said to exist; making tenants is the platform's.
  const bool named = ParseResourceName(resource_name, &name);
  const bool foreign = named && name.tenant_id != caller.tenant_id();
  const bool tenant_change =
      named && name.collection.empty() && !absl::EndsWith(permission, ".read");
  if (foreign || tenant_change || !Holds(user->permissions, permission)) {
    return absl::PermissionDeniedError(
        absl::StrCat("users/", caller.user_id(), " may not ", permission, " of ", resource_name));
  }
  return absl::OkStatus();
}

grpc::Status DirectoryService::GetResource(grpc::ServerContext*,
                                           const rpc::GetResourceRequest* request,
                                           rpc::GetResourceResponse* response) {
  absl::Status may = CheckMay(request->caller(), "directory.read", request->name());
  if (!may.ok()) return ToStatus(may);
  auto resource = store_.Get(request->name());
  if (!resource.ok()) return ToStatus(resource.status());
  if (!resource->has_value()) {
    return ToStatus(absl::NotFoundError(absl::StrCat("there is no ", request->name())));
  }
  *response->mutable_resource() = ForCaller(request->caller(), **resource);
  return grpc::Status::OK;
}

grpc::Status DirectoryService::ListResources(grpc::ServerContext*,
                                             const rpc::ListResourcesRequest* request,
                                             rpc::ListResourcesResponse* response) {
  auto page = List(*request);
  if (!page.ok()) return ToStatus(page.status());
  *response = *std::move(page);
  return grpc::Status::OK;
}

absl::StatusOr<rpc::ListResourcesResponse> DirectoryService::List(
    const rpc::ListResourcesRequest& request) {
  const rpc::Caller& caller = request.caller();
  auto page_size = PageSize(request.page_size());
  if (!page_size.ok()) return page_size.status();
  rpc::ListResourcesResponse response;
  absl::StatusOr<std::vector<Resource>> found;
  if (request.parent() == "tenants") {
    const std::string own = "tenants/" + caller.tenant_id();
    if (absl::Status may = CheckMay(caller, "directory.read", own); !may.ok()) return may;
    if (!IsInternal(caller)) {
      auto tenant = store_.Get(own);
      if (tenant.ok() && tenant->has_value()) *response.add_resources() = **tenant;
      if (tenant.ok()) return response;
      return tenant.status();
    }
    found = store_.ListTenants(request.page_token(), *page_size + 1);
  } else {
    ResourceName name;
    if (!ParseResourceName(request.parent() + "/any", &name) ||
        FindCollection(name.collection) == nullptr) {
      Violations violations;
      violations.Add("parent",
                     absl::StrCat("\"", request.parent(), "\" is not \"tenants/T/COLLECTION\""));
      return violations.ToStatus();
    }
    if (absl::Status may = CheckMay(caller, "directory.read", name.ToString()); !may.ok())
      return may;
    found = store_.List(name.tenant_id, name.collection, request.page_token(), *page_size + 1);
  }
  if (!found.ok()) return found.status();
  const bool more = static_cast<int>(found->size()) > *page_size;
  if (more) found->pop_back();
  for (const Resource& resource : *found) *response.add_resources() = ForCaller(caller, resource);
  if (more) response.set_next_page_token(found->back().name());
  return response;
}

grpc::Status DirectoryService::CreateResource(grpc::ServerContext*,
                                              const rpc::CreateResourceRequest* request,
                                              rpc::CreateResourceResponse* response) {
  absl::Status may = CheckMay(request->caller(), "directory.write", request->resource().name());
  if (!may.ok()) return ToStatus(may);
  auto context = ToContext(request->caller(), request->reason(), request->request_id());
  if (!context.ok()) return ToStatus(context.status());
  auto created = writer_.Create(request->resource(), *context);
  probe_.Written("create", created.ok());
  if (!created.ok()) return ToStatus(created.status());
  *response->mutable_resource() = ForCaller(request->caller(), *created);
  return grpc::Status::OK;
}

grpc::Status DirectoryService::UpdateResource(grpc::ServerContext*,
                                              const rpc::UpdateResourceRequest* request,
                                              rpc::UpdateResourceResponse* response) {
  absl::Status may = CheckMay(request->caller(), "directory.write", request->resource().name());
  if (!may.ok()) return ToStatus(may);
  auto context = ToContext(request->caller(), request->reason(), request->request_id());
  if (!context.ok()) return ToStatus(context.status());
  ResourceWriter::UpdateOptions options;
  options.mask = {request->update_mask().paths().begin(), request->update_mask().paths().end()};
  options.allow_missing = request->allow_missing();
  auto updated = writer_.Update(request->resource(), options, *context);
  probe_.Written("update", updated.ok());
  if (!updated.ok()) return ToStatus(updated.status());
  *response->mutable_resource() = ForCaller(request->caller(), *updated);
  return grpc::Status::OK;
}

grpc::Status DirectoryService::DeleteResource(grpc::ServerContext*,
                                              const rpc::DeleteResourceRequest* request,
                                              rpc::DeleteResourceResponse*) {
  absl::Status may = CheckMay(request->caller(), "directory.write", request->name());
  if (!may.ok()) return ToStatus(may);
  auto context = ToContext(request->caller(), request->reason(), request->request_id());
  if (!context.ok()) return ToStatus(context.status());
  absl::Status deleted = writer_.Delete(request->name(), request->etag(), *context);
  probe_.Written("delete", deleted.ok());
  return ToStatus(deleted);
}

grpc::Status DirectoryService::ListRevisions(grpc::ServerContext*,
                                             const rpc::ListRevisionsRequest* request,
                                             rpc::ListRevisionsResponse* response) {
  absl::Status may =
      CheckMay(request->caller(), "directory.read", "tenants/" + request->tenant_id());
  if (!may.ok()) return ToStatus(may);
  auto page_size = PageSize(request->page_size());
  if (!page_size.ok()) return ToStatus(page_size.status());
  int64_t before = std::numeric_limits<int64_t>::max();
  if (!request->page_token().empty() && !absl::SimpleAtoi(request->page_token(), &before)) {
    return ToStatus(absl::InvalidArgumentError("page_token: is not one of ours"));
  }
  auto rows =
      store_.Revisions(request->tenant_id(), request->resource_name(), before, *page_size + 1);
  if (!rows.ok()) return ToStatus(rows.status());
  const bool more = static_cast<int>(rows->size()) > *page_size;
  if (more) rows->pop_back();
  for (const RevisionRow& row : *rows) {
    v1::Revision* out = response->add_revisions();
    out->set_number(row.number);
    *out->mutable_create_time() = ToTimestamp(row.create_time);
    out->set_tenant_id(row.tenant_id);
    out->set_author(row.author);
    out->set_reason(row.reason);
    out->set_resource_name(row.resource_name);
    out->set_before_json(row.before_json);
    out->set_after_json(row.after_json);
    out->set_diff_json(row.diff_json);
  }
  if (more) response->set_next_page_token(absl::StrCat(rows->back().number));
  return grpc::Status::OK;
}

grpc::Status DirectoryService::WatchResources(
    grpc::ServerContext* context, const rpc::WatchResourcesRequest* request,
    grpc::ServerWriter<rpc::WatchResourcesResponse>* writer) {
  int64_t after = request->after_revision();
  // A watcher who is ahead was served by a replica that is, or knows another
  // history: the lower revision tells it to begin anew.
  if (after > state_.revision()) (void)state_.Refresh(/*whole=*/true);
  const int64_t generation = state_.generation();
  if (after > state_.revision()) after = state_.revision();
  WatcherCount counted(probe_);
  bool synced = false;
  while (!context->IsCancelled()) {
    auto batch = state_.WaitForChanges(generation, after, kWatchBatch,
                                       synced ? kWatchPause : absl::ZeroDuration());
    if (!batch.has_value()) return grpc::Status(grpc::StatusCode::UNAVAILABLE, "watch again");
    const bool complete =
        batch->revision >= state_.revision() || batch->changes.size() < kWatchBatch;
    if (batch->changes.empty() && synced) continue;
    rpc::WatchResourcesResponse frame;
    for (v1::ResourceChange& change : batch->changes) *frame.add_changes() = std::move(change);
    frame.set_revision(batch->revision);
    synced = synced || complete;
    frame.set_synced(synced);
    if (!writer->Write(frame)) break;
    after = batch->revision;
  }
  return grpc::Status::OK;
}

grpc::Status DirectoryService::CreateSession(grpc::ServerContext*,
                                             const rpc::CreateSessionRequest* request,
                                             rpc::CreateSessionResponse* response) {
  auto session = sessions_.Create(
      {request->tenant_id(), request->login(), request->password(), request->client_address()});
  probe_.LoggedIn(LoginOutcome(session.status()));
  if (!session.ok()) return ToStatus(session.status());
  response->set_token(session->token);
  *response->mutable_expire_time() = ToTimestamp(session->expire_time);
  ToProto(session->user, response->mutable_user());
  return grpc::Status::OK;
}

grpc::Status DirectoryService::VerifySession(grpc::ServerContext*,
                                             const rpc::VerifySessionRequest* request,
                                             rpc::VerifySessionResponse* response) {
  auto session = sessions_.Verify(request->token());
  if (!session.ok()) return ToStatus(session.status());
  *response->mutable_expire_time() = ToTimestamp(session->expire_time);
  ToProto(session->user, response->mutable_user());
  return grpc::Status::OK;
}

grpc::Status DirectoryService::DeleteSession(grpc::ServerContext*,
                                             const rpc::DeleteSessionRequest* request,
                                             rpc::DeleteSessionResponse*) {
  return ToStatus(sessions_.Remove(request->token()));
}

}  // namespace zvon::directory
