#include "services/signaling/transport/connection.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>

#include <cerrno>

namespace zvon::sip {

void SslDeleter::operator()(SSL* ssl) const { SSL_free(ssl); }

Connection::Connection(FileDescriptor fd, const Flow& flow, bool connecting, SslPointer ssl,
                       absl::Time now)
    : fd_(std::move(fd)),
      flow_(flow),
      phase_(connecting ? Phase::kConnecting
             : ssl      ? Phase::kHandshaking
                        : Phase::kOpen),
      ssl_(std::move(ssl)),
      active_(now) {
  if (phase_ != Phase::kOpen) incomplete_since_ = now;
}

uint32_t Connection::WantedEvents() const {
  uint32_t events = phase_ == Phase::kDraining ? 0u : static_cast<uint32_t>(EPOLLIN);
  if (phase_ == Phase::kConnecting || wants_write_ ||
      (phase_ != Phase::kHandshaking && !queue_.empty())) {
    events |= EPOLLOUT;
  }
  return events;
}

bool Connection::FinishConnect() {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return false;
  phase_ = ssl_ ? Phase::kHandshaking : Phase::kOpen;
  if (!ssl_) incomplete_since_ = absl::InfiniteFuture();
  return true;
}

bool Connection::Handshake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  wants_write_ = false;
  if (result == 1) {
    phase_ = Phase::kOpen;
    incomplete_since_ = absl::InfiniteFuture();
    return true;
  }
  const int error = SSL_get_error(ssl_.get(), result);
  wants_write_ = error == SSL_ERROR_WANT_WRITE;
  return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
}

bool Connection::OnEvents(uint32_t events, const StreamFramer::Sink& sink, absl::Time now) {
  if (phase_ == Phase::kConnecting) {
    if ((events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) == 0) return true;
    if (!FinishConnect()) return false;
  }
  if (phase_ == Phase::kHandshaking && !Handshake()) return false;
  if (phase_ == Phase::kHandshaking) return true;
  if (phase_ == Phase::kOpen && !Read(sink, now)) return false;
  if (phase_ == Phase::kDraining && (events & (EPOLLHUP | EPOLLERR))) return false;
  return Flush();
}

Connection::Io Connection::ReadSome(char* buffer, size_t size, size_t& got) {
  if (ssl_) {
    ERR_clear_error();
    const int n = SSL_read(ssl_.get(), buffer, static_cast<int>(size));
    if (n > 0) {
      got = static_cast<size_t>(n);
      return Io::kDone;
    }
    const int error = SSL_get_error(ssl_.get(), n);
    if (error == SSL_ERROR_WANT_WRITE) wants_write_ = true;
    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? Io::kBlocked
                                                                         : Io::kClosed;
  }
  const ssize_t n = recv(fd_.get(), buffer, size, 0);
  if (n > 0) {
    got = static_cast<size_t>(n);
    return Io::kDone;
  }
  return n < 0 && (errno == EAGAIN || errno == EINTR) ? Io::kBlocked : Io::kClosed;
}

bool Connection::Read(const StreamFramer::Sink& sink, absl::Time now) {
  char buffer[16384];
  // A few reads a turn, so that one busy peer does not starve the others.
  for (int i = 0; i < 4; ++i) {
    size_t got = 0;
    const Io io = ReadSome(buffer, sizeof buffer, got);
    if (io == Io::kClosed) return false;
    if (io == Io::kBlocked) break;
    active_ = now;
    const bool was_whole = framer_.pending() == 0;
    const bool broken = framer_.Feed({buffer, got}, sink) != StreamFramer::Error::kNone;
    if (phase_ != Phase::kOpen) return phase_ != Phase::kClosed;  // The sink drained it.
    if (broken) {
      Drain();
      return true;
    }
    if (framer_.pending() == 0) {
      incomplete_since_ = absl::InfiniteFuture();
    } else if (was_whole) {
      incomplete_since_ = now;
    }
  }
  return true;
}

bool Connection::Queue(std::string bytes, uint64_t token) {
  if (queued_bytes_ + bytes.size() > kQueueBytesMax) return false;
  queued_bytes_ += bytes.size();
  queue_.push_back({std::move(bytes), 0, token});
  return true;
}

Connection::Io Connection::WriteSome(std::string_view bytes, size_t& put) {
  if (ssl_) {
    ERR_clear_error();
    const int n = SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
    wants_write_ = false;
    if (n > 0) {
      put = static_cast<size_t>(n);
      return Io::kDone;
    }
    const int error = SSL_get_error(ssl_.get(), n);
    wants_write_ = error == SSL_ERROR_WANT_WRITE;
    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? Io::kBlocked
                                                                         : Io::kClosed;
  }
  const ssize_t n = send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (n >= 0) {
    put = static_cast<size_t>(n);
    return Io::kDone;
  }
  return errno == EAGAIN || errno == EINTR ? Io::kBlocked : Io::kClosed;
}

bool Connection::Flush() {
  if (phase_ != Phase::kOpen && phase_ != Phase::kDraining) return true;
  while (!queue_.empty()) {
    Outgoing& out = queue_.front();
    size_t put = 0;
    const Io io = WriteSome(std::string_view(out.bytes).substr(out.sent), put);
    if (io == Io::kClosed) return false;
    if (io == Io::kBlocked) return true;
    out.sent += put;
    queued_bytes_ -= put;
    if (out.sent == out.bytes.size()) queue_.pop_front();
  }
  return phase_ != Phase::kDraining;
}

const char* Connection::Overdue(absl::Time now, absl::Duration half_message_max,
                                absl::Duration idle_max) const {
  if (now - incomplete_since_ >= half_message_max) {
    return phase_ == Phase::kOpen ? "half a message" : "no connection";
  }
  if (now - active_ >= idle_max) return "idle";
  if (phase_ == Phase::kDraining && now - active_ >= half_message_max) return "does not read";
  return nullptr;
}

std::vector<uint64_t> Connection::UnsentTokens() const {
  std::vector<uint64_t> out;
  for (const Outgoing& o : queue_) {
    if (o.token != 0) out.push_back(o.token);
  }
  return out;
}

}  // namespace zvon::sip
