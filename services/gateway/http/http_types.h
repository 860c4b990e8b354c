#pragma once
// HTTP and WebSocket as the rest of the gateway sees them: no Boost here.
// Everything runs on the gateway's one runner.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace zvon::gateway {

struct HttpRequest {
  std::string method;  // "GET"; upper case.
  std::string path;    // Not decoded, without the query.
  std::string query;
  std::vector<std::pair<std::string, std::string>> headers;  // Names in lower case.
  std::string body;
  std::string peer;  // IP address.
  std::string id;    // Ours, for logs and error answers.

  // The first value of a header (name in lower case), or "".
  std::string_view Header(std::string_view name) const;
};

struct HttpHead {
  int status = 200;
  std::string content_type;
  std::vector<std::pair<std::string, std::string>> headers;
  // Of a streamed body; absent = chunked.
  std::optional<int64_t> length;
};

// The answer to one request: Send once, or Begin, any number of Write, End.
// What is called after the client has gone does nothing.
class HttpReply {
 public:
  virtual ~HttpReply() = default;
  virtual void Send(HttpHead head, std::string body) = 0;
  virtual void Begin(HttpHead head) = 0;
  // `taken` runs when the next piece may come (never when the client goes).
  virtual void Write(std::string data, std::function<void()> taken) = 0;
  virtual void End() = 0;
  // The body cannot be finished: the connection is cut, so that the client
  // does not take a part for the whole.
  virtual void Abort() = 0;
  // Runs once if the client goes before the end.
  virtual void OnGone(std::function<void()> handler) = 0;
};

// One open WebSocket.
class Socket {
 public:
  virtual ~Socket() = default;
  virtual void Send(std::string text) = 0;
  // Bytes given to Send and not yet written.
  virtual size_t queued_bytes() const = 0;
  virtual void Close(uint16_t code, std::string reason) = 0;
};

// What is behind the server.
class HttpHandler {
 public:
  virtual ~HttpHandler() = default;
  virtual void OnRequest(HttpRequest request, std::shared_ptr<HttpReply> reply) = 0;

  // A request to upgrade: an HTTP error status, or 0 to accept it.
  virtual int CheckUpgrade(const HttpRequest& request) = 0;
  virtual void OnSocketOpen(std::shared_ptr<Socket> socket, const HttpRequest& request) = 0;
  virtual void OnSocketText(const std::shared_ptr<Socket>& socket, std::string text) = 0;
  // Once for each socket that was opened, whoever closed it.
  virtual void OnSocketClosed(const std::shared_ptr<Socket>& socket) = 0;
};

}  // namespace zvon::gateway
