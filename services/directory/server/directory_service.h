#pragma once
// The gRPC edge: who may, convert, call, map the status.

#include "services/directory/server/probe.h"
#include "services/directory/server/published_state.h"
#include "services/directory/server/resource_writer.h"
#include "services/directory/server/sessions.h"
#include "zvon/directoryservice/v1/directory_service.grpc.pb.h"

namespace zvon::directory {

namespace rpc = zvon::directoryservice::v1;

// Blocking handlers on gRPC's threads. Outlives the server.
class DirectoryService final : public rpc::DirectoryService::Service {
 public:
  DirectoryService(ResourceWriter& writer, ResourceStore& store, PublishedState& state,
                   Sessions& sessions, DirectoryProbe& probe)
      : writer_(writer), store_(store), state_(state), sessions_(sessions), probe_(probe) {}

  grpc::Status GetResource(grpc::ServerContext* context, const rpc::GetResourceRequest* request,
                           rpc::GetResourceResponse* response) override;
  grpc::Status ListResources(grpc::ServerContext* context, const rpc::ListResourcesRequest* request,
                             rpc::ListResourcesResponse* response) override;
  grpc::Status CreateResource(grpc::ServerContext* context,
                              const rpc::CreateResourceRequest* request,
                              rpc::CreateResourceResponse* response) override;
  grpc::Status UpdateResource(grpc::ServerContext* context,
                              const rpc::UpdateResourceRequest* request,
                              rpc::UpdateResourceResponse* response) override;
  grpc::Status DeleteResource(grpc::ServerContext* context,
                              const rpc::DeleteResourceRequest* request,
                              rpc::DeleteResourceResponse* response) override;
  grpc::Status ListRevisions(grpc::ServerContext* context, const rpc::ListRevisionsRequest* request,
                             rpc::ListRevisionsResponse* response) override;
  grpc::Status WatchResources(grpc::ServerContext* context,
                              const rpc::WatchResourcesRequest* request,
                              grpc::ServerWriter<rpc::WatchResourcesResponse>* writer) override;
  grpc::Status CreateSession(grpc::ServerContext* context, const rpc::CreateSessionRequest* request,
                             rpc::CreateSessionResponse* response) override;
  grpc::Status VerifySession(grpc::ServerContext* context, const rpc::VerifySessionRequest* request,
                             rpc::VerifySessionResponse* response) override;
  grpc::Status DeleteSession(grpc::ServerContext* context, const rpc::DeleteSessionRequest* request,
                             rpc::DeleteSessionResponse* response) override;

 private:
  // No caller = a process of the platform itself, which may everything.
  absl::Status CheckMay(const rpc::Caller& caller, const std::string& permission,
                        const std::string& resource_name) const;
  absl::StatusOr<rpc::ListResourcesResponse> List(const rpc::ListResourcesRequest& request);

  ResourceWriter& writer_;
  ResourceStore& store_;
  PublishedState& state_;
  Sessions& sessions_;
  DirectoryProbe& probe_;
};

}  // namespace zvon::directory
