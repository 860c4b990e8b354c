#pragma once
// A directory on a new database, and a client of it. For tests only.

#include <catch2/catch.hpp>

#include <grpcpp/grpcpp.h>

#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "services/common/bus/memory_bus.h"
#include "services/common/configuration/configuration.h"
#include "services/common/testing/shared_postgres.h"
#include "services/directory/core/collections.h"
#include "services/directory/server/replica.h"
#include "zvon/directoryservice/v1/directory_service.grpc.pb.h"

namespace zvon::directory {

namespace rpc = zvon::directoryservice::v1;
using Stub = rpc::DirectoryService::Stub;

inline Resource Queue(const std::string& tenant, const std::string& id) {
  Resource resource;
  resource.set_name(NameOf(tenant, "queues", id));
  resource.mutable_queue()->set_display_name("Queue " + id);
  return resource;
}
inline Resource Skill(const std::string& tenant, const std::string& id) {
  Resource resource;
  resource.set_name(NameOf(tenant, "skills", id));
  resource.mutable_skill()->set_display_name("Skill " + id);
  return resource;
}
inline Resource User(const std::string& tenant, const std::string& id, const std::string& login,
                     const std::string& role = "agent") {
  Resource resource;
  resource.set_name(NameOf(tenant, "users", id));
  resource.mutable_user()->set_login(login);
  resource.mutable_user()->set_display_name("User " + id);
  resource.mutable_user()->add_role_ids(role);
  return resource;
}

class Bench {
 public:
  explicit Bench(bool demo = false);
  ~Bench();

  // Another replica on the same database.
  std::unique_ptr<Replica> StartReplica();
  int port() const { return replica_->port(); }
  Replica& replica() { return *replica_; }
  Database& database() { return *database_; }
  MemoryBus& bus() { return bus_; }
  Metrics& metrics() { return metrics_; }
  SimulatedClock& clock() { return clock_; }

  template <class Request, class Response>
  grpc::Status Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                    const Request& request, Response* response, Stub* stub = nullptr) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    return ((stub == nullptr ? stub_.get() : stub)->*method)(&context, request, response);
  }

  void MakeTenant(const std::string& id, bool demo = false);
  Resource Create(const Resource& resource);
  grpc::Status TryCreate(const Resource& resource);
  Resource Get(const std::string& name);
  grpc::Status TryGet(const std::string& name);
  std::vector<Resource> List(const std::string& parent);
  Resource Update(const Resource& resource, const std::vector<std::string>& mask = {});
  grpc::Status TryUpdate(const Resource& resource, const std::vector<std::string>& mask = {});
  grpc::Status Delete(const std::string& name, const std::string& etag = "");
  std::vector<v1::Revision> Revisions(const std::string& tenant, const std::string& name);
  std::vector<rpc::WatchResourcesResponse> WatchUntilSynced(int64_t after);

 private:
  grpc::Status RunUpdate(const Resource& resource, const std::vector<std::string>& mask,
                         Resource* out);
  ReplicaOptions Options() const;

  const bool demo_;
  const std::string dsn_;
  SimulatedClock clock_;
  MemoryBus bus_;
  Metrics metrics_{"directory"};
  std::unique_ptr<Publisher> publisher_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<Replica> replica_;
  std::unique_ptr<Stub> stub_;
};

std::unique_ptr<Stub> ConnectTo(int port);

// Watches from revision 0 and keeps the view and all bytes received.
class Watcher {
 public:
  explicit Watcher(int port);
  ~Watcher();
  bool WaitFor(const std::function<bool(const Configuration&)>& condition);
  std::shared_ptr<const Configuration> Current();
  std::string raw();

 private:
  void Run();
  std::unique_ptr<Stub> stub_;
  grpc::ClientContext context_;
  std::mutex mutex_;
  std::shared_ptr<const Configuration> view_ = MakeConfiguration(0, {});
  std::string raw_;
  std::thread thread_;
};

}  // namespace zvon::directory
