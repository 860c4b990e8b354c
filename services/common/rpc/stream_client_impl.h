#pragma once
// What StreamClient is made of. Two classes:
//
// StreamAttempt is one RPC, a reactor that gRPC's threads call. It keeps
// itself alive until OnDone and takes a hold, so that the runner may start
// reads and writes at any time before it lets the hold go. The reactor's
// callbacks do nothing but post to the runner; where that fails (the runner
// has stopped, or its mailbox is full) they give the RPC up.
//
// StreamClientCore is the state, owned by the runner.

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/support/client_callback.h"
#include "services/common/executor/task_runner.h"
#include "services/common/ids/ids.h"
#include "services/common/rpc/frame_item.h"
#include "services/common/rpc/frame_queue.h"
#include "services/common/rpc/rpc_status.h"

namespace zvon::internal {

template <class Request, class Response>
class StreamClientCore;

template <class Request, class Response>
class StreamAttempt final : public grpc::ClientBidiReactor<Request, Response>,
                            public std::enable_shared_from_this<StreamAttempt<Request, Response>> {
 public:
  using Core = StreamClientCore<Request, Response>;
  using Opener =
      std::function<void(grpc::ClientContext*, grpc::ClientBidiReactor<Request, Response>*)>;

  StreamAttempt(TaskRunner& runner, std::shared_ptr<Core> core)
      : runner_(runner), core_(std::move(core)) {}

  void Start(const Opener& opener) {
    self_ = this->shared_from_this();
    opener(&context_, this);
    this->AddHold();
    this->StartRead(&response_);
    this->StartCall();
  }
  // Runner. The next frame; at most one read is outstanding.
  void ReadNext() {
    std::lock_guard lock(mutex_);
    if (!closed_) this->StartRead(&response_);
  }
  // Runner. Only after the last write's end was told.
  void Write(Request frame) {
    std::lock_guard lock(mutex_);
    if (closed_) return;
    request_ = std::move(frame);
    this->StartWrite(&request_);
  }
  // Any thread, any number of times: no operation is started afterwards.
  void Close(bool cancel) {
    {
      std::lock_guard lock(mutex_);
      if (cancel && !done_) context_.TryCancel();
      if (closed_) return;
      closed_ = true;
    }
    this->RemoveHold();
  }
  // Runner. The runner is not touched afterwards: it may go before the RPC
  // has ended.
  void Detach() {
    {
      std::lock_guard lock(post_mutex_);
      detached_ = true;
    }
    Close(true);
  }
  bool done() const { return done_; }
  // The RPC's end; valid when done() is true.
  grpc::Status status() {
    std::lock_guard lock(mutex_);
    return status_;
  }

 private:
  template <class Fn>
  void PostOrClose(Fn fn) {
    bool posted = false;
    {
      std::lock_guard lock(post_mutex_);
      if (!detached_) {
        posted = runner_.Post([core = core_, self = this->shared_from_this(),
                               fn = std::move(fn)]() mutable { fn(*core, self); });
      }
    }
    if (!posted) Close(true);
  }
  void OnReadInitialMetadataDone(bool ok) override {
    if (ok) PostOrClose([](Core& core, const auto& self) { core.OnOpen(self); });
  }
  void OnReadDone(bool ok) override {
    if (!ok) return Close(false);  // The stream is over; OnDone follows.
    PostOrClose([frame = std::move(response_)](Core& core, const auto& self) mutable {
      core.OnFrame(self, frame);
    });
  }
  void OnWriteDone(bool ok) override {
    if (!ok) return Close(true);
    PostOrClose([](Core& core, const auto& self) { core.OnWritten(self); });
  }
  void OnDone(const grpc::Status& status) override {
    {
      std::lock_guard lock(mutex_);
      status_ = status;
      done_ = true;
    }
    // A failed post is found by the core's own watch.
    PostOrClose([](Core& core, const auto& self) { core.OnDone(self); });
    self_.reset();  // Perhaps the last reference: nothing may follow.
  }

  TaskRunner& runner_;
  std::shared_ptr<Core> core_;
  std::shared_ptr<StreamAttempt> self_;  // From Start to OnDone.
  grpc::ClientContext context_;
  Request request_;
  Response response_;
  std::mutex post_mutex_;  // Guards detached_ and the use of runner_ by gRPC's threads.
  bool detached_ = false;
  std::mutex mutex_;  // Guards closed_, status_ and the starting of operations.
  bool closed_ = false;
  grpc::Status status_;
  std::atomic<bool> done_{false};
};

template <class Request, class Response>
class StreamClientCore : public std::enable_shared_from_this<StreamClientCore<Request, Response>> {
 public:
  using RequestItem = typename FrameItem<Request>::type;
  using ResponseItem = typename FrameItem<Response>::type;
  using Attempt = StreamAttempt<Request, Response>;
  using Opener = typename Attempt::Opener;

  StreamClientCore(TaskRunner& runner, Opener opener, std::function<void()> on_up,
                   std::function<void(const absl::Status&)> on_down,
                   std::function<void(const ResponseItem&)> on_item,
                   std::function<void(const absl::Status&)> on_failed, std::string name,
                   absl::Duration backoff_min, absl::Duration backoff_max, size_t queue_max)
      : runner_(runner),
        handlers_(std::make_shared<Handlers>(Handlers{std::move(opener), std::move(on_up),
                                                      std::move(on_down), std::move(on_item),
                                                      std::move(on_failed)})),
        name_(std::move(name)),
        backoff_min_(backoff_min),
        backoff_max_(backoff_max),
        backoff_(backoff_min),
        queue_max_(queue_max) {}

  void Start() {
    if (!started_ && !stopped_) Open();
    started_ = true;
  }
  void Stop() {
    if (stopped_) return;
    stopped_ = true;
    up_ = false;
    runner_.Cancel(timer_);
    queue_.Clear();
    if (attempt_) attempt_->Detach();
    attempt_.reset();
    // A handler that stops its own stream is kept alive by its caller.
    handlers_.reset();
  }
  bool up() const { return up_; }
  bool Send(RequestItem item) {
    if (!up_ || queue_.size() >= queue_max_) return false;
    queue_.Push(std::move(item));
    ScheduleFlush();
    return true;
  }

  // Told by the attempt, on the runner.
  void OnOpen(const std::shared_ptr<Attempt>& attempt) {
    if (stopped_ || attempt != attempt_) return;
    up_ = true;
    backoff_ = backoff_min_;
    auto handlers = handlers_;
    if (handlers->on_up) handlers->on_up();
  }
  void OnFrame(const std::shared_ptr<Attempt>& attempt, Response& frame) {
    // A server that sends no headers of their own sends them with the first frame.
    for (int i = 0; i < frame.items_size(); ++i) {
      if (stopped_ || attempt != attempt_) return;
      auto handlers = handlers_;
      if (handlers->on_item) handlers->on_item(frame.items(i));
    }
    if (!stopped_ && attempt == attempt_) attempt->ReadNext();
  }
  void OnWritten(const std::shared_ptr<Attempt>& attempt) {
    if (stopped_ || attempt != attempt_) return;
    writing_ = false;
    if (!queue_.empty()) Flush();
  }
  void OnDone(const std::shared_ptr<Attempt>& attempt) {
    if (stopped_ || attempt != attempt_) return;
    absl::Status status = FromGrpc(attempt->status());
    if (status.ok()) status = absl::UnavailableError("the server ended the stream");
    bool was_up = up_;
    up_ = false;
    writing_ = false;
    queue_.Clear();
    attempt_.reset();
    runner_.Cancel(timer_);
    timer_ = runner_.RunAfter(NextDelay(), [self = this->shared_from_this()] { self->Open(); });
    auto handlers = handlers_;
    auto& handler = was_up ? handlers->on_down : handlers->on_failed;
    if (handler) handler(status);
  }

 private:
  struct Handlers {
    Opener opener;
    std::function<void()> on_up;
    std::function<void(const absl::Status&)> on_down;
    std::function<void(const ResponseItem&)> on_item;
    std::function<void(const absl::Status&)> on_failed;
  };

  void Open() {
    if (stopped_) return;
    attempt_ = std::make_shared<Attempt>(runner_, this->shared_from_this());
    attempt_->Start(handlers_->opener);
    Watch();
  }
  // Finds an end whose message a full mailbox has refused.
  void Watch() {
    runner_.Cancel(timer_);
    timer_ = runner_.RunAfter(kWatchPeriod, [self = this->shared_from_this()] {
      if (self->stopped_ || !self->attempt_) return;
      if (self->attempt_->done()) return self->OnDone(std::shared_ptr<Attempt>(self->attempt_));
      self->Watch();
    });
  }
  // Half of the back-off is chance, so that many clients do not come at once.
  absl::Duration NextDelay() {
    absl::Duration delay = backoff_ / 2 + backoff_ * (0.5 * (random_() >> 11) * 0x1.0p-53);
    backoff_ = std::min(backoff_ * 2, backoff_max_);
    return delay;
  }
  void ScheduleFlush() {
    if (flush_scheduled_) return;
    flush_scheduled_ = true;
    runner_.AtTurnEnd([self = this->shared_from_this()] {
      self->flush_scheduled_ = false;
      if (!self->writing_ && !self->queue_.empty()) self->Flush();
    });
  }
  void Flush() {
    if (!up_ || !attempt_) return;
    writing_ = true;
    attempt_->Write(queue_.Pop());
  }

  static constexpr absl::Duration kWatchPeriod = absl::Seconds(1);

  TaskRunner& runner_;
  std::shared_ptr<Handlers> handlers_;
  const std::string name_;
  const absl::Duration backoff_min_;
  const absl::Duration backoff_max_;
  absl::Duration backoff_;
  const size_t queue_max_;
  RandomSource random_ = SystemRandom();

  std::shared_ptr<Attempt> attempt_;  // At most one at a time.
  FrameQueue<Request> queue_;
  TimerId timer_ = 0;
  bool started_ = false;
  bool stopped_ = false;
  bool up_ = false;
  bool writing_ = false;
  bool flush_scheduled_ = false;
};

}  // namespace zvon::internal
