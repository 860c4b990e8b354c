#pragma once
// Internal to the HTTP server: one WebSocket.

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <deque>
#include <memory>
#include <string>

#include "services/gateway/http/connection.h"
#include "services/gateway/http/http_types.h"

namespace zvon::gateway {

class SocketConnection final : public Socket,
                               public std::enable_shared_from_this<SocketConnection> {
 public:
  SocketConnection(boost::beast::tcp_stream stream, std::shared_ptr<ServerShared> shared,
                   HttpRequest request);
  ~SocketConnection() override;
  void Accept(boost::beast::http::request<boost::beast::http::string_body> upgrade);

  void Send(std::string text) override;
  size_t queued_bytes() const override { return queued_bytes_; }
  void Close(uint16_t code, std::string reason) override;

 private:
  struct Stream;
  void Read();
  void WriteNext();
  void SendClose();
  void Gone();

  const std::shared_ptr<ServerShared> shared_;
  const HttpRequest request_;
  std::unique_ptr<Stream> stream_;
  boost::beast::flat_buffer buffer_;
  std::deque<std::string> queue_;
  size_t queued_bytes_ = 0;
  bool open_ = false;
  bool writing_ = false;
  bool closing_ = false;
  uint16_t close_code_ = 0;
  std::string close_reason_;
};

}  // namespace zvon::gateway
