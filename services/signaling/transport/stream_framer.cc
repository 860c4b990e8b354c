#include "services/signaling/transport/stream_framer.h"

#include "services/signaling/sip/grammar.h"

namespace zvon::sip {

int64_t ContentLengthOf(std::string_view head) {
  int64_t found = -1;
  size_t at = head.find("\r\n");
  while (at != std::string_view::npos) {
    const size_t start = at + 2;
    const size_t end = head.find("\r\n", start);
    const std::string_view line =
        head.substr(start, end == std::string_view::npos ? end : end - start);
    const size_t colon = line.find(':');
    const std::string_view name =
        colon == std::string_view::npos ? "" : TrimSpace(line.substr(0, colon));
    if (EqualsNoCase(name, "Content-Length") || EqualsNoCase(name, "l")) {
      std::string_view value = line.substr(colon + 1);
      // A folded value stands on the next line.
      if (TrimSpace(value).empty() && end != std::string_view::npos && end + 2 < head.size() &&
          (head[end + 2] == ' ' || head[end + 2] == '\t')) {
        value = head.substr(end + 2, head.find("\r\n", end + 2) - end - 2);
      }
      const auto number = ParseNumber<uint32_t>(TrimSpace(value));
      if (!number || found != -1) return -2;
      found = *number;
    }
    at = end;
  }
  return found;
}

StreamFramer::Error StreamFramer::Feed(std::string_view bytes, const Sink& sink) {
  if (error_ != Error::kNone) return error_;
  // Most reads hold whole messages: those are cut without being copied.
  const bool buffered = !buffer_.empty();
  if (buffered) buffer_ += bytes;
  std::string_view rest = buffered ? std::string_view(buffer_) : bytes;
  bool taken = true;
  while (taken && !rest.empty() && error_ == Error::kNone) {
    taken = false;
    error_ = TakeOne(rest, sink, taken);
  }
  if (error_ != Error::kNone) {
    buffer_.clear();
  } else if (buffered) {
    buffer_.erase(0, buffer_.size() - rest.size());
  } else {
    buffer_.assign(rest);
  }
  return error_;
}

StreamFramer::Error StreamFramer::TakeOne(std::string_view& rest, const Sink& sink, bool& taken) {
  // Between messages: CRLFCRLF is a ping, a lone CRLF a pong or noise.
  if (rest.substr(0, 4) == "\r\n\r\n") {
    rest.remove_prefix(4);
    taken = true;
    if (sink.on_ping) sink.on_ping();
    return Error::kNone;
  }
  if (rest[0] == '\r' || rest[0] == '\n') {
    if (rest.size() < 4 && std::string_view("\r\n\r\n").substr(0, rest.size()) == rest) {
      return Error::kNone;  // Maybe half a ping.
    }
    rest.remove_prefix(1);
    taken = true;
    scanned_ = 0;
    return Error::kNone;
  }
  const size_t end = rest.find("\r\n\r\n", scanned_ > 3 ? scanned_ - 3 : 0);
  if (end == std::string_view::npos) {
    scanned_ = rest.size();
    return rest.size() > kHeadBytesMax ? Error::kHeadTooLong : Error::kNone;
  }
  const size_t head_size = end + 4;
  if (head_size > kHeadBytesMax) return Error::kHeadTooLong;
  const int64_t length = ContentLengthOf(rest.substr(0, end + 2));
  if (length < 0) {
    if (sink.on_broken) sink.on_broken(rest.substr(0, head_size));
    return length == -1 ? Error::kNoContentLength : Error::kBadContentLength;
  }
  if (length > static_cast<int64_t>(kBodyBytesMax)) {
    if (sink.on_broken) sink.on_broken(rest.substr(0, head_size));
    return Error::kBodyTooLong;
  }
  scanned_ = end;  // The body may still be on its way.
  if (rest.size() - head_size < static_cast<size_t>(length)) return Error::kNone;
  sink.on_message(rest.substr(0, head_size + static_cast<size_t>(length)));
  rest.remove_prefix(head_size + static_cast<size_t>(length));
  scanned_ = 0;
  taken = true;
  return Error::kNone;
}

}  // namespace zvon::sip
