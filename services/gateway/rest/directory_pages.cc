// The configuration records themselves, for administrators: the directory's
// own resources as JSON.

#include "absl/strings/str_cat.h"
#include "services/common/ids/ids.h"
#include "services/gateway/core/permissions.h"
#include "services/gateway/live/json.h"
#include "services/gateway/rest/api_router.h"

namespace zvon::gateway {
namespace {

using namespace directoryservice::v1;  // NOLINT: this file is about its messages.

std::string Parent(const ApiCall& call) {
  return absl::StrCat("tenants/", call.user.tenant_id, "/", call.path.at("collection"));
}
std::string Name(const ApiCall& call) {
  return absl::StrCat(Parent(call), "/", call.path.at("id"));
}

template <class Request>
Request RequestOf(const ApiCall& call) {
  Request request;
  request.mutable_caller()->set_tenant_id(call.user.tenant_id);
  request.mutable_caller()->set_user_id(call.user.user_id);
  return request;
}

// The client's own id makes its retry harmless; else each call is its own.
std::string RequestId(const ApiContext& context, const ApiCall& call) {
  std::string id = call.query.Get("requestId");
  return id.empty() ? MakeId(context.clock.Now(), SystemRandom()) : id;
}

template <class Response>
Answer<Response> Shown(ApiCallPtr call) {
  return [call](const absl::StatusOr<Response>& response) {
    if (!response.ok()) return call->Error(response.status());
    call->Json(ToJson(*response));
  };
}

void List(ApiContext& context, ApiCallPtr call) {
  auto request = RequestOf<ListResourcesRequest>(*call);
  request.set_parent(Parent(*call));
  absl::StatusOr<int32_t> page_size = PageSize(*call);
  if (!page_size.ok()) return call->Error(page_size.status());
  request.set_page_size(*page_size);
  request.set_page_token(call->query.Get("pageToken"));
  ZVON_GATEWAY_CALL(context.backends, context.backends.directory.get(), ListResources,
                    ListResourcesResponse, request, Shown<ListResourcesResponse>(call));
}

void Get(ApiContext& context, ApiCallPtr call) {
  auto request = RequestOf<GetResourceRequest>(*call);
  request.set_name(Name(*call));
  ZVON_GATEWAY_CALL(context.backends, context.backends.directory.get(), GetResource,
                    GetResourceResponse, request, Shown<GetResourceResponse>(call));
}

// Creates the record where it is missing; an etag in the body or in If-Match
// guards against lost updates.
void Put(ApiContext& context, ApiCallPtr call) {
  auto request = RequestOf<UpdateResourceRequest>(*call);
  directory::v1::Resource* resource = request.mutable_resource();
  if (absl::Status status = FromJson(call->request.body, resource); !status.ok()) {
    return call->Error(status, "body");
  }
  std::string name = Name(*call);
  if (!resource->name().empty() && resource->name() != name) {
    return call->Error(absl::InvalidArgumentError(
        absl::StrCat("name: \"", resource->name(), "\" is not the record of this path, ", name)));
  }
  resource->set_name(name);
  if (resource->etag().empty()) resource->set_etag(std::string(call->request.Header("if-match")));
  request.set_allow_missing(resource->etag().empty());
  request.set_reason(call->query.Get("reason"));
  request.set_request_id(RequestId(context, *call));
  ZVON_GATEWAY_CALL(context.backends, context.backends.directory.get(), UpdateResource,
                    UpdateResourceResponse, request, Shown<UpdateResourceResponse>(call));
}

void Delete(ApiContext& context, ApiCallPtr call) {
  auto request = RequestOf<DeleteResourceRequest>(*call);
  request.set_name(Name(*call));
  request.set_etag(call->query.Get("etag"));
  request.set_reason(call->query.Get("reason"));
  request.set_request_id(RequestId(context, *call));
  ZVON_GATEWAY_CALL(context.backends, context.backends.directory.get(), DeleteResource,
                    DeleteResourceResponse, request, Shown<DeleteResourceResponse>(call));
}

void Revisions(ApiContext& context, ApiCallPtr call) {
  auto request = RequestOf<ListRevisionsRequest>(*call);
  request.set_tenant_id(call->user.tenant_id);
  request.set_resource_name(call->query.Get("resource"));
  absl::StatusOr<int32_t> page_size = PageSize(*call);
  if (!page_size.ok()) return call->Error(page_size.status());
  request.set_page_size(*page_size);
  request.set_page_token(call->query.Get("pageToken"));
  ZVON_GATEWAY_CALL(context.backends, context.backends.directory.get(), ListRevisions,
                    ListRevisionsResponse, request, Shown<ListRevisionsResponse>(call));
}

}  // namespace

void AddDirectoryRoutes(std::vector<ApiRouter::Route>* routes) {
  const std::string read(kReadDirectory);
  const std::string write(kWriteDirectory);
  routes->push_back({"GET", "/api/v1/revisions", read, Revisions});
  routes->push_back({"GET", "/api/v1/directory/{collection}", read, List});
  routes->push_back({"GET", "/api/v1/directory/{collection}/{id}", read, Get});
  routes->push_back({"PUT", "/api/v1/directory/{collection}/{id}", write, Put});
  routes->push_back({"DELETE", "/api/v1/directory/{collection}/{id}", write, Delete});
}

}  // namespace zvon::gateway
