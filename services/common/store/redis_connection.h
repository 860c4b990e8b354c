#pragma once
// One hiredis connection on a Loop. Of this library only.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/common/executor/loop.h"
#include "services/common/store/redis.h"

struct redisAsyncContext;

namespace zvon::internal {

// Loop thread only. Gathers the commands of one turn into one write. Every
// command's handler is called exactly once: with the reply, or with
// UNAVAILABLE when the connection ends.
class RedisConnection : public std::enable_shared_from_this<RedisConnection> {
 public:
  using Handler = std::function<void(absl::StatusOr<RedisReply>)>;
  // `on_open` after the TCP connect; `on_close` once, at the end, however it comes.
  static std::shared_ptr<RedisConnection> Open(Loop& loop, const std::string& ip, int port,
                                               std::function<void()> on_open,
                                               std::function<void(absl::Status)> on_close);
  ~RedisConnection();

  void Send(const std::vector<std::string>& args, Handler handler);
  // Every message of the channel, for as long as the connection lives.
  void Subscribe(const std::string& channel, std::function<void(const std::string&)> handler);
  // Ends it at once; `on_close` is told why.
  void Close(absl::Status why);

 private:
  struct Pending;
  RedisConnection(Loop& loop) : loop_(loop) {}
  bool Attach(const std::string& ip, int port);
  void Watch();
  void OnEvents(uint32_t events);
  void WriteSoon();
  void Detached();

  static void OnReply(redisAsyncContext* context, void* reply, void* data);
  static void OnConnect(const redisAsyncContext* context, int status);
  static void OnDisconnect(const redisAsyncContext* context, int status);

  Loop& loop_;
  redisAsyncContext* context_ = nullptr;
  int fd_ = -1;
  bool open_ = false, closing_ = false;
  bool reads_ = false, writes_ = false, write_planned_ = false;
  uint32_t watched_ = 0;
  std::function<void()> on_open_;
  std::function<void(absl::Status)> on_close_;
  absl::Status why_;
};

// Maps an error reply: READONLY, LOADING, … are UNAVAILABLE.
absl::Status RedisErrorStatus(const std::string& text);

}  // namespace zvon::internal
