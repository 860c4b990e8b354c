#pragma once
#include <atomic>
#include <functional>
#include <string>
#include <thread>

#include "services/common/db/database.h"

namespace zvon::internal {

// LISTEN on a connection and thread of its own. The destructor returns within
// the time of one handler.
class Listener {
 public:
  Listener(DatabaseSettings settings, std::string channel,
           std::function<void(const std::string&)> handler);
  ~Listener();

 private:
  void Run();
  // Until the connection breaks or the end.
  void ListenOnce();
  // False when stopping.
  bool Sleep(absl::Duration time);

  const DatabaseSettings settings_;
  const std::string channel_;
  const std::function<void(const std::string&)> handler_;
  int stop_fd_;
  std::atomic<bool> stopping_{false};
  bool listened_ = false;
  std::thread thread_;
};

}  // namespace zvon::internal
