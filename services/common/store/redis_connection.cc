#include "services/common/store/redis_connection.h"

#include <hiredis/async.h>
#include <hiredis/hiredis.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace zvon::internal {
namespace {

RedisReply ToReply(const redisReply& in) {
  RedisReply out;
  switch (in.type) {
    case REDIS_REPLY_STRING:
      out.type = RedisReply::Type::kString;
      out.text.assign(in.str, in.len);
      break;
    case REDIS_REPLY_STATUS:
      out.type = RedisReply::Type::kStatus;
      out.text.assign(in.str, in.len);
      break;
    case REDIS_REPLY_INTEGER:
      out.type = RedisReply::Type::kInteger;
      out.integer = in.integer;
      break;
    case REDIS_REPLY_ARRAY:
      out.type = RedisReply::Type::kArray;
      for (size_t i = 0; i < in.elements; ++i) out.elements.push_back(ToReply(*in.element[i]));
      break;
    case REDIS_REPLY_ERROR:  // Within an array: its text is all there is.
      out.type = RedisReply::Type::kStatus;
      out.text.assign(in.str, in.len);
      break;
    default:
      break;
  }
  return out;
}

}  // namespace

absl::Status RedisErrorStatus(const std::string& text) {
  for (const char* word : {"READONLY", "LOADING", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "BUSY ",
                           "NOREPLICAS", "UNBLOCKED"}) {
    if (absl::StartsWith(text, word)) return absl::UnavailableError(text);
  }
  for (const char* word : {"NOAUTH", "WRONGPASS", "NOPERM"}) {
    if (absl::StartsWith(text, word)) return absl::PermissionDeniedError(text);
  }
  if (absl::StartsWith(text, "OOM")) return absl::ResourceExhaustedError(text);
  return absl::FailedPreconditionError(text);
}

// Lives until hiredis has called back for the last time.
struct RedisConnection::Pending {
  Handler handler;
  std::function<void(const std::string&)> on_message;  // A subscription's.
};

std::shared_ptr<RedisConnection> RedisConnection::Open(Loop& loop, const std::string& ip, int port,
                                                       std::function<void()> on_open,
                                                       std::function<void(absl::Status)> on_close) {
  std::shared_ptr<RedisConnection> connection(new RedisConnection(loop));
  if (!connection->Attach(ip, port)) return nullptr;
  connection->on_open_ = std::move(on_open);
  connection->on_close_ = std::move(on_close);
  return connection;
}

RedisConnection::~RedisConnection() {
  on_close_ = nullptr;
  Close(absl::CancelledError("connection is given up"));
}

bool RedisConnection::Attach(const std::string& ip, int port) {
  context_ = redisAsyncConnect(ip.c_str(), port);
  if (context_ == nullptr) return false;
  if (context_->err != 0) {
    redisAsyncFree(std::exchange(context_, nullptr));
    return false;
  }
  fd_ = context_->c.fd;
  context_->data = this;
  context_->ev.data = this;
  context_->ev.addRead = [](void* d) {
    static_cast<RedisConnection*>(d)->reads_ = true;
    static_cast<RedisConnection*>(d)->Watch();
  };
  context_->ev.delRead = [](void* d) {
    static_cast<RedisConnection*>(d)->reads_ = false;
    static_cast<RedisConnection*>(d)->Watch();
  };
  context_->ev.addWrite = [](void* d) { static_cast<RedisConnection*>(d)->WriteSoon(); };
  context_->ev.delWrite = [](void* d) {
    static_cast<RedisConnection*>(d)->writes_ = false;
    static_cast<RedisConnection*>(d)->Watch();
  };
  context_->ev.cleanup = [](void* d) { static_cast<RedisConnection*>(d)->Detached(); };
  redisAsyncSetConnectCallback(context_, OnConnect);
  redisAsyncSetDisconnectCallback(context_, OnDisconnect);
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  const int idle_s = 5, user_timeout_ms = 5000;
  setsockopt(fd_, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
  setsockopt(fd_, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof(idle_s));
  setsockopt(fd_, IPPROTO_TCP, TCP_KEEPINTVL, &on, sizeof(on));
  setsockopt(fd_, IPPROTO_TCP, TCP_USER_TIMEOUT, &user_timeout_ms, sizeof(user_timeout_ms));
  writes_ = true;  // Becomes writable when connected.
  Watch();
  return true;
}

void RedisConnection::Watch() {
  if (fd_ < 0) return;
  const uint32_t wanted = (reads_ ? uint32_t{EPOLLIN} : 0u) | (writes_ ? uint32_t{EPOLLOUT} : 0u);
  if (wanted == watched_) return;
  if (wanted == 0) {
    loop_.UnwatchFd(fd_);
  } else if (watched_ == 0) {
    loop_.WatchFd(fd_, wanted, [this](uint32_t events) { OnEvents(events); });
  } else {
    loop_.ChangeFd(fd_, wanted);
  }
  watched_ = wanted;
}

void RedisConnection::OnEvents(uint32_t events) {
  auto self = shared_from_this();  // A handler may let go of us.
  const bool failed = (events & (EPOLLERR | EPOLLHUP)) != 0;
  if (context_ != nullptr && (!open_ || (events & EPOLLOUT) != 0)) redisAsyncHandleWrite(context_);
  if (context_ != nullptr && open_ && ((events & EPOLLIN) != 0 || failed)) {
    redisAsyncHandleRead(context_);
  }
}

void RedisConnection::WriteSoon() {
  if (!open_) {
    writes_ = true;
    Watch();
    return;
  }
  if (write_planned_ || writes_) return;
  write_planned_ = true;
  loop_.AtTurnEnd([weak = weak_from_this()] {
    auto self = weak.lock();
    if (self == nullptr) return;
    self->write_planned_ = false;
    if (self->context_ == nullptr) return;
    // What does not fit into the socket now is written when epoll says so.
    self->writes_ = true;
    redisAsyncHandleWrite(self->context_);
    if (self->context_ != nullptr) self->Watch();
  });
}

void RedisConnection::Detached() {
  if (watched_ != 0) loop_.UnwatchFd(fd_);
  watched_ = 0;
  fd_ = -1;
  context_ = nullptr;
}

void RedisConnection::Close(absl::Status why) {
  if (context_ == nullptr || closing_) return;
  closing_ = true;
  why_ = std::move(why);
  redisAsyncFree(context_);  // Calls every pending handler, then the disconnect callback.
  auto on_close = std::exchange(on_close_, nullptr);
  if (on_close) on_close(why_);
}

void RedisConnection::OnConnect(const redisAsyncContext* context, int status) {
  auto* self = static_cast<RedisConnection*>(context->data);
  if (status == REDIS_OK) {
    self->open_ = true;
    auto on_open = std::exchange(self->on_open_, nullptr);
    if (on_open) on_open();
    return;
  }
  OnDisconnect(context, status);
}

void RedisConnection::OnDisconnect(const redisAsyncContext* context, int status) {
  auto* self = static_cast<RedisConnection*>(context->data);
  if (self->closing_) return;
  self->closing_ = true;
  self->why_ = absl::UnavailableError(
      absl::StrCat("Redis: ", context->errstr != nullptr ? context->errstr : "connection closed"));
  // hiredis is still at work on the context: tell when it has finished.
  self->loop_.RunAfter(absl::ZeroDuration(), [weak = self->weak_from_this()] {
    auto connection = weak.lock();
    if (connection == nullptr) return;
    auto on_close = std::exchange(connection->on_close_, nullptr);
    if (on_close) on_close(connection->why_);
  });
}

void RedisConnection::OnReply(redisAsyncContext* context, void* raw, void* data) {
  auto* self = static_cast<RedisConnection*>(context->data);
  auto* pending = static_cast<Pending*>(data);
  auto* reply = static_cast<redisReply*>(raw);
  if (pending->on_message) {
    if (reply == nullptr) {
      delete pending;
    } else if (reply->type == REDIS_REPLY_ARRAY && reply->elements == 3 &&
               reply->element[2]->type == REDIS_REPLY_STRING) {
      pending->on_message(std::string(reply->element[2]->str, reply->element[2]->len));
    }
    return;
  }
  std::unique_ptr<Pending> owned(pending);
  if (reply == nullptr) {
    owned->handler(self->why_.ok() ? absl::UnavailableError("Redis: connection lost") : self->why_);
  } else if (reply->type == REDIS_REPLY_ERROR) {
    owned->handler(RedisErrorStatus(std::string(reply->str, reply->len)));
  } else {
    owned->handler(ToReply(*reply));
  }
}

void RedisConnection::Send(const std::vector<std::string>& args, Handler handler) {
  std::vector<const char*> texts;
  std::vector<size_t> sizes;
  for (const std::string& arg : args) {
    texts.push_back(arg.data());
    sizes.push_back(arg.size());
  }
  auto pending = std::make_unique<Pending>();
  pending->handler = std::move(handler);
  if (context_ == nullptr || closing_ ||
      redisAsyncCommandArgv(context_, OnReply, pending.get(), static_cast<int>(args.size()),
                            texts.data(), sizes.data()) != REDIS_OK) {
    pending->handler(absl::UnavailableError("Redis: not connected"));
    return;
  }
  pending.release();
}

void RedisConnection::Subscribe(const std::string& channel,
                                std::function<void(const std::string&)> handler) {
  if (context_ == nullptr || closing_) return;
  auto pending = std::make_unique<Pending>();
  pending->on_message = std::move(handler);
  if (redisAsyncCommand(context_, OnReply, pending.get(), "SUBSCRIBE %b", channel.data(),
                        channel.size()) == REDIS_OK) {
    pending.release();
  }
}

}  // namespace zvon::internal
