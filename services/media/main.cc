// zvon-media: RTP endpoints, players, bridges and recording taps for signaling.

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "services/common/executor/loop.h"
#include "services/common/ids/ids.h"
#include "services/common/lifecycle/service_host.h"
#include "services/common/rpc/rpc_server.h"
#include "services/common/telemetry/log.h"
#include "services/media/adapters/prompt_library.h"
#include "services/media/adapters/recording_client.h"
#include "services/media/adapters/segment_uploader.h"
#include "services/media/adapters/segment_writer.h"
#include "services/media/adapters/spandsp_detector.h"
#include "services/media/server/media_probe.h"
#include "services/media/server/media_server.h"
#include "services/media/server/media_settings.h"
#include "services/media/server/media_worker.h"

namespace zvon::media {
namespace {

std::vector<std::string> SegmentFolders(const MediaSettings& settings,
                                        const std::string& data_dir) {
  std::vector<std::string> folders = {data_dir + "/segments"};
  if (!settings.recording_spill_dir.empty()) folders.push_back(settings.recording_spill_dir);
  return folders;
}

absl::StatusOr<MediaWorkerOptions> WorkerOptions(const MediaSettings& settings) {
  if (settings.rtp_port_min >= settings.rtp_port_max) {
    return absl::InvalidArgumentError("rtp.port_min is not below rtp.port_max");
  }
  MediaWorkerOptions options;
  absl::StatusOr<SocketAddress> local = ParseSocketAddress(settings.rtp_address, 0);
  if (!local.ok()) return local.status();
  options.workers = settings.workers > 0
                        ? static_cast<int>(settings.workers)
                        : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  options.local = *local;
  options.port_min = static_cast<int>(settings.rtp_port_min);
  options.port_max = static_cast<int>(settings.rtp_port_max);
  options.core.rtp_timeout = settings.rtp_timeout;
  options.core.comfort_silence = settings.rtp_comfort_silence;
  options.core.endpoints_max = static_cast<size_t>(settings.endpoints_max);
  return options;
}

int Main(int argc, char** argv) {
  MediaSettings settings;
  SettingsReader reader("media", "RTP endpoints, prompts, bridges and recording taps.");
  settings.BindTo(reader);
  ServiceHost host("media", reader, "127.0.0.1:9402");
  if (const int code = host.Init(argc, argv); code >= 0) return code;

  auto worker_options = WorkerOptions(settings);
  if (!worker_options.ok()) return FailStart("media", worker_options.status());
  auto folders = ParsePromptFolders(settings.prompts);
  if (!folders.ok()) return FailStart("media", folders.status());
  PromptLibrary prompts(*folders);
  prompts.StartWatching(settings.prompts_interval);
  LogInfo("prompts read", {{"prompts", static_cast<int64_t>(prompts.size())}});

  const std::vector<std::string> segment_folders = SegmentFolders(settings, host.data_dir());
  SegmentUploaderOptions uploader_options;
  uploader_options.folders = segment_folders;
  SegmentUploader uploader(uploader_options,
                           MakeRecordingClient(settings.recording_address, settings.tls));
  SegmentWriterOptions writer_options;
  writer_options.folders = segment_folders;
  writer_options.segment_length = settings.recording_segment_length;
  writer_options.queue_bytes_max = settings.recording_queue_megabytes << 20;
  SegmentWriter writer(writer_options, [&uploader] { uploader.Notify(); });
  if (const absl::Status status = writer.Start(); !status.ok()) return FailStart("media", status);
  uploader.Start();

  Loop loop({"control"}, host.clock());
  MediaServerOptions server_options;
  server_options.advertised_address = settings.rtp_advertised_address;
  server_options.endpoints_max = static_cast<int>(std::min<int64_t>(
      settings.endpoints_max, (settings.rtp_port_max - settings.rtp_port_min + 1) / 2));
  server_options.owners = {settings.control_grace, settings.control_orphan_max};
  MediaServer server(loop, server_options);

  std::vector<std::unique_ptr<MediaWorker>> workers;
  std::vector<MediaWorker*> pointers;
  for (int i = 0; i < worker_options->workers; ++i) {
    worker_options->index = i;
    workers.push_back(std::make_unique<MediaWorker>(
        *worker_options, host.clock(), SystemRandom(), prompts, MakeSpandspDetector,
        MediaWorker::Handlers{
            [&server](std::vector<Event> events) { server.OnEvents(std::move(events)); },
            [&writer](std::vector<RecordingOp> ops) { writer.Submit(std::move(ops)); }}));
    if (const absl::Status status = workers.back()->Start(); !status.ok()) {
      return FailStart("media", status);
    }
    pointers.push_back(workers.back().get());
  }
  loop.Start();
  loop.PostAndWait([&] { server.Start(pointers); });

  MediaProbe probe(host.metrics());
  std::function<void()> update = [&] {
    std::vector<MediaWorkerCounts> counts;
    for (const MediaWorker* worker : pointers) counts.push_back(worker->counts());
    probe.Update(counts);
    probe.Update(writer.counts(), uploader.counts());
    probe.Update(server);
    loop.RunAfter(absl::Seconds(1), [&] { update(); });
  };
  loop.PostAndWait([&] { update(); });

  auto rpc = RpcServer::Start(settings.listen, settings.tls, {&server});
  if (!rpc.ok()) return FailStart("media", rpc.status());
  host.AddHealthCheck("recording disk", false, [&writer] {
    return writer.counts().failing
               ? absl::UnavailableError("recording segments cannot be written to any folder")
               : absl::OkStatus();
  });
  host.SetReady();
  LogInfo("ready", {{"grpc_port", (*rpc)->port()}, {"workers", worker_options->workers}});
  host.WaitForStop();

  (*rpc)->Stop(absl::Seconds(2));
  loop.PostAndWait([&] { server.Stop(); });
  // Workers first: then nothing submits to the writer or posts to the loop.
  for (auto& worker : workers) worker->Stop();
  loop.Stop();
  return 0;
}

}  // namespace
}  // namespace zvon::media

int main(int argc, char** argv) { return zvon::media::Main(argc, argv); }
