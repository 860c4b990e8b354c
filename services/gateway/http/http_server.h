#pragma once
// Accepts connections, parses requests within limits, answers them one by
// one, upgrades some to WebSockets.

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/gateway/http/asio_runner.h"
#include "services/gateway/http/http_types.h"

namespace zvon::gateway {

struct HttpLimits {
  uint32_t header_bytes = 16 * 1024;
  uint64_t body_bytes = 64 * 1024;
  uint64_t socket_message_bytes = 64 * 1024;
  int connections = 10'000;
  // For a whole request to arrive, and between two on one connection.
  absl::Duration request_time = absl::Seconds(30);
  // For one piece of an answer to be taken.
  absl::Duration write_time = absl::Seconds(30);
  // A socket that answers no ping for so long has gone.
  absl::Duration socket_idle = absl::Seconds(20);
};

class HttpServer {
 public:
  // Before the runner's start or on its thread. `handler` and `runner`
  // outlive the server's connections: stop the runner first, then destroy.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Listen(AsioRunner& runner,
                                                            const std::string& listen,
                                                            HttpHandler& handler,
                                                            HttpLimits limits = {});
  ~HttpServer();
  int port() const;
  int connections() const;
  // Accepts no more; sockets are closed with 1001. Runner thread.
  void Stop();

 private:
  struct Impl;
  explicit HttpServer(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace zvon::gateway
