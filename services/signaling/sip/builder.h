#pragma once
// Outgoing messages, serialised straight to text. Nothing that comes in as a
// value can break out of its line: CR, LF and NUL become spaces.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "services/common/ids/ids.h"
#include "services/signaling/sip/message.h"

namespace zvon::sip {

// Header lines in the order of adding.
class HeaderBlock {
 public:
  HeaderBlock& Add(std::string_view name, std::string_view value);
  HeaderBlock& Add(std::string_view name, uint64_t value);
  // All headers of that name, as they came.
  HeaderBlock& CopyFrom(const Message& message, std::string_view name);
  HeaderBlock& Append(const HeaderBlock& other);
  bool empty() const { return text_.empty(); }
  // "Name: value\r\n" lines.
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// A request before its Via is known: the endpoint adds that, the transaction
// derives ACK and CANCEL from it.
struct OutRequest {
  std::string method;               // "INVITE"
  std::string uri;                  // Request-URI, "sip:1000@192.0.2.1"
  std::vector<std::string> routes;  // Route values, "<sip:proxy;lr>".
  std::string from;                 // Whole values: "\"Anna\" <sip:101@zvon>;tag=abc"
  std::string to;
  std::string call_id;
  uint32_t cseq = 1;
  uint32_t max_forwards = 70;
  std::string contact;  // Empty: no Contact.
  HeaderBlock headers;  // The rest.
  std::string content_type;
  std::string body;
};

// A response before Via, From, To, Call-ID, CSeq and Record-Route are copied
// from its request.
struct OutResponse {
  int code = 0;
  std::string reason;  // Empty: ReasonPhrase(code).
  std::string to_tag;  // Added when the request's To has none and code > 100.
  std::string contact;
  HeaderBlock headers;
  std::string content_type;
  std::string body;
};

// "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK…;rport" goes first.
std::string Serialize(const OutRequest& request, std::string_view via);
// The ACK for a non-2xx final response and the CANCEL of `request`: same
// branch (`via`), same Route and Call-ID (RFC 3261 sections 17.1.1.3, 9.1).
std::string SerializeAck(const OutRequest& request, std::string_view via, const Message& response);
std::string SerializeCancel(const OutRequest& request, std::string_view via);
// `source`: where the request came from; fills received and rport of the
// top Via (RFC 3261 section 18.2.1, RFC 3581).
std::string Serialize(const OutResponse& response, const Message& request,
                      const SocketAddress& source);

// "z9hG4bK" + 22 characters; tags and Call-IDs likewise random.
std::string MakeBranch(const RandomSource& random);
std::string MakeTag(const RandomSource& random);
std::string MakeCallId(const RandomSource& random);

// Quotes a display name: Anna "A" → "\"Anna \\\"A\\\"\"".
std::string QuoteDisplay(std::string_view text);
// "\"Anna\" <sip:101@zvon>;tag=x"; display and tag may be empty.
std::string FormatAddress(std::string_view display, std::string_view uri,
                          std::string_view tag = {});

}  // namespace zvon::sip
