#pragma once
// A small HTTP/1.1 server for a process's own few pages (Boost.Beast behind).

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace zvon {

struct AdminResponse {
  int code = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

class AdminServer {
 public:
  // `path` comes without the query. Called on the server's one thread.
  using Handler = std::function<AdminResponse(const std::string& path)>;
  // `listen` is "address:port"; port 0 takes a free one.
  static absl::StatusOr<std::unique_ptr<AdminServer>> Start(const std::string& listen, Handler handler);
  ~AdminServer();
  int port() const;

 private:
  struct Impl;
  explicit AdminServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace zvon
