#include "services/directory/server/replica.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "services/common/rpc/rpc_server.h"
#include "services/common/telemetry/log.h"
#include "services/directory/server/demo_loader.h"
#include "services/directory/server/directory_service.h"
#include "services/directory/server/outbox_relay.h"

namespace zvon::directory {
namespace {

constexpr absl::Duration kStopLimit = absl::Seconds(2);
constexpr std::chrono::minutes kCleaningPeriod(10);

// Throws away what has expired, now and then.
class Cleaner {
 public:
  Cleaner(ResourceStore& resources, SessionStore& sessions, const Clock& clock)
      : thread_([this, &resources, &sessions, &clock] { Run(resources, sessions, clock); }) {}
  ~Cleaner() {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      stopping_ = true;
      changed_.notify_all();
    }
    thread_.join();
  }

 private:
  void Run(ResourceStore& resources, SessionStore& sessions, const Clock& clock) {
    std::unique_lock<std::mutex> lock(mutex_);
    while (!changed_.wait_for(lock, kCleaningPeriod, [this] { return stopping_; })) {
      lock.unlock();
      // Failing is harmless: the next time does it.
      (void)resources.DropOldAnswers(clock.Now());
      (void)sessions.DropExpired(clock.Now());
      lock.lock();
    }
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace

struct Replica::Parts {
  Parts(const ReplicaOptions& options, const Clock& clock, Metrics& metrics)
      : probe(metrics),
        database(Database::Make(options.database)),
        listening(Database::Make(options.database)),
        resources(*database),
        session_store(*database),
        passwords(options.passwords),
        state(resources),
        sessions(options.sessions, session_store, resources, passwords, state, clock),
        writer(*database, passwords, clock, [this] { Noticed(false); }),
        service(writer, resources, state, sessions, probe) {}

  // A change was committed here or elsewhere. `whole`: notifications may have
  // been missed.
  void Noticed(bool whole) {
    if (absl::Status read = state.Refresh(whole); !read.ok()) {
      LogWarning("changes are not read yet", {{"error", std::string(read.message())}});
    }
    probe.AtRevision(state.revision());
    if (relay != nullptr) relay->Wake();
  }

  void Listen() {
    listening->Listen("directory_changes",
                      [this](const std::string& payload) { Noticed(payload.empty()); });
    listening->Listen("directory_sessions", [this](const std::string& payload) {
      payload.empty() ? sessions.ForgetAll() : sessions.Forget(payload);
    });
  }

  DirectoryProbe probe;
  std::unique_ptr<Database> database;
  std::unique_ptr<Database> listening;  // Destroyed first: its threads call us.
  ResourceStore resources;
  SessionStore session_store;
  PasswordHasher passwords;
  PublishedState state;
  Sessions sessions;
  std::unique_ptr<OutboxRelay> relay;
  ResourceWriter writer;
  DirectoryService service;
  std::unique_ptr<Cleaner> cleaner;
  std::unique_ptr<RpcServer> server;
};

Replica::Replica(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

absl::StatusOr<std::unique_ptr<Replica>> Replica::Start(ReplicaOptions options, const Clock& clock,
                                                        Publisher* publisher, Metrics& metrics) {
  options.database.schema = "directory";
  auto parts = std::make_unique<Parts>(options, clock, metrics);
  absl::Status status = Migrate(*parts->database, "directory", options.migrations_folder);
  if (status.ok()) status = parts->state.Refresh(/*whole=*/true);
  if (status.ok() && options.sessions.demo_enabled && !options.demo_file.empty()) {
    auto changed = LoadResourceFile(parts->writer, options.demo_file,
                                    {.author = "system", .reason = "demo tenant"});
    status = changed.status();
    if (status.ok()) LogInfo("demo tenant loaded", {{"changed", *changed}});
  }
  if (!status.ok()) return status;
  parts->probe.AtRevision(parts->state.revision());
  if (publisher != nullptr) {
    parts->relay =
        std::make_unique<OutboxRelay>(*parts->database, *publisher, options.instance, parts->probe);
  }
  parts->cleaner = std::make_unique<Cleaner>(parts->resources, parts->session_store, clock);
  parts->Listen();
  const TlsSettings tls{options.tls_certificate_file, options.tls_key_file, options.tls_ca_file};
  auto server = RpcServer::Start(options.listen, tls, {&parts->service});
  if (!server.ok()) return server.status();
  parts->server = *std::move(server);
  return std::unique_ptr<Replica>(new Replica(std::move(parts)));
}

Replica::~Replica() {
  parts_->state.Close();
  parts_->server->Stop(kStopLimit);
  parts_->listening.reset();
  parts_->relay.reset();
  parts_->cleaner.reset();
}

int Replica::port() const { return parts_->server->port(); }
int64_t Replica::revision() const { return parts_->state.revision(); }

absl::Status Replica::Healthy() const {
  return parts_->database->healthy() ? absl::OkStatus()
                                     : absl::UnavailableError("PostgreSQL is away");
}

}  // namespace zvon::directory
