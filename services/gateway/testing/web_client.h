#pragma once
// A browser in small, for tests: real HTTP and WebSocket over TCP.

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace zvon::gateway {

struct WebResponse {
  int status = 0;                              // 0: the connection ended without an answer.
  std::map<std::string, std::string> headers;  // Lower case.
  std::string body;
  // The body was shorter than announced.
  bool cut = false;
};
using WebHeaders = std::vector<std::pair<std::string, std::string>>;

WebResponse Fetch(int port, const std::string& method, const std::string& target,
                  const WebHeaders& headers = {}, const std::string& body = "");

class WebSocketClient {
 public:
  // Waits for the handshake; its HTTP status is 101 when it worked.
  WebSocketClient(int port, const WebHeaders& headers = {}, const std::string& path = "/ws",
                  const std::string& protocol = "zvon.v1");
  ~WebSocketClient();
  int status() const;

  void Send(const std::string& text);
  // The oldest message not yet taken that contains `part`; those before it
  // are thrown away. Nothing when none comes within `limit`.
  std::optional<std::string> Await(const std::string& part,
                                   std::chrono::milliseconds limit = std::chrono::seconds(10));
  // Of the server; 0 while the socket is open or if the connection broke.
  std::optional<int> AwaitClose(std::chrono::milliseconds limit = std::chrono::seconds(10));
  // Closes the TCP connection without a word, as a lost network does.
  void Break();
  // Reads no more, so that the server's queue fills.
  void StopReading();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace zvon::gateway
