#include <memory>
#include <utility>

#include "services/common/lifecycle/service_host.h"
#include "services/common/store/redis_snapshot_store.h"
#include "services/common/telemetry/log.h"
#include "services/scenario/adapters/postgres_definition_store.h"
#include "services/scenario/adapters/prompt_folders.h"
#include "services/scenario/server/scenario_server.h"
#include "services/scenario/server/scenario_settings.h"

namespace zvon::scenario {
namespace {

absl::StatusOr<std::unique_ptr<Publisher>> MakePublisher(const ScenarioSettings& settings,
                                                         const ServiceHost& host) {
  KafkaPublisherOptions options;
  options.kafka = settings.kafka;
  options.spool_dir = host.data_dir() + "/spool";
  return MakeKafkaPublisher(std::move(options));
}

ScenarioServerOptions ServerOptions(const ScenarioSettings& settings, const ServiceHost& host) {
  ScenarioServerOptions options;
  options.listen = settings.listen;
  options.tls = settings.tls;
  options.runs.instance = host.instance();
  options.runs.detached_max = settings.detached_max;
  options.runs.runs_max = static_cast<size_t>(settings.runs_max);
  options.definitions.cache_file = host.data_dir() + "/definitions.bin";
  if (settings.demo_enabled) options.definitions.demo_dir = settings.demo_dir;
  return options;
}

int Main(int argc, char** argv) {
  ScenarioSettings settings;
  settings.migrations_dir = ZVON_SCENARIO_MIGRATIONS;
  SettingsReader reader("scenario",
                        "Runs scenarios: what customers hear and choose before they talk.");
  settings.BindTo(reader);
  ServiceHost host("scenario", reader, "0.0.0.0:9405");
  if (int code = host.Init(argc, argv); code >= 0) return code;

  absl::StatusOr<std::unique_ptr<Publisher>> publisher = MakePublisher(settings, host);
  if (!publisher.ok()) return FailStart("scenario", publisher.status());
  Loop loop({.name = "runs"}, host.clock());
  RedisClient redis(loop, settings.redis);
  std::unique_ptr<Database> database = Database::Make(settings.postgres);
  std::unique_ptr<DefinitionStore> store = MakePostgresDefinitionStore(*database);
  auto catalog = std::make_shared<const PromptCatalog>(ReadPromptFolders(settings.prompt_folders));

  auto stores = [&](const std::string& tenant_id) {
    return MakeRedisSnapshotStore(redis, "{" + tenant_id + "}:run", host.instance());
  };
  auto migrate = [&] { return Migrate(*database, "scenario", settings.migrations_dir); };
  ScenarioServer server(loop, host.clock(), host.metrics(), **publisher, *store, catalog, stores,
                        migrate, ServerOptions(settings, host));
  (void)loop.Post([&] {
    redis.OnConnected([&](bool restarted) {
      if (restarted) server.runs().WriteAllSnapshots();
    });
    redis.Start();
  });
  if (absl::Status status = server.Start(); !status.ok()) return FailStart("scenario", status);
  // Calls are met from the local file: only the very first start waits.
  host.AddHealthCheck("definitions", false, [&] {
    const bool usable = server.keeper().synchronised() || server.keeper().has_local();
    return usable
               ? absl::OkStatus()
               : absl::UnavailableError("no definitions yet: neither PostgreSQL nor a local file");
  });
  host.SetReady();
  LogInfo("ready", {{"port", server.port()}, {"prompts", static_cast<int64_t>(catalog->size())}});
  host.WaitForStop();
  server.Stop();
  (*publisher)->Flush(absl::Seconds(2));
  return 0;
}

}  // namespace
}  // namespace zvon::scenario

int main(int argc, char** argv) { return zvon::scenario::Main(argc, argv); }
