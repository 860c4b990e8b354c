#include "services/gateway/http/socket_connection.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/websocket.hpp>

namespace zvon::gateway {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;

struct SocketConnection::Stream {
  explicit Stream(beast::tcp_stream tcp) : ws(std::move(tcp)) {}
  websocket::stream<beast::tcp_stream> ws;
  http::request<http::string_body> upgrade;
};

SocketConnection::SocketConnection(beast::tcp_stream stream, std::shared_ptr<ServerShared> shared,
                                   HttpRequest request)
    : shared_(std::move(shared)),
      request_(std::move(request)),
      stream_(std::make_unique<Stream>(std::move(stream))) {
  ++shared_->connections;
  shared_->sockets.insert(this);
}

SocketConnection::~SocketConnection() {
  shared_->sockets.erase(this);
  --shared_->connections;
}

void SocketConnection::Accept(http::request<http::string_body> upgrade) {
  auto& ws = stream_->ws;
  stream_->upgrade = std::move(upgrade);
  beast::get_lowest_layer(ws).expires_never();
  websocket::stream_base::timeout timeout;
  timeout.handshake_timeout = std::chrono::seconds(10);
  timeout.idle_timeout = absl::ToChronoNanoseconds(shared_->limits.socket_idle);
  timeout.keep_alive_pings = true;
  ws.set_option(timeout);
  ws.set_option(websocket::stream_base::decorator([](websocket::response_type& response) {
    response.set(http::field::sec_websocket_protocol, "zvon.v1");
  }));
  ws.read_message_max(shared_->limits.socket_message_bytes);
  ws.auto_fragment(false);
  ws.async_accept(stream_->upgrade, [self = shared_from_this()](error_code error) {
    if (error) return;
    self->open_ = true;
    self->shared_->handler.OnSocketOpen(self, self->request_);
    self->Read();
  });
}

void SocketConnection::Read() {
  stream_->ws.async_read(buffer_, [self = shared_from_this()](error_code error, size_t) {
    if (error) return self->Gone();
    if (!self->stream_->ws.got_text()) {
      self->Close(1003, "only text frames");
    } else if (!self->closing_) {
      std::string text = beast::buffers_to_string(self->buffer_.data());
      self->shared_->handler.OnSocketText(self, std::move(text));
    }
    self->buffer_.consume(self->buffer_.size());
    self->Read();
  });
}

void SocketConnection::Send(std::string text) {
  if (!open_ || closing_) return;
  queued_bytes_ += text.size();
  queue_.push_back(std::move(text));
  if (!writing_) WriteNext();
}

void SocketConnection::WriteNext() {
  writing_ = true;
  stream_->ws.text(true);
  stream_->ws.async_write(asio::buffer(queue_.front()),
                          [self = shared_from_this()](error_code error, size_t) {
                            self->writing_ = false;
                            if (error || self->queue_.empty()) return self->Gone();
                            self->queued_bytes_ -= self->queue_.front().size();
                            self->queue_.pop_front();
                            if (!self->queue_.empty()) return self->WriteNext();
                            if (self->closing_) self->SendClose();
                          });
}

// What was sent before goes out first, unless the client does not take it.
void SocketConnection::Close(uint16_t code, std::string reason) {
  if (!open_ || closing_) return;
  closing_ = true;
  close_code_ = code;
  close_reason_ = std::move(reason);
  if (!writing_) return SendClose();
  constexpr size_t kFlushMax = 64 * 1024;
  if (queued_bytes_ > kFlushMax) beast::get_lowest_layer(stream_->ws).close();
}

void SocketConnection::SendClose() {
  websocket::close_reason reason(static_cast<websocket::close_code>(close_code_));
  reason.reason = close_reason_;
  stream_->ws.async_close(reason, [self = shared_from_this()](error_code) {});
}

void SocketConnection::Gone() {
  if (!open_) return;
  open_ = false;
  closing_ = true;
  beast::get_lowest_layer(stream_->ws).close();
  shared_->handler.OnSocketClosed(shared_from_this());
}

}  // namespace zvon::gateway
