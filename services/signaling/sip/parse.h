#pragma once
// From bytes to Message, over sofia-sip's parser. The only file that calls
// sofia-sip is parse.cc; its SDP parser is never called.

#include <string>
#include <string_view>

#include "services/signaling/sip/message.h"

namespace zvon::sip {

inline constexpr size_t kMessageBytesMax = 65536;
inline constexpr size_t kHeadersMax = 300;
inline constexpr size_t kViasMax = 80;

struct ParseResult {
  // Set when the message can be handled, or can at least be answered: then
  // `code` says with what.
  Message message;
  // 0: well-formed. 400…: answer with this (a request) or drop (a response).
  int code = 0;
  std::string reason;  // "Bad CSeq": for the response and the log.
  // Neither parsed nor answerable: no Via, From, To, Call-ID or CSeq to
  // answer with, an unparsable response, or an ACK.
  bool drop() const { return !message.is_set(); }
};

// Total: never crashes, never throws, bounded time; any bytes, up to
// kMessageBytesMax. `datagram`: bytes after Content-Length are dropped and a
// body shorter than it is 400 (RFC 3261 section 18.3).
// Checks syntax "by the book": start line, mandatory headers present once,
// CSeq number and method, scalars in range, control bytes. Thread-safe.
ParseResult Parse(std::string_view bytes);

}  // namespace zvon::sip
