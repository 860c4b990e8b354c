#include "services/common/lifecycle/service_host.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

#include "services/common/http/admin_server.h"
#include "services/common/lifecycle/health.h"
#include "services/common/telemetry/log.h"

namespace zvon {

struct ServiceHost::Impl {
  explicit Impl(std::string name_in, SettingsReader& reader_in)
      : name(std::move(name_in)), reader(reader_in), metrics(name) {}

  const std::string name;
  SettingsReader& reader;
  std::string instance;
  std::string log_level = "info";
  std::string admin_listen;
  std::string data_dir;

  SteadyClock clock;
  Metrics metrics;
  internal::HealthTable health;
  int stop_fd = -1;
  int signal_fd = -1;
  // Last: its thread uses what is above.
  std::unique_ptr<AdminServer> admin;

  AdminResponse Page(const std::string& path) {
    if (path == "/metrics") {
      return {200, "text/plain; version=0.0.4; charset=utf-8", metrics.Serialize()};
    }
    if (path == "/healthz") return health.Healthz();
    if (path == "/readyz") return health.Readyz();
    return {404, "text/plain; charset=utf-8", "/metrics, /healthz or /readyz\n"};
  }
  absl::Status BlockSignals() {
    signal(SIGPIPE, SIG_IGN);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    signal_fd = signalfd(-1, &set, SFD_CLOEXEC);
    stop_fd = eventfd(0, EFD_CLOEXEC);
    if (signal_fd >= 0 && stop_fd >= 0) return absl::OkStatus();
    return absl::InternalError(std::string("signalfd: ") + std::strerror(errno));
  }
  absl::Status MakeDataDir() {
    std::error_code error;
    std::filesystem::create_directories(data_dir, error);
    if (!error) return absl::OkStatus();
    return absl::FailedPreconditionError("data.dir " + data_dir + ": " + error.message());
  }
  absl::Status CheckLevel() {
    for (const char* level : {"debug", "info", "warning", "error"}) {
      if (log_level == level) return absl::OkStatus();
    }
    return absl::InvalidArgumentError("log.level: \"" + log_level +
                                      "\": expected debug, info, warning or error");
  }
  absl::Status StartAdmin() {
    auto server =
        AdminServer::Start(admin_listen, [this](const std::string& path) { return Page(path); });
    if (!server.ok()) {
      return absl::Status(server.status().code(),
                          "admin.listen: " + std::string(server.status().message()));
    }
    admin = std::move(*server);
    return absl::OkStatus();
  }
};

ServiceHost::ServiceHost(std::string name, SettingsReader& reader, std::string admin_default)
    : impl_(std::make_unique<Impl>(std::move(name), reader)) {
  impl_->instance = impl_->name + "-0";
  impl_->data_dir = "var/" + impl_->name;
  impl_->admin_listen = std::move(admin_default);
  reader.Bind("instance", &impl_->instance, "Stable name of this process among its replicas");
  reader.Bind("log.level", &impl_->log_level, "debug, info, warning or error");
  reader.Bind("admin.listen", &impl_->admin_listen, "Address of /metrics, /healthz and /readyz");
  reader.Bind("data.dir", &impl_->data_dir, "Folder of spools and caches; made where missing");
}

ServiceHost::~ServiceHost() {
  impl_->admin.reset();
  if (impl_->signal_fd >= 0) close(impl_->signal_fd);
  if (impl_->stop_fd >= 0) close(impl_->stop_fd);
}

int ServiceHost::Init(int argc, char** argv) {
  absl::Status status = impl_->reader.Read(argc, argv);
  if (status.ok()) status = impl_->CheckLevel();
  if (status.ok()) status = impl_->BlockSignals();
  if (status.ok()) status = impl_->MakeDataDir();
  if (status.ok()) {
    StartLog(impl_->name, impl_->log_level);
    status = impl_->StartAdmin();
  }
  if (!status.ok()) return FailStart(impl_->name, status);
  LogInfo("starting", {{"instance", impl_->instance},
                       {"admin_port", admin_port()},
                       {"settings", impl_->reader.Describe()}});
  return -1;
}

const std::string& ServiceHost::instance() const { return impl_->instance; }
const std::string& ServiceHost::data_dir() const { return impl_->data_dir; }
Metrics& ServiceHost::metrics() { return impl_->metrics; }
const Clock& ServiceHost::clock() const { return impl_->clock; }
int ServiceHost::admin_port() const { return impl_->admin ? impl_->admin->port() : 0; }

void ServiceHost::AddHealthCheck(std::string name, bool critical,
                                 std::function<absl::Status()> check) {
  impl_->health.Add(std::move(name), critical, std::move(check));
}

void ServiceHost::SetReady() {
  impl_->health.SetReady(true);
  LogInfo("ready", {{"instance", impl_->instance}});
}

void ServiceHost::WaitForStop() {
  pollfd fds[2] = {{impl_->signal_fd, POLLIN, 0}, {impl_->stop_fd, POLLIN, 0}};
  while (poll(fds, 2, -1) < 0 && errno == EINTR) {
  }
  impl_->health.Stop();
  LogInfo("stopping", {{"instance", impl_->instance}});
}

void ServiceHost::RequestStop() {
  uint64_t one = 1;
  if (write(impl_->stop_fd, &one, sizeof(one)) < 0) LogError("cannot ask for the stop");
}

int FailStart(const std::string& name, const absl::Status& status) {
  std::fprintf(stderr, "zvon-%s: cannot start: %s\n", name.c_str(),
               std::string(status.message()).c_str());
  return 1;
}

}  // namespace zvon
