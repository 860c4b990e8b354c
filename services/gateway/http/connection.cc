#include "services/gateway/http/connection.h"

#include <boost/asio/write.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <cctype>
#include <deque>

#include "services/gateway/http/socket_connection.h"

namespace zvon::gateway {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

std::chrono::nanoseconds Chrono(absl::Duration d) { return absl::ToChronoNanoseconds(d); }

template <class View>
std::string Text(View view) {
  return std::string(view.data(), view.size());
}

std::string Lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

}  // namespace

std::string_view HttpRequest::Header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return "";
}

// The answer to the connection's present request. Holds the connection.
class Reply final : public HttpReply, public std::enable_shared_from_this<Reply> {
 public:
  Reply(std::shared_ptr<Connection> connection, const Connection::Parser& parser)
      : connection_(std::move(connection)),
        version_(parser.get().version()),
        keep_alive_(parser.get().keep_alive()),
        is_head_(parser.get().method() == http::verb::head) {}
  // Nobody answered: the client is not left waiting.
  ~Reply() override {
    if (!begun_ && !connection_->shared_->stopping) connection_->Shut();
  }

  void Send(HttpHead head, std::string body) override {
    if (begun_) return;
    begun_ = true;
    head.length = static_cast<int64_t>(body.size());
    MakeHead(head);
    std::string text = HeadText();
    if (!is_head_) text += body;
    ended_ = true;
    Put(std::move(text), nullptr);
  }
  void Begin(HttpHead head) override {
    if (begun_) return;
    begun_ = true;
    chunked_ = !head.length.has_value() && version_ >= 11;
    if (!head.length && !chunked_) keep_alive_ = false;  // HTTP/1.0: the end is the end.
    MakeHead(head);
    Put(HeadText(), nullptr);
    WatchForEnd();
  }
  void Write(std::string data, std::function<void()> taken) override {
    if (is_head_ || data.empty()) return Put("", std::move(taken));
    if (!chunked_) return Put(std::move(data), std::move(taken));
    char size[20];
    std::snprintf(size, sizeof(size), "%zx\r\n", data.size());
    Put(size + std::move(data) + "\r\n", std::move(taken));
  }
  void End() override {
    if (ended_) return;
    ended_ = true;
    on_gone_ = nullptr;
    Put(chunked_ && !is_head_ ? "0\r\n\r\n" : "", nullptr);
  }
  void Abort() override {
    if (ended_ || gone_) return;
    gone_ = true;
    on_gone_ = nullptr;
    connection_->stream_.close();
  }
  void OnGone(std::function<void()> handler) override { on_gone_ = std::move(handler); }

 private:
  struct Piece {
    std::string data;
    std::function<void()> taken;
  };

  void MakeHead(const HttpHead& head) {
    head_.result(static_cast<unsigned>(head.status));
    head_.version(version_);
    head_.keep_alive(keep_alive_);
    if (!head.content_type.empty()) head_.set(http::field::content_type, head.content_type);
    for (const auto& [name, value] : head.headers) head_.insert(name, value);
    if (head.length) head_.content_length(static_cast<uint64_t>(*head.length));
    if (chunked_) head_.chunked(true);
  }
  std::string HeadText() {
    std::string text;
    http::response_serializer<http::empty_body> serializer(head_);
    serializer.split(true);
    error_code error;
    while (!serializer.is_header_done() && !error) {
      serializer.next(error, [&](error_code&, const auto& buffers) {
        text += beast::buffers_to_string(buffers);
        serializer.consume(beast::buffer_bytes(buffers));
      });
    }
    return text;
  }
  void Put(std::string data, std::function<void()> taken) {
    if (gone_) return;
    pieces_.push_back({std::move(data), std::move(taken)});
    if (!writing_) WriteNext();
  }
  void WriteNext() {
    writing_ = true;
    connection_->stream_.expires_after(Chrono(connection_->shared_->limits.write_time));
    asio::async_write(
        connection_->stream_, asio::buffer(pieces_.front().data),
        [self = shared_from_this()](error_code error, size_t) { self->Written(error); });
  }
  void Written(error_code error) {
    writing_ = false;
    if (error) return Gone();
    std::function<void()> taken = std::move(pieces_.front().taken);
    pieces_.pop_front();
    if (!pieces_.empty()) {
      WriteNext();
    } else if (ended_) {
      return connection_->Finished(keep_alive_);
    }
    if (taken) taken();
  }
  // A streamed answer may wait long for its next piece: the client's
  // leaving is seen by reading, which must give nothing before the end.
  void WatchForEnd() {
    connection_->stream_.expires_never();
    connection_->stream_.socket().async_wait(
        asio::ip::tcp::socket::wait_error, [self = weak_from_this()](error_code error) {
          if (auto reply = self.lock(); reply && !error && !reply->ended_) reply->Gone();
        });
  }
  void Gone() {
    if (gone_) return;
    gone_ = true;
    pieces_.clear();
    connection_->stream_.close();
    if (auto handler = std::move(on_gone_)) handler();
  }

  const std::shared_ptr<Connection> connection_;
  const unsigned version_;
  bool keep_alive_;
  const bool is_head_;
  http::response<http::empty_body> head_;
  std::deque<Piece> pieces_;
  std::function<void()> on_gone_;
  bool begun_ = false;
  bool chunked_ = false;
  bool writing_ = false;
  bool ended_ = false;
  bool gone_ = false;
};

Connection::Connection(asio::ip::tcp::socket socket, std::shared_ptr<ServerShared> shared)
    : stream_(std::move(socket)), shared_(std::move(shared)), peer_([this] {
        error_code error;
        auto endpoint = stream_.socket().remote_endpoint(error);
        return error ? std::string() : endpoint.address().to_string();
      }()) {
  ++shared_->connections;
  error_code ignored;
  stream_.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
}

Connection::~Connection() { --shared_->connections; }

void Connection::ReadRequest() {
  if (shared_->stopping) return Shut();
  parser_.emplace();
  parser_->header_limit(shared_->limits.header_bytes);
  parser_->body_limit(shared_->limits.body_bytes);
  stream_.expires_after(Chrono(shared_->limits.request_time));
  http::async_read(stream_, buffer_, *parser_,
                   [self = shared_from_this()](error_code error, size_t) { self->OnRead(error); });
}

void Connection::OnRead(error_code error) {
  if (error == http::error::body_limit) {
    return Refuse(413, "INVALID_ARGUMENT", "the body is larger than 64 KiB");
  }
  if (error == http::error::header_limit) {
    return Refuse(431, "INVALID_ARGUMENT", "the header is larger than 16 KiB");
  }
  // Others of this category: not HTTP. Not of it: the connection has gone.
  if (error && error.category() == http::make_error_code(http::error::bad_value).category() &&
      error != http::error::end_of_stream && error != http::error::partial_message) {
    return Refuse(400, "INVALID_ARGUMENT", "this is not a request of HTTP/1.1");
  }
  if (error) return Shut();
  bool upgrade = beast::websocket::is_upgrade(parser_->get());
  HttpRequest request = TakeRequest();
  if (upgrade) return Upgrade(std::move(request));
  auto reply = std::make_shared<Reply>(shared_from_this(), *parser_);
  shared_->handler.OnRequest(std::move(request), std::move(reply));
}

HttpRequest Connection::TakeRequest() {
  auto& message = parser_->get();
  HttpRequest request;
  request.method = Text(message.method_string());
  std::string target = Text(message.target());
  size_t question = target.find('?');
  request.path = target.substr(0, question);
  if (question != std::string::npos) request.query = target.substr(question + 1);
  for (const auto& field : message) {
    request.headers.emplace_back(Lower(Text(field.name_string())), Text(field.value()));
  }
  request.body = std::move(message.body());
  request.peer = peer_;
  request.id = shared_->request_prefix + std::to_string(shared_->next_request++);
  return request;
}

void Connection::Upgrade(HttpRequest request) {
  int refusal = shared_->stopping ? 503 : shared_->handler.CheckUpgrade(request);
  if (refusal != 0) {
    return Refuse(refusal, refusal == 403 ? "PERMISSION_DENIED" : "INVALID_ARGUMENT",
                  refusal == 403 ? "this origin may not open a socket here" : "no socket here");
  }
  auto socket = std::make_shared<SocketConnection>(std::move(stream_), shared_, std::move(request));
  socket->Accept(parser_->release());
}

void Connection::Refuse(int status, const std::string& code, const std::string& text) {
  auto reply = std::make_shared<http::response<http::string_body>>();
  reply->result(static_cast<unsigned>(status));
  reply->version(11);
  reply->keep_alive(false);
  reply->set(http::field::content_type, "application/json");
  reply->body() = "{\"error\":{\"code\":\"" + code + "\",\"field\":\"\",\"text\":\"" + text +
                  "\",\"requestId\":\"\"}}";
  reply->prepare_payload();
  stream_.expires_after(Chrono(shared_->limits.write_time));
  http::async_write(stream_, *reply, [self = shared_from_this(), reply](error_code error, size_t) {
    if (!error) self->Shut();
  });
}

void Connection::Finished(bool keep_alive) {
  if (keep_alive) return ReadRequest();
  Shut();
}

// Half-closes and reads what the client still sends, a little and for a
// moment: closing at once with unread bytes would reset the connection and
// lose the answer.
void Connection::Shut() {
  if (drains_left_-- <= 0) return stream_.close();
  error_code ignored;
  stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  stream_.expires_after(std::chrono::seconds(2));
  buffer_.clear();
  stream_.async_read_some(buffer_.prepare(64 * 1024),
                          [self = shared_from_this()](error_code error, size_t) {
                            if (!error) self->Shut();
                          });
}

}  // namespace zvon::gateway
