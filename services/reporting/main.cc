// zvon-reporting: folds events into reports. README.md beside this file.

#include <memory>
#include <string>
#include <thread>

#include "services/common/bus/kafka_bus.h"
#include "services/common/db/database.h"
#include "services/common/lifecycle/service_host.h"
#include "services/common/rpc/rpc_server.h"
#include "services/common/telemetry/log.h"
#include "services/reporting/adapters/report_queries.h"
#include "services/reporting/adapters/report_store.h"
#include "services/reporting/server/event_folder.h"
#include "services/reporting/server/report_service.h"

namespace {

struct ReportingSettings {
  std::string listen = "0.0.0.0:9107";
  std::string migrations = "services/reporting/migrations";
  std::string group = "reporting";
  bool rebuild = false;
  zvon::DatabaseSettings database;
  zvon::KafkaSettings kafka;
  zvon::TlsSettings tls;

  void BindTo(zvon::SettingsReader& reader) {
    reader.Bind("grpc.listen", &listen, "Address of the internal gRPC port");
    reader.Bind("migrations.dir", &migrations, "Folder of the SQL migrations");
    reader.Bind("kafka.group", &group, "Consumer group");
    reader.Bind("rebuild", &rebuild, "Fold every interaction again from its stored events at the start");
    database.BindTo(reader, "reporting");
    kafka.BindTo(reader);
    tls.BindTo(reader);
  }
};

// PostgreSQL may come later than we do.
absl::Status MigrateWhenThere(zvon::Database& database, const std::string& folder) {
  absl::Status status;
  for (int attempt = 0; attempt < 60; ++attempt) {
    status = zvon::Migrate(database, "reporting", folder);
    if (!absl::IsUnavailable(status)) return status;
    std::this_thread::sleep_for(std::chrono::seconds(1));
  }
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  ReportingSettings settings;
  zvon::SettingsReader reader("reporting", "Folds events into reports and answers queries.");
  settings.BindTo(reader);
  zvon::ServiceHost host("reporting", reader, "127.0.0.1:9407");
  if (int code = host.Init(argc, argv); code >= 0) return code;

  auto database = zvon::Database::Make(settings.database);
  if (auto status = MigrateWhenThere(*database, settings.migrations); !status.ok()) {
    return zvon::FailStart("reporting", status);
  }
  zvon::reporting::ReportStore store(*database);
  if (settings.rebuild) {
    if (auto status = store.Rebuild(host.clock().Now()); !status.ok()) return zvon::FailStart("reporting", status);
  }
  zvon::reporting::EventFolder folder(store, host.clock(), host.metrics());
  zvon::KafkaConsumerOptions consumer_options;
  consumer_options.kafka = settings.kafka;
  consumer_options.group = settings.group;
  consumer_options.topics = {"zvon.interactions.v1", "zvon.agents.v1"};
  auto consumer = zvon::MakeKafkaConsumer(
      consumer_options, [&folder](const std::vector<zvon::BusEvent>& batch) { return folder.TakeBatch(batch); });
  if (!consumer.ok()) return zvon::FailStart("reporting", consumer.status());

  zvon::reporting::ReportQueries queries(*database);
  zvon::reporting::ReportService service(queries, [&] {
    return (*consumer)->Lag() == 0 ? host.clock().Now() : folder.newest();
  });
  auto server = zvon::RpcServer::Start(settings.listen, settings.tls, {&service});
  if (!server.ok()) return zvon::FailStart("reporting", server.status());

  host.AddHealthCheck("postgresql", false, [&database] {
    return database->healthy() ? absl::OkStatus() : absl::UnavailableError("PostgreSQL cannot be reached");
  });
  host.SetReady();
  zvon::LogInfo("reporting is ready", {{"grpc_port", (*server)->port()}});
  host.WaitForStop();
  (*server)->Stop(absl::Seconds(5));
  (*consumer)->Stop();
  return 0;
}
