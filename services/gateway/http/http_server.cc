#include "services/gateway/http/http_server.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <vector>

#include "services/common/http/listen_on.h"
#include "services/common/ids/ids.h"
#include "services/gateway/http/connection.h"
#include "services/gateway/http/socket_connection.h"

namespace zvon::gateway {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

struct HttpServer::Impl : std::enable_shared_from_this<HttpServer::Impl> {
  Impl(asio::io_context& context, HttpHandler& handler, HttpLimits limits)
      : acceptor(context), shared(std::make_shared<ServerShared>(ServerShared{handler, limits})) {
    shared->request_prefix = MakeId(absl::UnixEpoch(), SystemRandom()).substr(24) + "-";
  }
  void Accept() {
    acceptor.async_accept([self = shared_from_this()](error_code error, tcp::socket socket) {
      if (error == asio::error::operation_aborted || !self->acceptor.is_open()) return;
      if (!error && self->shared->connections < self->shared->limits.connections) {
        std::make_shared<Connection>(std::move(socket), self->shared)->ReadRequest();
      }
      self->Accept();
    });
  }

  tcp::acceptor acceptor;
  std::shared_ptr<ServerShared> shared;
};

HttpServer::HttpServer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() = default;

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Listen(AsioRunner& runner,
                                                               const std::string& listen,
                                                               HttpHandler& handler,
                                                               HttpLimits limits) {
  auto impl = std::make_shared<Impl>(runner.context(), handler, limits);
  if (absl::Status status = ListenOn(impl->acceptor, listen); !status.ok()) return status;
  impl->Accept();
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

int HttpServer::port() const {
  error_code ignored;
  return impl_->acceptor.local_endpoint(ignored).port();
}

int HttpServer::connections() const { return impl_->shared->connections; }

void HttpServer::Stop() {
  error_code ignored;
  impl_->acceptor.close(ignored);
  impl_->shared->stopping = true;
  std::vector<SocketConnection*> sockets(impl_->shared->sockets.begin(),
                                         impl_->shared->sockets.end());
  for (SocketConnection* socket : sockets) socket->Close(1001, "the gateway is stopping");
}

}  // namespace zvon::gateway
