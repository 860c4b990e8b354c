#include "services/gateway/gateway.h"

#include <mutex>
#include <utility>

#include "services/common/ids/ids.h"
#include "services/common/settings/settings.h"
#include "services/gateway/links/routing_link.h"
#include "services/gateway/links/signaling_links.h"
#include "services/gateway/live/client_hub.h"
#include "services/gateway/live/gateway_probe.h"

namespace zvon::gateway {
namespace {
constexpr absl::Duration kHealthPeriod = absl::Seconds(1);
// A service is told to be away only when two looks in a row found it so.
constexpr int kLooks = 2;
}  // namespace

void GatewaySettings::BindTo(SettingsReader& reader) {
  reader.Bind("gateway.listen", &listen, "Address of HTTP and WebSocket");
  reader.Bind("gateway.web_dir", &web.web_dir, "Folder of the desktop's files; empty = none");
  reader.Bind("gateway.allowed_origins", &web.allowed_origins,
              "Origins beside our own host whose pages may use the API");
  reader.Bind("gateway.trusted_proxies", &web.trusted_proxies,
              "Networks (CIDR) of proxies whose X-Forwarded-For is believed");
  reader.Bind("gateway.secure_cookie", &web.secure_cookie,
              "Send the session cookie over TLS only (behind a TLS proxy)");
  reader.Bind("directory.address", &backends.directory, "gRPC address of directory");
  reader.Bind("recording.address", &backends.recording, "gRPC address of recording");
  reader.Bind("reporting.address", &backends.reporting, "gRPC address of reporting");
  reader.Bind("routing.addresses", &routing, "gRPC addresses of all routing replicas");
  reader.Bind("signaling.addresses", &backends.signaling,
              "gRPC addresses of all signaling replicas");
  tls.BindTo(reader);
}

struct Gateway::Impl {
  Impl(const GatewaySettings& settings, const std::string& instance, const Clock& clock_in,
       Metrics& metrics, const MakeWatch& make_watch)
      : clock(clock_in),
        runner(clock_in),
        probe(metrics),
        backends(runner, settings.backends, settings.tls),
        tokens(backends),
        watch(make_watch(runner)),
        hub(runner, tokens, probe, SystemRandom()),
        routing(runner, settings.routing, settings.tls, instance, absl::ToUnixMicros(clock.Now()),
                {.on_attached = [this](int64_t) { hub.OnRoutingAttached(); },
                 .on_lost = [] {},
                 .on_agent = [this](const auto& status) { hub.OnRoutingAgent(status); },
                 .on_queue = [this](const auto& status) { hub.OnRoutingQueue(status); },
                 .on_result = [this](const auto& id,
                                     const auto& status) { hub.OnRoutingResult(id, status); },
                 .on_forgotten =
                     [this](const auto& tenant_id, const auto& agent_id) {
                       hub.OnRoutingForgot({tenant_id, agent_id});
                     }}),
        signaling(
            runner, settings.backends.signaling, settings.tls,
            {.on_call = [this](const auto& call) { hub.OnCall(call); },
             .on_result = [this](const auto& id, const auto& status,
                                 const auto& call_id) { hub.OnCallResult(id, status, call_id); }}),
        router(ApiContext{backends, tokens, hub, *watch, probe, clock, settings.web}) {}

  // Everything of the runner's begins on its thread.
  void Begin() {
    hub.Start(routing, signaling);
    watch->Start([this](std::shared_ptr<const Configuration> view) { hub.OnConfiguration(view); });
    routing.Start();
    signaling.Start();
    LookAtServices();
  }
  void LookAtServices() {
    std::vector<std::string> away;
    auto look = [&](const char* name, int& count, bool reachable) {
      count = reachable ? 0 : count + 1;
      if (count >= kLooks) away.push_back(name);
    };
    look("routing", looks[0], routing.attached());
    look("signaling", looks[1], signaling.any_up());
    look("directory", looks[2], backends.DirectoryReachable());
    look("reporting", looks[3], backends.ReportingReachable());
    look("recording", looks[4], backends.RecordingReachable());
    {
      std::lock_guard lock(degraded_mutex);
      degraded = away;
    }
    hub.SetDegraded(std::move(away));
    look_timer = runner.RunAfter(kHealthPeriod, [this] { LookAtServices(); });
  }
  void End() {
    if (ended) return;
    ended = true;
    runner.PostAndWait([this] {
      hub.Stop();
      if (server) server->Stop();
      routing.Stop();
      signaling.Stop();
      runner.Cancel(look_timer);
    });
    backends.Stop();
    // The watch ends on its runner, which ends last.
    runner.PostAndWait([this] { watch.reset(); });
    runner.Stop();
  }

  const Clock& clock;
  AsioRunner runner;
  GatewayProbe probe;
  Backends backends;
  SessionCache tokens;
  std::unique_ptr<ConfigurationWatch> watch;
  ClientHub hub;
  RoutingLink routing;
  SignalingLinks signaling;
  ApiRouter router;
  std::unique_ptr<HttpServer> server;

  int looks[5] = {};
  TimerId look_timer = 0;
  std::mutex degraded_mutex;
  std::vector<std::string> degraded;
  bool ended = false;
};

Gateway::Gateway(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Gateway::~Gateway() { Stop(); }

absl::StatusOr<std::unique_ptr<Gateway>> Gateway::Start(const GatewaySettings& settings,
                                                        const std::string& instance,
                                                        const Clock& clock, Metrics& metrics,
                                                        const MakeWatch& make_watch) {
  auto impl = std::make_unique<Impl>(settings, instance, clock, metrics, make_watch);
  auto server = HttpServer::Listen(impl->runner, settings.listen, impl->router);
  if (!server.ok()) {
    impl->runner.Start();
    impl->End();
    return absl::Status(server.status().code(),
                        "gateway.listen: " + std::string(server.status().message()));
  }
  impl->server = std::move(*server);
  impl->runner.Start();
  impl->runner.PostAndWait([&] { impl->Begin(); });
  return std::unique_ptr<Gateway>(new Gateway(std::move(impl)));
}

int Gateway::port() const { return impl_->server->port(); }

std::vector<std::string> Gateway::Degraded() const {
  std::lock_guard lock(impl_->degraded_mutex);
  return impl_->degraded;
}

void Gateway::Stop() { impl_->End(); }

}  // namespace zvon::gateway
