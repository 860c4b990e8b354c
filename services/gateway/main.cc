#include "absl/strings/str_join.h"
#include "services/common/lifecycle/service_host.h"
#include "services/common/settings/settings.h"
#include "services/common/telemetry/log.h"
#include "services/gateway/gateway.h"

int main(int argc, char** argv) {
  using namespace zvon;
  gateway::GatewaySettings settings;
  std::string redis_address;
  SettingsReader reader("gateway",
                        "Serves browsers and integrators: HTTP, WebSocket, the desktop.");
  settings.BindTo(reader);
  // Taken so that all services can share one file; the session index in Redis
  // comes with the second replica.
  reader.Bind("redis.address", &redis_address, "Redis, for the session index (not used yet)");
  ServiceHost host("gateway", reader, "127.0.0.1:9411");
  if (int code = host.Init(argc, argv); code >= 0) return code;

  ConfigurationWatchOptions watch;
  watch.directory_address = settings.backends.directory;
  watch.cache_file = host.data_dir() + "/configuration.pb";
  const ConfigurationWatch* configuration = nullptr;  // The gateway's.
  auto started = gateway::Gateway::Start(settings, host.instance(), host.clock(), host.metrics(),
                                         [&](TaskRunner& runner) {
                                           auto made = WatchDirectory(runner, watch);
                                           configuration = made.get();
                                           return made;
                                         });
  if (!started.ok()) return FailStart("gateway", started.status());
  std::unique_ptr<gateway::Gateway> gateway = std::move(*started);

  // Pages say themselves what is missing: a gateway with services away is
  // still the one to ask, so this is told but does not take it out of use.
  host.AddHealthCheck("http", true, [] { return absl::OkStatus(); });
  // Once it has read the settings it keeps them, with directory away too.
  host.AddHealthCheck("configuration", false,
                      [configuration] { return ConfigurationHealth(*configuration); });
  host.SetReady();
  LogInfo("listening", {{"port", gateway->port()}, {"web_dir", settings.web.web_dir}});
  host.WaitForStop();
  gateway->Stop();
  return 0;
}
