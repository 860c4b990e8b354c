#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "services/common/configuration/cache_file.h"
#include "services/common/configuration/configuration.h"
#include "services/common/rpc/rpc_server.h"
#include "services/common/telemetry/log.h"
#include "zvon/directoryservice/v1/directory_service.grpc.pb.h"

namespace zvon {
namespace {

namespace rpc = zvon::directoryservice::v1;
using zvon::directory::v1::ResourceChange;
using ViewPtr = std::shared_ptr<const Configuration>;
using Handler = std::function<void(ViewPtr)>;

constexpr std::chrono::milliseconds kBackoffMin(100), kBackoffMax(1000);

std::vector<ResourceChange> TakeChanges(rpc::WatchResourcesResponse& frame) {
  return {std::make_move_iterator(frame.mutable_changes()->begin()),
          std::make_move_iterator(frame.mutable_changes()->end())};
}

// A thread reads the stream, keeps the view and the file, and posts each new
// view to the runner.
class DirectoryWatch final : public ConfigurationWatch {
 public:
  DirectoryWatch(TaskRunner& runner, ConfigurationWatchOptions options)
      : runner_(runner), options_(std::move(options)), view_(MakeConfiguration(0, {})) {}

  ~DirectoryWatch() override {
    alive_.reset();
    {
      std::lock_guard<std::mutex> lock(mutex_);
      stopping_ = true;
      if (context_ != nullptr) context_->TryCancel();
      changed_.notify_all();
    }
    if (thread_.joinable()) thread_.join();
  }

  void Start(Handler on_change) override {
    on_change_ = std::make_shared<Handler>(std::move(on_change));
    LoadFile();
    thread_ = std::thread([this] { Run(); });
  }

  ViewPtr Current() const override {
    std::lock_guard<std::mutex> lock(mutex_);
    return view_;
  }

  bool stale() const override { return stale_; }

 private:
  void LoadFile() {
    if (options_.cache_file.empty()) return;
    auto saved = internal::ReadCacheFile(options_.cache_file);
    if (!saved.ok()) {
      if (saved.status().code() != absl::StatusCode::kNotFound) {
        LogWarning("saved configuration is not used",
                   {{"error", std::string(saved.status().message())}});
      }
      return;
    }
    const int64_t revision = saved->revision();
    Show(ApplyChanges(Current(), revision, TakeChanges(*saved)), /*save=*/false);
  }

  void Run() {
    const TlsSettings tls{options_.tls_certificate_file, options_.tls_key_file,
                          options_.tls_ca_file};
    auto stub = rpc::DirectoryService::NewStub(MakeChannel(options_.directory_address, tls));
    auto backoff = kBackoffMin;
    bool told = false;
    while (true) {
      const grpc::Status ended = WatchOnce(*stub);
      const bool was_fresh = !stale_.exchange(true);
      std::unique_lock<std::mutex> lock(mutex_);
      if (stopping_) return;
      if (was_fresh) backoff = kBackoffMin;
      if (was_fresh || !told) {
        LogWarning("directory is away, configuration may be old",
                   {{"address", options_.directory_address},
                    {"revision", view_->revision()},
                    {"error", ended.error_message()}});
        told = true;
      }
      if (changed_.wait_for(lock, backoff, [this] { return stopping_; })) return;
      backoff = std::min(backoff * 2, kBackoffMax);
    }
  }

  grpc::Status WatchOnce(rpc::DirectoryService::Stub& stub) {
    grpc::ClientContext context;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      if (stopping_) return grpc::Status::CANCELLED;
      context_ = &context;
    }
    rpc::WatchResourcesRequest request;
    request.set_after_revision(from_scratch_ ? 0 : Current()->revision());
    auto reader = stub.WatchResources(&context, request);
    ReadFrames(*reader, request.after_revision() == 0);
    context.TryCancel();
    {
      std::lock_guard<std::mutex> lock(mutex_);
      context_ = nullptr;
    }
    return reader->Finish();
  }

  // Until the stream ends. Up to `synced` the frames are gathered, so that no
  // half of a state is ever shown.
  void ReadFrames(grpc::ClientReader<rpc::WatchResourcesResponse>& reader, bool whole) {
    ViewPtr base = whole ? MakeConfiguration(0, {}) : Current();
    const int64_t known = base->revision();
    bool synced = false;
    rpc::WatchResourcesResponse frame;
    while (reader.Read(&frame)) {
      const bool changed = frame.changes_size() > 0;
      const int64_t revision = frame.revision();
      base = ApplyChanges(base, revision, TakeChanges(frame));
      if (!synced && !frame.synced()) continue;
      if (!synced && revision < known) {
        // Another history than ours: a new or restored database.
        from_scratch_ = true;
        return;
      }
      const bool first = !std::exchange(synced, true);
      from_scratch_ = false;
      stale_ = false;
      if (changed || (first && (whole || Current()->revision() != revision)))
        Show(base, /*save=*/true);
    }
  }

  void Show(ViewPtr view, bool save) {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      view_ = view;
    }
    if (save && !options_.cache_file.empty()) {
      absl::Status saved = internal::WriteCacheFile(options_.cache_file, *view);
      if (!saved.ok())
        LogWarning("configuration is not saved", {{"error", std::string(saved.message())}});
    }
    auto tell = [alive = std::weak_ptr<bool>(alive_), handler = on_change_, view] {
      if (alive.lock() != nullptr) (*handler)(view);
    };
    std::unique_lock<std::mutex> lock(mutex_);
    while (!stopping_) {
      lock.unlock();
      if (runner_.Post(tell)) return;
      lock.lock();
      // The mailbox is full: the view must not be lost, and nobody waits for us.
      changed_.wait_for(lock, std::chrono::milliseconds(20), [this] { return stopping_; });
    }
  }

  TaskRunner& runner_;
  const ConfigurationWatchOptions options_;
  std::shared_ptr<Handler> on_change_;
  // Gone once the watch is: no handler runs afterwards. Runner thread.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::atomic<bool> stale_{true};
  bool from_scratch_ = false;  // Of the watch's thread.

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  ViewPtr view_;
  grpc::ClientContext* context_ = nullptr;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<ConfigurationWatch> WatchDirectory(TaskRunner& runner,
                                                   ConfigurationWatchOptions options) {
  return std::make_unique<DirectoryWatch>(runner, std::move(options));
}

}  // namespace zvon
