#include "services/media/server/media_server.h"

#include <utility>

#include "absl/hash/hash.h"
#include "services/common/telemetry/log.h"
#include "services/media/server/media_conversion.h"

namespace zvon::media {
namespace {

namespace pb = zvon::mediaservice::v1;
constexpr int kSweepSeconds = 5;

}  // namespace

MediaServer::MediaServer(TaskRunner& runner, MediaServerOptions options)
    : runner_(runner),
      options_(std::move(options)),
      owners_(options_.owners),
      streams_(runner, {[this](StreamSessionId session, const std::string& peer) {
                          ++sessions_;
                          LogInfo("control stream opened", {{"session", session}, {"peer", peer}});
                        },
                        [this](StreamSessionId session) {
                          --sessions_;
                          LogInfo("control stream closed", {{"session", session}});
                          owners_.OnSessionClosed(session, runner_.Now());
                          orphans_ = owners_.orphans();
                        },
                        [this](StreamSessionId session, const pb::MediaCommand& command) {
                          OnItem(session, command);
                        }}) {}

void MediaServer::Start(std::vector<MediaWorker*> workers) {
  workers_ = std::move(workers);
  timer_ = runner_.RunAfter(absl::Seconds(1), [this] { EverySecond(); });
}

void MediaServer::Stop() { runner_.Cancel(timer_); }

MediaWorker& MediaServer::WorkerOf(const std::string& call_id) {
  return *workers_[absl::Hash<std::string>{}(call_id) % workers_.size()];
}

void MediaServer::OnItem(StreamSessionId session, const pb::MediaCommand& proto) {
  if (!proto.call_id().empty()) owners_.Claim(proto.call_id(), session, runner_.Now());
  if (proto.has_take_census()) return AnswerCensus(session);
  absl::StatusOr<Command> command = FromProto(proto);
  absl::Status status = command.status();
  if (status.ok() && !WorkerOf(proto.call_id()).Post(*std::move(command))) {
    status = absl::ResourceExhaustedError("the media worker is overloaded or stopping");
  }
  if (status.ok()) return;
  LogWarning("media command refused",
             {{"call_id", proto.call_id()}, {"error", std::string(status.message())}});
  streams_.Send(session, MakeCommandFailed(proto, status, runner_.Now()));
}

void MediaServer::OnEvents(std::vector<Event> events) {
  const size_t count = events.size();
  const bool posted = runner_.Post([this, events = std::move(events)] {
    for (const Event& event : events) Send(event);
  });
  if (!posted) events_dropped_ += count;
}

void MediaServer::Send(const Event& event) {
  pb::MediaEvent item = ToProto(event, options_.advertised_address);
  const StreamSessionId session = owners_.OwnerOf(event.call_id);
  if (session == 0 || !streams_.Send(session, item)) streams_.SendToAll(item);
}

void MediaServer::TakeCensus(std::function<void(std::vector<CallOwners::Alive>)> done) {
  struct Gathered {
    std::vector<CallOwners::Alive> alive;
    size_t missing;
    std::function<void(std::vector<CallOwners::Alive>)> done;
  };
  auto gathered = std::make_shared<Gathered>(Gathered{{}, workers_.size(), std::move(done)});
  // Runs on the runner, once for each worker.
  auto add = [gathered](std::vector<CallOwners::Alive> part) {
    for (auto& call : part) gathered->alive.push_back(std::move(call));
    if (--gathered->missing == 0) gathered->done(std::move(gathered->alive));
  };
  for (MediaWorker* worker : workers_) {
    // A worker that takes no jobs is missing from the census: nothing is
    // concluded from it then.
    const bool posted = worker->Post([this, add](MediaCore& core, absl::Time, Effects&) {
      std::vector<CallOwners::Alive> part;
      for (std::string& call_id : core.CallIds()) {
        const absl::Time last = core.LastReceived(call_id);
        part.push_back({std::move(call_id), last});
      }
      (void)runner_.Post([add, part = std::move(part)]() mutable { add(std::move(part)); });
    });
    if (!posted) return;
  }
}

void MediaServer::AnswerCensus(StreamSessionId session) {
  TakeCensus([this, session](std::vector<CallOwners::Alive> alive) {
    pb::MediaEvent item;
    for (auto& call : alive) item.mutable_census()->add_call_ids(std::move(call.call_id));
    item.mutable_census();
    streams_.Send(session, std::move(item));
  });
}

void MediaServer::EverySecond() {
  timer_ = runner_.RunAfter(absl::Seconds(1), [this] { EverySecond(); });
  int endpoints = 0;
  for (const MediaWorker* worker : workers_) endpoints += worker->endpoints();
  pb::MediaEvent item;
  item.mutable_load()->set_endpoints(endpoints);
  item.mutable_load()->set_endpoints_max(options_.endpoints_max);
  streams_.SendToAll(item);
  if (++seconds_ % kSweepSeconds == 0) Sweep();
}

void MediaServer::Sweep() {
  TakeCensus([this](std::vector<CallOwners::Alive> alive) {
    for (const std::string& call_id : owners_.Sweep(alive, runner_.Now())) {
      LogWarning("call given up: nobody has claimed it and its remotes are silent",
                 {{"call_id", call_id}});
      (void)WorkerOf(call_id).Post(Command{call_id, DeleteCall{}});
    }
    orphans_ = owners_.orphans();
  });
}

}  // namespace zvon::media
