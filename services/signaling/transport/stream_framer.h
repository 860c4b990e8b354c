#pragma once
// Cuts a byte stream into SIP messages (RFC 3261 section 18.3) and keepalives
// (RFC 5626 section 3.5.1). Pure: bytes in, messages out.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace zvon::sip {

class StreamFramer {
 public:
  static constexpr size_t kHeadBytesMax = 65536;
  static constexpr size_t kBodyBytesMax = 65536;

  enum class Error : uint8_t {
    kNone,
    kHeadTooLong,
    kBodyTooLong,
    kNoContentLength,   // Framing is lost: answer 400 and close.
    kBadContentLength,  // Likewise.
  };

  // `on_message`: views into the framer, valid during the call.
  // `on_ping`: a double CRLF between messages, to be answered with one CRLF.
  // `on_broken`: the head that broke the framing, for its 400.
  struct Sink {
    std::function<void(std::string_view message)> on_message;
    std::function<void()> on_ping;
    std::function<void(std::string_view head)> on_broken;
  };

  // Takes what was read. After an error nothing more is taken.
  Error Feed(std::string_view bytes, const Sink& sink);
  // Bytes of a message that is not complete yet.
  size_t pending() const { return buffer_.size(); }

 private:
  Error TakeOne(std::string_view& rest, const Sink& sink, bool& taken);

  std::string buffer_;
  size_t scanned_ = 0;  // Of buffer_: holds no end of head before it.
  Error error_ = Error::kNone;
};

// Content-Length of a message head: -1 when there is none, -2 when it is
// malformed or given twice.
int64_t ContentLengthOf(std::string_view head);

}  // namespace zvon::sip
