#pragma once
// The gRPC edge: control streams in, workers out. Lives on its loop; gRPC's
// threads only enter Control.

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "services/common/executor/task_runner.h"
#include "services/common/rpc/stream_server.h"
#include "services/media/server/call_owners.h"
#include "services/media/server/media_worker.h"
#include "zvon/mediaservice/v1/media_service.grpc.pb.h"

namespace zvon::media {

struct MediaServerOptions {
  std::string advertised_address = "127.0.0.1";
  int endpoints_max = 5000;
  CallOwners::Options owners;
};

class MediaServer final : public zvon::mediaservice::v1::MediaService::CallbackService {
 public:
  using Request = zvon::mediaservice::v1::ControlRequest;
  using Response = zvon::mediaservice::v1::ControlResponse;

  MediaServer(TaskRunner& runner, MediaServerOptions options);

  // The workers' events, from any thread.
  void OnEvents(std::vector<Event> events);
  // Runner only, once, before the gRPC server starts. The workers outlive it.
  void Start(std::vector<MediaWorker*> workers);
  // Runner only: no timer runs after it.
  void Stop();

  grpc::ServerBidiReactor<Request, Response>* Control(
      grpc::CallbackServerContext* context) override {
    return streams_.Accept(context);
  }

  // For metrics; thread-safe.
  size_t orphans() const { return orphans_.load(std::memory_order_relaxed); }
  size_t sessions() const { return sessions_.load(std::memory_order_relaxed); }
  uint64_t events_dropped() const { return events_dropped_.load(std::memory_order_relaxed); }

 private:
  using Streams = StreamServer<Request, Response>;
  void OnItem(StreamSessionId session, const zvon::mediaservice::v1::MediaCommand& command);
  void Send(const Event& event);
  // Asks every worker; `done` runs on the runner.
  void TakeCensus(std::function<void(std::vector<CallOwners::Alive>)> done);
  void AnswerCensus(StreamSessionId session);
  void EverySecond();
  void Sweep();
  MediaWorker& WorkerOf(const std::string& call_id);

  TaskRunner& runner_;
  MediaServerOptions options_;
  std::vector<MediaWorker*> workers_;
  CallOwners owners_;
  TimerId timer_ = 0;
  int seconds_ = 0;
  std::atomic<size_t> orphans_{0};
  std::atomic<size_t> sessions_{0};
  std::atomic<uint64_t> events_dropped_{0};
  Streams streams_;  // Last: its handlers use the rest.
};

}  // namespace zvon::media
