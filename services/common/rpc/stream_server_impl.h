#pragma once
// What StreamServer is made of: a reactor per session that gRPC's threads
// call and that posts to the runner, and the table of sessions, the runner's.
//
// A server's reactor lives until OnDone, which comes only after Finish: so
// the runner may start reads and writes as long as nobody has called Finish,
// and a lock in the session decides between the two.

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "grpcpp/grpcpp.h"
#include "grpcpp/support/server_callback.h"
#include "services/common/executor/task_runner.h"
#include "services/common/rpc/frame_item.h"
#include "services/common/rpc/frame_queue.h"

namespace zvon::internal {

template <class Request, class Response>
class StreamServerCore;

template <class Request, class Response>
class StreamSession final : public grpc::ServerBidiReactor<Request, Response>,
                            public std::enable_shared_from_this<StreamSession<Request, Response>> {
 public:
  using Core = StreamServerCore<Request, Response>;

  StreamSession(TaskRunner& runner, std::shared_ptr<Core> core,
                grpc::CallbackServerContext* context)
      : runner_(runner), core_(std::move(core)), context_(context), peer_(context->peer()) {}

  void Start() {
    self_ = this->shared_from_this();
    PostOrFinish([](Core& core, const auto& self) { core.OnOpen(self); });
    std::lock_guard lock(mutex_);
    if (finished_) return;
    // The headers tell the client that the stream is open.
    this->StartSendInitialMetadata();
    this->StartRead(&request_);
  }
  void ReadNext() {
    std::lock_guard lock(mutex_);
    if (!finished_) this->StartRead(&request_);
  }
  void Write(Response frame) {
    std::lock_guard lock(mutex_);
    if (finished_) return;
    response_ = std::move(frame);
    this->StartWrite(&response_);
  }
  // Any thread, any number of times. `cancel` does not wait for what is
  // still being written.
  void Close(bool cancel, grpc::Status status = grpc::Status::OK) {
    std::lock_guard lock(mutex_);
    if (finished_) return;
    finished_ = true;
    if (cancel) context_->TryCancel();
    this->Finish(status);
  }
  const std::string& peer() const { return peer_; }

  // The runner's part.
  uint64_t id = 0;
  FrameQueue<Response> queue;
  bool writing = false;
  bool dirty = false;

 private:
  template <class Fn>
  void PostOrFinish(Fn fn) {
    if (!runner_.Post([core = core_, self = this->shared_from_this(),
                       fn = std::move(fn)]() mutable { fn(*core, self); })) {
      Close(true,
            grpc::Status(grpc::StatusCode::UNAVAILABLE, "the server is stopping or overloaded"));
    }
  }
  void OnReadDone(bool ok) override {
    if (!ok) return PostOrFinish([](Core& core, const auto& self) { core.OnGone(self); });
    PostOrFinish([frame = std::move(request_)](Core& core, const auto& self) mutable {
      core.OnFrame(self, frame);
    });
  }
  void OnWriteDone(bool ok) override {
    if (!ok) return;  // The read fails as well.
    PostOrFinish([](Core& core, const auto& self) { core.OnWritten(self); });
  }
  void OnCancel() override {
    PostOrFinish([](Core& core, const auto& self) { core.OnGone(self); });
  }
  void OnDone() override {
    // The context dies now; a lost OnGone is made good here.
    (void)runner_.Post([core = core_, self = this->shared_from_this()] { core->OnGone(self); });
    self_.reset();
  }

  TaskRunner& runner_;
  std::shared_ptr<Core> core_;
  grpc::CallbackServerContext* context_;
  const std::string peer_;
  std::shared_ptr<StreamSession> self_;  // From Start to OnDone.
  Request request_;
  Response response_;
  std::mutex mutex_;  // Guards finished_ and the starting of operations.
  bool finished_ = false;
};

template <class Request, class Response>
class StreamServerCore : public std::enable_shared_from_this<StreamServerCore<Request, Response>> {
 public:
  using RequestItem = typename FrameItem<Request>::type;
  using ResponseItem = typename FrameItem<Response>::type;
  using Session = StreamSession<Request, Response>;
  using SessionPtr = std::shared_ptr<Session>;

  StreamServerCore(TaskRunner& runner, std::function<void(uint64_t, const std::string&)> on_open,
                   std::function<void(uint64_t)> on_close,
                   std::function<void(uint64_t, const RequestItem&)> on_item, size_t queue_max)
      : runner_(runner),
        on_open_(std::move(on_open)),
        on_close_(std::move(on_close)),
        on_item_(std::move(on_item)),
        queue_max_(queue_max) {}

  // gRPC's thread.
  static grpc::ServerBidiReactor<Request, Response>* Accept(std::shared_ptr<StreamServerCore> core,
                                                            grpc::CallbackServerContext* context) {
    TaskRunner& runner = core->runner_;
    auto session = std::make_shared<Session>(runner, std::move(core), context);
    session->Start();
    return session.get();  // Kept alive by itself until OnDone.
  }
  bool Send(uint64_t id, ResponseItem item) {
    auto it = sessions_.find(id);
    return it != sessions_.end() && Queue(SessionPtr(it->second), std::move(item));
  }
  void SendToAll(const ResponseItem& item) {
    std::vector<SessionPtr> all;
    for (const auto& entry : sessions_) all.push_back(entry.second);
    for (const SessionPtr& session : all) Queue(session, item);
  }
  void Close(uint64_t id) {
    auto it = sessions_.find(id);
    if (it == sessions_.end()) return;
    SessionPtr session = it->second;
    // What waits is written first, where the peer reads: then the end.
    if (session->queue.empty() && !session->writing) {
      End(session, false);
    } else {
      closing_.push_back(session);
      FlushSoon(session);
    }
  }
  void Shutdown() {
    shut_down_ = true;
    for (const auto& entry : sessions_) {
      entry.second->Close(true,
                          grpc::Status(grpc::StatusCode::UNAVAILABLE, "the server is stopping"));
    }
    sessions_.clear();
    dirty_.clear();
    closing_.clear();
  }

  // Told by a session, on the runner.
  void OnOpen(const SessionPtr& session) {
    if (shut_down_) return session->Close(true);
    session->id = next_id_++;
    sessions_.emplace(session->id, session);
    if (on_open_) on_open_(session->id, session->peer());
  }
  void OnFrame(const SessionPtr& session, const Request& frame) {
    for (int i = 0; i < frame.items_size(); ++i) {
      if (!Known(session)) return;
      if (on_item_) on_item_(session->id, frame.items(i));
    }
    if (Known(session)) session->ReadNext();
  }
  void OnWritten(const SessionPtr& session) {
    if (!Known(session)) return;
    session->writing = false;
    if (!session->queue.empty()) return Flush(session);
    for (const SessionPtr& closing : closing_) {
      if (closing == session) return End(session, false);
    }
  }
  void OnGone(const SessionPtr& session) {
    if (Known(session)) End(session, false);
    // A session that was never opened (the runner had stopped) ends itself.
    if (shut_down_) session->Close(true);
  }

 private:
  bool Known(const SessionPtr& session) const {
    return !shut_down_ && session->id != 0 && sessions_.count(session->id) != 0;
  }
  bool Queue(const SessionPtr& session, ResponseItem item) {
    if (session->queue.size() >= queue_max_) {
      End(session, true);  // A peer that does not read must come back anew.
      return false;
    }
    session->queue.Push(std::move(item));
    FlushSoon(session);
    return true;
  }
  void FlushSoon(const SessionPtr& session) {
    if (session->dirty) return;
    session->dirty = true;
    dirty_.push_back(session);
    if (dirty_.size() > 1) return;
    runner_.AtTurnEnd([self = this->shared_from_this()] { self->FlushAll(); });
  }
  void FlushAll() {
    std::vector<SessionPtr> sessions;
    sessions.swap(dirty_);
    for (const SessionPtr& session : sessions) {
      session->dirty = false;
      if (Known(session) && !session->writing && !session->queue.empty()) Flush(session);
    }
  }
  void Flush(const SessionPtr& session) {
    session->writing = true;
    session->Write(session->queue.Pop());
  }
  void End(SessionPtr session, bool cancel) {
    sessions_.erase(session->id);
    std::erase(closing_, session);
    session->queue.Clear();
    session->Close(cancel);
    if (on_close_) on_close_(session->id);
  }

  TaskRunner& runner_;
  const std::function<void(uint64_t, const std::string&)> on_open_;
  const std::function<void(uint64_t)> on_close_;
  const std::function<void(uint64_t, const RequestItem&)> on_item_;
  const size_t queue_max_;

  std::unordered_map<uint64_t, SessionPtr> sessions_;
  std::vector<SessionPtr> dirty_;    // To be flushed at the turn's end.
  std::vector<SessionPtr> closing_;  // To be ended when all is written.
  uint64_t next_id_ = 1;
  bool shut_down_ = false;
};

}  // namespace zvon::internal
