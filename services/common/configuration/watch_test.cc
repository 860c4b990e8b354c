// The watch against a scripted directory on a real gRPC port.

#include <catch2/catch.hpp>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>

#include "services/common/configuration/configuration.h"
#include "services/common/executor/loop.h"
#include "services/common/rpc/rpc_server.h"
#include "services/common/testing/free_port.h"
#include "services/common/testing/temp_dir.h"
#include "zvon/directoryservice/v1/directory_service.grpc.pb.h"

namespace zvon {
namespace {

namespace rpc = zvon::directoryservice::v1;

// Gives the frames that the test pushes to whoever watches.
class ScriptedDirectory final : public rpc::DirectoryService::Service {
 public:
  explicit ScriptedDirectory(int port) : listen_("127.0.0.1:" + std::to_string(port)) {}
  ~ScriptedDirectory() override { Stop(); }

  void Start() {
    stopping_ = false;
    auto server = RpcServer::Start(listen_, {}, {this});
    REQUIRE(server.ok());
    server_ = std::move(*server);
  }
  void Stop() {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      stopping_ = true;
      changed_.notify_all();
    }
    if (server_ != nullptr) server_->Stop(absl::ZeroDuration());
    server_.reset();
  }
  void Push(rpc::WatchResourcesResponse frame) {
    std::lock_guard<std::mutex> lock(mutex_);
    frames_.push_back(std::move(frame));
    changed_.notify_all();
  }
  std::vector<int64_t> asked() {
    std::lock_guard<std::mutex> lock(mutex_);
    return asked_;
  }

  grpc::Status WatchResources(grpc::ServerContext* context,
                              const rpc::WatchResourcesRequest* request,
                              grpc::ServerWriter<rpc::WatchResourcesResponse>* writer) override {
    std::unique_lock<std::mutex> lock(mutex_);
    asked_.push_back(request->after_revision());
    while (!stopping_ && !context->IsCancelled()) {
      if (frames_.empty()) {
        changed_.wait_for(lock, std::chrono::milliseconds(20));
        continue;
      }
      rpc::WatchResourcesResponse frame = std::move(frames_.front());
      frames_.pop_front();
      if (!writer->Write(frame)) break;
    }
    return grpc::Status::OK;
  }

 private:
  const std::string listen_;
  std::unique_ptr<RpcServer> server_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<rpc::WatchResourcesResponse> frames_;
  std::vector<int64_t> asked_;
  bool stopping_ = false;
};

rpc::WatchResourcesResponse Frame(int64_t revision, bool synced, std::vector<std::string> names,
                                  bool deleted = false) {
  rpc::WatchResourcesResponse frame;
  frame.set_revision(revision);
  frame.set_synced(synced);
  for (const std::string& name : names) {
    auto* change = frame.add_changes();
    change->mutable_resource()->set_name(name);
    change->mutable_resource()->mutable_queue()->set_display_name(name);
    change->set_deleted(deleted);
  }
  return frame;
}

class Bench {
 public:
  Bench() { loop_.Start(); }
  ~Bench() {
    StopWatch();
    loop_.Stop();
  }
  void StartWatch() {
    loop_.PostAndWait([this] {
      ConfigurationWatchOptions options;
      options.directory_address = "127.0.0.1:" + std::to_string(port);
      options.cache_file = dir.path() + "/configuration.bin";
      watch_ = WatchDirectory(loop_, options);
      watch_->Start([this](std::shared_ptr<const Configuration> view) {
        std::lock_guard<std::mutex> lock(mutex_);
        shown_.push_back(view->revision());
      });
    });
  }
  void StopWatch() {
    loop_.PostAndWait([this] { watch_.reset(); });
  }
  std::vector<int64_t> shown() {
    std::lock_guard<std::mutex> lock(mutex_);
    return shown_;
  }
  ConfigurationWatch& watch() { return *watch_; }

  TempDir dir;
  const int port = FreePort();

 private:
  SteadyClock clock_;
  Loop loop_{{.name = "watch-test"}, clock_};
  std::unique_ptr<ConfigurationWatch> watch_;
  std::mutex mutex_;
  std::vector<int64_t> shown_;
};

using Revisions = std::vector<int64_t>;

TEST_CASE("A state is shown whole, then every change") {
  Bench bench;
  ScriptedDirectory directory(bench.port);
  directory.Start();
  bench.StartWatch();
  CHECK(bench.watch().Current()->revision() == 0);
  directory.Push(Frame(3, false, {"tenants/demo/queues/a"}));
  directory.Push(Frame(5, false, {"tenants/demo/queues/b"}));
  directory.Push(Frame(5, true, {}));
  REQUIRE(WaitUntil([&] { return bench.shown() == Revisions{5}; }));
  CHECK_FALSE(bench.watch().stale());
  CHECK(bench.watch().Current()->List("demo", "queues").size() == 2);
  directory.Push(Frame(6, true, {"tenants/demo/queues/a"}, /*deleted=*/true));
  REQUIRE(WaitUntil([&] { return bench.shown() == Revisions{5, 6}; }));
  CHECK(bench.watch().Current()->List("demo", "queues").size() == 1);
}

TEST_CASE("A process starts from the saved file and goes on from its revision") {
  Bench bench;
  ScriptedDirectory directory(bench.port);
  directory.Start();
  bench.StartWatch();
  rpc::WatchResourcesResponse first = Frame(5, true, {"tenants/demo/queues/a"});
  auto* tenant = first.add_changes()->mutable_resource();
  tenant->set_name("tenants/demo");
  tenant->mutable_tenant()->set_display_name("Demo");
  directory.Push(first);
  REQUIRE(WaitUntil([&] { return bench.shown() == Revisions{5}; }));
  directory.Stop();
  REQUIRE(WaitUntil([&] { return bench.watch().stale(); }));
  CHECK(bench.watch().Current()->revision() == 5);
  bench.StopWatch();
  bench.StartWatch();
  REQUIRE(WaitUntil([&] { return bench.shown() == Revisions{5, 5}; }));
  CHECK(bench.watch().stale());
  CHECK(bench.watch().Current()->Find("demo", "queues", "a") != nullptr);
  directory.Start();
  REQUIRE(WaitUntil([&] { return directory.asked() == Revisions{0, 5}; }));
  directory.Push(Frame(5, true, {}));
  CHECK(WaitUntil([&] { return !bench.watch().stale(); }));
  CHECK(bench.shown() == Revisions{5, 5});
}

TEST_CASE("Another history replaces the view") {
  Bench bench;
  ScriptedDirectory directory(bench.port);
  directory.Start();
  bench.StartWatch();
  directory.Push(Frame(50, true, {"tenants/demo/queues/old"}));
  REQUIRE(WaitUntil([&] { return bench.shown() == Revisions{50}; }));
  directory.Stop();
  directory.Start();
  directory.Push(Frame(2, true, {}));
  REQUIRE(WaitUntil([&] { return directory.asked() == Revisions{0, 50, 0}; }));
  directory.Push(Frame(2, true, {"tenants/demo/queues/new"}));
  REQUIRE(WaitUntil([&] { return bench.shown() == Revisions{50, 2}; }));
  CHECK(bench.watch().Current()->Find("demo", "queues", "old") == nullptr);
}

}  // namespace
}  // namespace zvon
