#pragma once
// A server stream read piece by piece, no faster than its pieces are wanted.

#include <functional>
#include <memory>
#include <mutex>
#include <utility>

#include "absl/status/status.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/support/client_callback.h"
#include "services/common/executor/task_runner.h"
#include "services/common/rpc/rpc_status.h"
#include "services/gateway/links/call_tracker.h"

namespace zvon::gateway {

template <class Response>
class StreamReader final : public grpc::ClientReadReactor<Response>,
                           public std::enable_shared_from_this<StreamReader<Response>> {
 public:
  // The next piece, or nullptr and the status of the end.
  using Handler = std::function<void(Response* piece, const absl::Status& end)>;

  StreamReader(CallTracker& tracker, TaskRunner& runner) : tracker_(tracker), runner_(runner) {}

  // `start` calls the stub's method with (context, reactor). Runner thread.
  template <class Start>
  void Begin(Start start) {
    if (!tracker_.Add(&context_)) {
      done_ = true;
      status_ = absl::CancelledError("stopping");
      return;
    }
    self_ = this->shared_from_this();
    start(&context_, this);
    this->AddHold();
    this->StartCall();
  }
  // Not again before its handler was called. Runner thread.
  void Read(Handler handler) {
    std::lock_guard lock(mutex_);
    handler_ = std::move(handler);
    if (closed_ || done_) return PostEnd();
    this->StartRead(&response_);
  }
  // No handler runs afterwards. Runner thread.
  void Cancel() {
    std::lock_guard lock(mutex_);
    cancelled_ = true;
    if (!done_) context_.TryCancel();
    Close();
  }

 private:
  // Lets the RPC end; with the lock held.
  void Close() {
    if (closed_ || done_ || !self_) return;
    closed_ = true;
    this->RemoveHold();
  }
  void PostEnd() {
    if (!done_) return;  // OnDone will.
    Post([](Handler& handler, StreamReader& self) { handler(nullptr, self.status_); });
  }
  template <class Fn>
  void Post(Fn fn) {
    (void)runner_.Post([self = this->shared_from_this(), fn]() mutable {
      if (self->cancelled_) return;
      Handler handler = std::move(self->handler_);
      self->handler_ = nullptr;
      if (handler) fn(handler, *self);
    });
  }
  void OnReadDone(bool ok) override {
    std::lock_guard lock(mutex_);
    if (!ok) return Close();
    Post([](Handler& handler, StreamReader& self) {
      Response piece = std::move(self.response_);
      self.response_ = Response();
      handler(&piece, absl::OkStatus());
    });
  }
  void OnDone(const grpc::Status& status) override {
    std::shared_ptr<StreamReader> self;
    {
      std::lock_guard lock(mutex_);
      status_ = FromGrpc(status);
      done_ = true;
      PostEnd();
      self = std::move(self_);
    }
    tracker_.Remove(&context_);
  }

  CallTracker& tracker_;
  TaskRunner& runner_;
  grpc::ClientContext context_;
  std::shared_ptr<StreamReader> self_;  // From Begin to OnDone.
  Response response_;
  std::mutex mutex_;  // Guards what follows between the runner and gRPC.
  Handler handler_;
  absl::Status status_;
  bool closed_ = false;
  bool done_ = false;
  bool cancelled_ = false;
};

}  // namespace zvon::gateway
