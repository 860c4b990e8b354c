#include "services/gateway/testing/web_client.h"

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace zvon::gateway {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

tcp::endpoint Local(int port) {
  return {asio::ip::make_address("127.0.0.1"), static_cast<uint16_t>(port)};
}

template <class View>
std::string Text(View view) {
  return std::string(view.data(), view.size());
}

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), ::tolower);
  return text;
}

}  // namespace

WebResponse Fetch(int port, const std::string& method, const std::string& target,
                  const WebHeaders& headers, const std::string& body) {
  asio::io_context context;
  tcp::socket socket(context);
  WebResponse result;
  error_code error;
  socket.connect(Local(port), error);
  if (error) return result;
  http::request<http::string_body> request;
  request.method_string(method);
  request.target(target);
  request.set(http::field::host, "127.0.0.1:" + std::to_string(port));
  request.keep_alive(false);
  for (const auto& [name, value] : headers) request.set(name, value);
  request.body() = body;
  request.prepare_payload();
  http::write(socket, request, error);
  beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(64 * 1024 * 1024);
  if (method == "HEAD") parser.skip(true);
  http::read(socket, buffer, parser, error);
  if (!parser.is_header_done()) return result;
  result.cut = error && error != http::error::end_of_stream;
  result.status = static_cast<int>(parser.get().result_int());
  for (const auto& field : parser.get()) {
    result.headers[Lower(Text(field.name_string()))] = Text(field.value());
  }
  result.body = parser.get().body();
  return result;
}

struct WebSocketClient::Impl : std::enable_shared_from_this<WebSocketClient::Impl> {
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
  websocket::stream<beast::tcp_stream> ws{context};
  beast::flat_buffer buffer;
  std::thread thread;
  std::deque<std::string> outgoing;

  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::string> incoming;
  int status = 0;
  bool closed = false;
  int close_code = 0;
  bool reading = true;

  void Read() {
    ws.async_read(buffer, [self = shared_from_this()](error_code error, size_t) {
      std::lock_guard lock(self->mutex);
      if (error) {
        self->closed = true;
        if (error == websocket::error::closed) self->close_code = self->ws.reason().code;
      } else {
        self->incoming.push_back(beast::buffers_to_string(self->buffer.data()));
        self->buffer.consume(self->buffer.size());
        if (self->reading) self->Read();
      }
      self->changed.notify_all();
    });
  }
  void Write() {
    ws.async_write(asio::buffer(outgoing.front()),
                   [self = shared_from_this()](error_code error, size_t) {
                     self->outgoing.pop_front();
                     if (!error && !self->outgoing.empty()) self->Write();
                   });
  }
};

WebSocketClient::WebSocketClient(int port, const WebHeaders& headers, const std::string& path,
                                 const std::string& protocol)
    : impl_(std::make_shared<Impl>()) {
  error_code error;
  beast::get_lowest_layer(impl_->ws).socket().connect(Local(port), error);
  impl_->ws.set_option(websocket::stream_base::decorator([&](websocket::request_type& request) {
    if (!protocol.empty()) request.set(http::field::sec_websocket_protocol, protocol);
    for (const auto& [name, value] : headers) request.set(name, value);
  }));
  websocket::response_type response;
  impl_->ws.handshake(response, "127.0.0.1:" + std::to_string(port), path, error);
  impl_->status = static_cast<int>(response.result_int());
  if (error) {
    impl_->closed = true;
    if (impl_->status == 101) impl_->status = 0;
    return;
  }
  impl_->Read();
  impl_->thread = std::thread([impl = impl_.get()] { impl->context.run(); });
}

WebSocketClient::~WebSocketClient() {
  if (!impl_->thread.joinable()) return;
  Break();
  impl_->context.stop();
  impl_->thread.join();
}

int WebSocketClient::status() const { return impl_->status; }

void WebSocketClient::Send(const std::string& text) {
  asio::post(impl_->context, [impl = impl_, text] {
    impl->outgoing.push_back(text);
    if (impl->outgoing.size() == 1) impl->Write();
  });
}

std::optional<std::string> WebSocketClient::Await(const std::string& part,
                                                  std::chrono::milliseconds limit) {
  auto end = std::chrono::steady_clock::now() + limit;
  std::unique_lock lock(impl_->mutex);
  while (true) {
    while (!impl_->incoming.empty()) {
      std::string message = std::move(impl_->incoming.front());
      impl_->incoming.pop_front();
      if (message.find(part) != std::string::npos) return message;
    }
    if (impl_->closed) return std::nullopt;
    if (impl_->changed.wait_until(lock, end) == std::cv_status::timeout) return std::nullopt;
  }
}

std::optional<int> WebSocketClient::AwaitClose(std::chrono::milliseconds limit) {
  std::unique_lock lock(impl_->mutex);
  if (!impl_->changed.wait_for(lock, limit, [this] { return impl_->closed; })) return std::nullopt;
  return impl_->close_code;
}

void WebSocketClient::Break() {
  std::mutex mutex;
  std::condition_variable done_changed;
  bool done = false;
  asio::post(impl_->context, [&] {
    beast::get_lowest_layer(impl_->ws).close();
    std::lock_guard lock(mutex);
    done = true;
    done_changed.notify_one();
  });
  std::unique_lock lock(mutex);
  done_changed.wait(lock, [&] { return done; });
}

void WebSocketClient::StopReading() {
  std::lock_guard lock(impl_->mutex);
  impl_->reading = false;
}

}  // namespace zvon::gateway
