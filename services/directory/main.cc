// zvon-directory: configuration and identity.

#include <sys/stat.h>

#include <filesystem>

#include "absl/time/clock.h"
#include "services/common/bus/kafka_bus.h"
#include "services/common/lifecycle/service_host.h"
#include "services/common/rpc/rpc_server.h"
#include "services/common/telemetry/log.h"
#include "services/directory/server/replica.h"

namespace zvon::directory {
namespace {

constexpr absl::Duration kDatabaseLimit = absl::Seconds(30), kRetryPause = absl::Milliseconds(500);

struct Settings {
  ReplicaOptions replica;
  KafkaSettings kafka;
  TlsSettings tls;

  void BindTo(SettingsReader& reader) {
    replica.listen = "127.0.0.1:9108";
    replica.migrations_folder = ZVON_DIRECTORY_MIGRATIONS;
    replica.demo_file = ZVON_DEMO_FILE;
    reader.Bind("grpc.listen", &replica.listen, "Address of the internal gRPC port");
    reader.Bind("migrations.dir", &replica.migrations_folder, "Folder of the SQL migrations");
    reader.Bind("demo.enabled", &replica.sessions.demo_enabled,
                "Load the demo tenant and allow its log-ins (public passwords)");
    reader.Bind("demo.file", &replica.demo_file, "Records of the demo tenant");
    reader.Bind("session.lifetime", &replica.sessions.lifetime, "How long a log-in lasts");
    replica.database.BindTo(reader, "directory");
    kafka.BindTo(reader);
    tls.BindTo(reader);
  }
};

// PostgreSQL may come up after us.
absl::StatusOr<std::unique_ptr<Replica>> StartReplica(const ReplicaOptions& options,
                                                      const Clock& clock, Publisher* publisher,
                                                      Metrics& metrics) {
  const absl::Time deadline = clock.Now() + kDatabaseLimit;
  while (true) {
    auto replica = Replica::Start(options, clock, publisher, metrics);
    if (replica.status().code() != absl::StatusCode::kUnavailable || clock.Now() > deadline)
      return replica;
    LogWarning("waiting for PostgreSQL", {{"error", std::string(replica.status().message())}});
    absl::SleepFor(kRetryPause);
  }
}

int Main(int argc, char** argv) {
  Settings settings;
  SettingsReader reader("directory", "Configuration and identity of all tenants.");
  settings.BindTo(reader);
  ServiceHost host("directory", reader, "127.0.0.1:9408");
  if (int code = host.Init(argc, argv); code >= 0) return code;

  // The outbox is the durable copy: an old spool would only repeat old states
  // behind newer ones.
  KafkaPublisherOptions bus{.kafka = settings.kafka, .spool_dir = host.data_dir() + "/spool"};
  std::error_code ignored;
  std::filesystem::remove_all(bus.spool_dir, ignored);
  auto publisher = MakeKafkaPublisher(bus);
  if (!publisher.ok()) return FailStart("directory", publisher.status());

  settings.replica.instance = host.instance();
  settings.replica.tls_certificate_file = settings.tls.certificate_file;
  settings.replica.tls_key_file = settings.tls.key_file;
  settings.replica.tls_ca_file = settings.tls.ca_file;
  auto replica = StartReplica(settings.replica, host.clock(), publisher->get(), host.metrics());
  if (!replica.ok()) return FailStart("directory", replica.status());
  host.AddHealthCheck("postgres", /*critical=*/false, [&replica] { return (*replica)->Healthy(); });
  LogInfo("directory serves", {{"port", (*replica)->port()}, {"revision", (*replica)->revision()}});
  host.SetReady();
  host.WaitForStop();
  replica->reset();
  return 0;
}

}  // namespace
}  // namespace zvon::directory

int main(int argc, char** argv) { return zvon::directory::Main(argc, argv); }
