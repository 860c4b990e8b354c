// zvon-recording: takes segments from media, stores conversations, gives their
// sound to those who may listen, misses what is not there.

#include <memory>
#include <string>
#include <vector>

#include "services/common/bus/kafka_bus.h"
#include "services/common/ids/ids.h"
#include "services/common/lifecycle/service_host.h"
#include "services/common/rpc/rpc_server.h"
#include "services/common/telemetry/log.h"
#include "services/recording/adapters/recording_facts.h"
#include "services/recording/server/archive_worker.h"
#include "services/recording/server/recording_probe.h"
#include "services/recording/server/recording_service.h"
#include "services/recording/server/recording_settings.h"

namespace zvon::recording {
namespace {

int Main(int argc, char** argv) {
  RecordingSettings settings;
  SettingsReader reader("recording", "Stores conversations and gives their sound.");
  settings.BindTo(reader);
  ServiceHost host("recording", reader, "127.0.0.1:9406");
  if (const int code = host.Init(argc, argv); code >= 0) return code;

  const auto format = ParseAudioFormat(settings.format);
  if (!format.ok()) return FailStart("recording", format.status());
  const std::string& data_dir = host.data_dir();
  SegmentSpool spool(data_dir + "/spool");
  if (auto status = spool.Load(host.clock().Now()); !status.ok()) {
    return FailStart("recording", status);
  }
  RecordingIndex index(data_dir);
  auto publisher = MakeKafkaPublisher({settings.kafka, data_dir + "/events"});
  if (!publisher.ok()) return FailStart("recording", publisher.status());
  auto database = Database::Make(settings.database);
  RecordingTable table(*database);

  AssemblerOptions assembler_options;
  assembler_options.store_dir = data_dir + "/store";
  assembler_options.format = *format;
  assembler_options.settle = settings.settle;
  Assembler assembler(assembler_options, spool, index, SystemRandom());
  ArchiveWorkerOptions worker_options;
  worker_options.producer = host.instance();
  worker_options.migrations_dir = settings.migrations_dir;
  worker_options.reconciliation.settle = settings.reconcile_settle;
  worker_options.reconciliation.tolerance = settings.reconcile_tolerance;
  worker_options.reconcile_interval = settings.reconcile_interval;
  ArchiveWorker worker(worker_options, host.clock(), assembler, index, *database, **publisher);

  RecordingProbe probe(host.metrics());
  KafkaConsumerOptions consumer_options;
  consumer_options.kafka = settings.kafka;
  consumer_options.group = settings.group;
  consumer_options.topics = {kInteractionsTopic};
  auto consumer = MakeKafkaConsumer(consumer_options, [&](const std::vector<BusEvent>& batch) {
    if (!worker.database_ready()) return absl::UnavailableError("PostgreSQL is not ready");
    int unreadable = 0;
    const absl::Status status = table.TakeFacts(batch, &unreadable);
    if (status.ok()) probe.CountUnreadable(unreadable);
    return status;
  });
  if (!consumer.ok()) return FailStart("recording", consumer.status());

  WavCache wav_cache(data_dir + "/cache", settings.wav_cache_megabytes << 20);
  RecordingServiceImpl service({spool, index, table, wav_cache, host.clock(),
                                assembler_options.store_dir,
                                [&worker] { return worker.database_ready(); },
                                [&worker, &probe] {
                                  probe.CountSegment();
                                  worker.Notify();
                                }});
  probe.Start([&] { return std::make_pair(worker.counts(), spool.size()); });
  worker.Start();
  auto rpc = RpcServer::Start(settings.listen, settings.tls, {&service});
  if (!rpc.ok()) return FailStart("recording", rpc.status());
  host.AddHealthCheck("postgresql", false, [&database] {
    return database->healthy() ? absl::OkStatus()
                               : absl::UnavailableError("PostgreSQL cannot be reached");
  });
  host.SetReady();
  LogInfo("recording is ready", {{"grpc_port", (*rpc)->port()}});
  host.WaitForStop();
  (*rpc)->Stop(absl::Seconds(5));
  (*consumer)->Stop();
  return 0;
}

}  // namespace
}  // namespace zvon::recording

int main(int argc, char** argv) { return zvon::recording::Main(argc, argv); }
