// zvon-recording: takes segments, keeps recordings. README.md beside this file.

#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "services/common/bus/kafka_bus.h"
#include "services/common/db/database.h"
#include "services/common/lifecycle/service_host.h"
#include "services/common/rpc/rpc_server.h"
#include "services/common/telemetry/log.h"
#include "services/recording/server/assembler.h"
#include "services/recording/server/recording_service.h"

namespace {

struct RecordingSettings {
  std::string listen = "0.0.0.0:9106";
  std::string migrations = "services/recording/migrations";
  std::string group = "recording";
  std::string format = "ogg-opus";
  absl::Duration settle = absl::Seconds(15);
  absl::Duration missing_after = absl::Minutes(2);
  zvon::DatabaseSettings database;
  zvon::KafkaSettings kafka;
  zvon::TlsSettings tls;

  void BindTo(zvon::SettingsReader& reader) {
    reader.Bind("grpc.listen", &listen, "Address of the internal gRPC port");
    reader.Bind("migrations.dir", &migrations, "Folder of the SQL migrations");
    reader.Bind("kafka.group", &group, "Consumer group");
    reader.Bind("recording.format", &format, "ogg-opus or wav");
    reader.Bind("recording.settle", &settle, "How long the successor of a crashed media process is waited for");
    reader.Bind("recording.missing_after", &missing_after, "A recording not stored so long after its end is missing");
    database.BindTo(reader, "recording");
    kafka.BindTo(reader);
    tls.BindTo(reader);
  }
};

// Segments are taken before PostgreSQL is there: migrations run beside.
class Migration {
 public:
  Migration(zvon::Database& database, std::string folder)
      : thread_([this, &database, folder] {
          while (!stop_) {
            const absl::Status status = zvon::Migrate(database, "recording", folder);
            if (status.ok()) break;
            zvon::LogWarning("migrations wait", {{"error", status.ToString()}});
            for (int i = 0; i < 10 && !stop_; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(100));
          }
          done_ = true;
        }) {}
  ~Migration() {
    stop_ = true;
    thread_.join();
  }
  bool done() const { return done_; }

 private:
  std::atomic<bool> stop_{false}, done_{false};
  std::thread thread_;
};

absl::Status TakeBatch(zvon::recording::RecordingTable& table, const std::vector<zvon::BusEvent>& batch) {
  std::vector<zvon::events::v1::Event> events;
  for (const auto& item : batch) {
    zvon::events::v1::Event event;
    if (event.ParseFromString(item.payload)) events.push_back(std::move(event));
  }
  return table.TakeEvents(events);
}

}  // namespace

int main(int argc, char** argv) {
  RecordingSettings settings;
  zvon::SettingsReader reader("recording", "Takes recorded segments, keeps and plays recordings.");
  settings.BindTo(reader);
  zvon::ServiceHost host("recording", reader, "127.0.0.1:9406");
  if (int code = host.Init(argc, argv); code >= 0) return code;
  auto format = zvon::recording::ParseSoundFormat(settings.format);
  if (!format.ok()) return zvon::FailStart("recording", format.status());
  for (const char* folder : {"incoming", "store", "cache"}) {
    std::error_code error;
    std::filesystem::create_directories(host.data_dir() + "/" + folder, error);
    if (error) return zvon::FailStart("recording", absl::InternalError(host.data_dir() + ": " + error.message()));
  }

  auto database = zvon::Database::Make(settings.database);
  Migration migration(*database, settings.migrations);
  zvon::KafkaPublisherOptions publisher_options;
  publisher_options.kafka = settings.kafka;
  publisher_options.spool_dir = host.data_dir() + "/spool";
  auto publisher = zvon::MakeKafkaPublisher(publisher_options);
  if (!publisher.ok()) return zvon::FailStart("recording", publisher.status());

  zvon::recording::SegmentFolder folder(host.data_dir() + "/incoming");
  zvon::recording::RecordingTable table(*database);
  zvon::recording::AssemblerOptions options;
  options.store_dir = host.data_dir() + "/store";
  options.instance = host.instance();
  options.format = *format;
  options.settle = settings.settle;
  options.missing_after = settings.missing_after;
  zvon::recording::Assembler assembler(options, folder, table, **publisher, host.clock(), host.metrics());

  zvon::KafkaConsumerOptions consumer_options;
  consumer_options.kafka = settings.kafka;
  consumer_options.group = settings.group;
  consumer_options.topics = {"zvon.interactions.v1"};
  auto consumer = zvon::MakeKafkaConsumer(
      consumer_options, [&table](const std::vector<zvon::BusEvent>& batch) { return TakeBatch(table, batch); });
  if (!consumer.ok()) return zvon::FailStart("recording", consumer.status());

  zvon::recording::RecordingService service(folder, table, options.store_dir, host.data_dir() + "/cache");
  auto server = zvon::RpcServer::Start(settings.listen, settings.tls, {&service});
  if (!server.ok()) return zvon::FailStart("recording", server.status());
  host.AddHealthCheck("postgresql", false, [&] {
    return database->healthy() && migration.done() ? absl::OkStatus()
                                                   : absl::UnavailableError("PostgreSQL cannot be reached");
  });
  host.SetReady();
  zvon::LogInfo("recording is ready", {{"grpc_port", (*server)->port()}});
  host.WaitForStop();
  (*server)->Stop(absl::Seconds(10));
  (*consumer)->Stop();
  (*publisher)->Flush(absl::Seconds(5));
  return 0;
}
