#pragma once
// Internal to the HTTP server: one connection, from its first byte to its
// last answer or its upgrade.

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "services/gateway/http/http_server.h"
#include "services/gateway/http/http_types.h"

namespace zvon::gateway {

class SocketConnection;

// What all connections of a server share.
struct ServerShared {
  HttpHandler& handler;
  HttpLimits limits;
  int connections = 0;
  uint64_t next_request = 1;
  std::string request_prefix;
  bool stopping = false;
  std::set<SocketConnection*> sockets;
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(boost::asio::ip::tcp::socket socket, std::shared_ptr<ServerShared> shared);
  ~Connection();
  void ReadRequest();

 private:
  friend class Reply;
  using Stream = boost::beast::tcp_stream;
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

  void OnRead(boost::system::error_code error);
  HttpRequest TakeRequest();
  void Upgrade(HttpRequest request);
  // An answer that ends the connection: the request could not be read.
  void Refuse(int status, const std::string& code, const std::string& text);
  void Finished(bool keep_alive);
  void Shut();

  Stream stream_;
  const std::shared_ptr<ServerShared> shared_;
  const std::string peer_;
  boost::beast::flat_buffer buffer_;
  // Reads still allowed after the end, see Shut.
  int drains_left_ = 16;
  std::optional<Parser> parser_;
};

}  // namespace zvon::gateway
