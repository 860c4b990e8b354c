#include "services/directory/server/testing/bench.h"

namespace zvon::directory {

std::unique_ptr<Stub> ConnectTo(int port) {
  return rpc::DirectoryService::NewStub(
      grpc::CreateChannel("127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials()));
}

Bench::Bench(bool demo)
    : demo_(demo),
      dsn_(SharedPostgres().NewDatabase()),
      clock_(absl::Now()),
      publisher_(bus_.MakePublisher()) {
  database_ = Database::Make(Options().database);
  replica_ = StartReplica();
  stub_ = ConnectTo(replica_->port());
}

Bench::~Bench() = default;

ReplicaOptions Bench::Options() const {
  ReplicaOptions options;
  options.database.dsn = dsn_;
  options.database.schema = "directory";
  options.migrations_folder = ZVON_DIRECTORY_MIGRATIONS;
  options.sessions.demo_enabled = demo_;
  options.demo_file = demo_ ? ZVON_DEMO_FILE : "";
  // Cheap hashes: the tests are not about their strength.
  options.passwords.operations = 1;
  options.passwords.memory_bytes = 8192;
  return options;
}

std::unique_ptr<Replica> Bench::StartReplica() {
  auto replica = Replica::Start(Options(), clock_, publisher_.get(), metrics_);
  INFO(replica.status());
  REQUIRE(replica.ok());
  return std::move(*replica);
}

void Bench::MakeTenant(const std::string& id, bool demo) {
  Resource tenant;
  tenant.set_name("tenants/" + id);
  tenant.mutable_tenant()->set_display_name(id);
  tenant.mutable_tenant()->set_language("ru");
  tenant.mutable_tenant()->set_time_zone("Europe/Moscow");
  tenant.mutable_tenant()->set_demo(demo);
  Create(tenant);
}

Resource Bench::Create(const Resource& resource) {
  rpc::CreateResourceRequest request;
  *request.mutable_resource() = resource;
  rpc::CreateResourceResponse response;
  grpc::Status status = Call(&Stub::CreateResource, request, &response);
  INFO(status.error_message());
  REQUIRE(status.ok());
  return response.resource();
}

grpc::Status Bench::TryCreate(const Resource& resource) {
  rpc::CreateResourceRequest request;
  *request.mutable_resource() = resource;
  rpc::CreateResourceResponse response;
  return Call(&Stub::CreateResource, request, &response);
}

Resource Bench::Get(const std::string& name) {
  rpc::GetResourceRequest request;
  request.set_name(name);
  rpc::GetResourceResponse response;
  REQUIRE(Call(&Stub::GetResource, request, &response).ok());
  return response.resource();
}

grpc::Status Bench::TryGet(const std::string& name) {
  rpc::GetResourceRequest request;
  request.set_name(name);
  rpc::GetResourceResponse response;
  return Call(&Stub::GetResource, request, &response);
}

std::vector<Resource> Bench::List(const std::string& parent) {
  rpc::ListResourcesRequest request;
  request.set_parent(parent);
  request.set_page_size(1000);
  rpc::ListResourcesResponse response;
  REQUIRE(Call(&Stub::ListResources, request, &response).ok());
  return {response.resources().begin(), response.resources().end()};
}

grpc::Status Bench::RunUpdate(const Resource& resource, const std::vector<std::string>& mask,
                              Resource* out) {
  rpc::UpdateResourceRequest request;
  *request.mutable_resource() = resource;
  for (const std::string& path : mask) request.mutable_update_mask()->add_paths(path);
  rpc::UpdateResourceResponse response;
  grpc::Status status = Call(&Stub::UpdateResource, request, &response);
  *out = response.resource();
  return status;
}

Resource Bench::Update(const Resource& resource, const std::vector<std::string>& mask) {
  Resource out;
  grpc::Status status = RunUpdate(resource, mask, &out);
  INFO(status.error_message());
  REQUIRE(status.ok());
  return out;
}

grpc::Status Bench::TryUpdate(const Resource& resource, const std::vector<std::string>& mask) {
  Resource ignored;
  return RunUpdate(resource, mask, &ignored);
}

grpc::Status Bench::Delete(const std::string& name, const std::string& etag) {
  rpc::DeleteResourceRequest request;
  request.set_name(name);
  request.set_etag(etag);
  rpc::DeleteResourceResponse response;
  return Call(&Stub::DeleteResource, request, &response);
}

std::vector<v1::Revision> Bench::Revisions(const std::string& tenant, const std::string& name) {
  rpc::ListRevisionsRequest request;
  request.set_tenant_id(tenant);
  request.set_resource_name(name);
  request.set_page_size(1000);
  rpc::ListRevisionsResponse response;
  REQUIRE(Call(&Stub::ListRevisions, request, &response).ok());
  return {response.revisions().begin(), response.revisions().end()};
}

std::vector<rpc::WatchResourcesResponse> Bench::WatchUntilSynced(int64_t after) {
  grpc::ClientContext context;
  rpc::WatchResourcesRequest request;
  request.set_after_revision(after);
  auto reader = stub_->WatchResources(&context, request);
  std::vector<rpc::WatchResourcesResponse> frames;
  rpc::WatchResourcesResponse frame;
  while (reader->Read(&frame)) {
    frames.push_back(frame);
    if (frame.synced()) break;
  }
  context.TryCancel();
  (void)reader->Finish();
  REQUIRE_FALSE(frames.empty());
  return frames;
}

Watcher::Watcher(int port) : stub_(ConnectTo(port)), thread_([this] { Run(); }) {}

Watcher::~Watcher() {
  context_.TryCancel();
  thread_.join();
}

void Watcher::Run() {
  auto reader = stub_->WatchResources(&context_, rpc::WatchResourcesRequest());
  rpc::WatchResourcesResponse frame;
  int64_t last = 0;
  while (reader->Read(&frame)) {
    for (const auto& change : frame.changes()) {
      // Never backwards, never twice.
      if (change.resource().revision() <= last) std::abort();
      last = change.resource().revision();
    }
    std::lock_guard<std::mutex> lock(mutex_);
    raw_ += frame.SerializeAsString();
    view_ = ApplyChanges(view_, frame.revision(), {frame.changes().begin(), frame.changes().end()});
  }
  (void)reader->Finish();
}

bool Watcher::WaitFor(const std::function<bool(const Configuration&)>& condition) {
  return WaitUntil([&] { return condition(*Current()); });
}

std::shared_ptr<const Configuration> Watcher::Current() {
  std::lock_guard<std::mutex> lock(mutex_);
  return view_;
}

std::string Watcher::raw() {
  std::lock_guard<std::mutex> lock(mutex_);
  return raw_;
}

}  // namespace zvon::directory
