#pragma once
// A parsed SIP message: an immutable value, cheap to copy and to hand to
// another thread. Every view lives as long as some copy of the message.
//
//   ParseResult parsed = Parse(bytes);             // sip/parse.h
//   if (parsed.message) parsed.message->from().tag
//
// Known headers are typed; all headers can be read as raw text.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "services/signaling/sip/flow.h"
#include "services/signaling/sip/method.h"
#include "services/signaling/sip/uri.h"

namespace zvon::sip {

// ";name=value" list as written, without the leading semicolon.
struct ParamsView {
  std::string_view text;
  std::optional<std::string_view> Get(std::string_view name) const;
  bool Has(std::string_view name) const { return Get(name).has_value(); }
};

// From, To, Contact, Route, Record-Route, Refer-To: name-addr with parameters.
struct AddressView {
  std::string_view display;  // As written, with its quotes.
  UriView uri;
  std::string_view tag;  // Of From and To.
  ParamsView params;     // Header parameters, not the URI's.
  std::string_view raw;  // The element's whole text, ready to be copied.
  bool is_star = false;  // "Contact: *"
  // Display name with quotes and escapes undone, control bytes removed.
  std::string DisplayText() const;
};

struct ViaView {
  std::string_view transport;  // "UDP"
  std::string_view host;
  uint16_t port = 0;  // 0: not written.
  std::string_view branch;
  std::string_view received;
  bool has_rport = false;
  uint16_t rport = 0;  // 0: "rport" without a value.
  std::string_view raw;
};

struct CSeqView {
  uint32_t number = 0;
  Method method = Method::kUnknown;
  std::string_view method_name;
};

// Authorization, Proxy-Authorization, WWW-Authenticate, Proxy-Authenticate.
struct AuthView {
  std::string_view scheme;  // "Digest"
  // Value without quotes; nothing when absent.
  std::optional<std::string> Param(std::string_view name) const;
  std::string_view params;
};

struct RAckView {
  uint32_t rseq = 0;
  uint32_t cseq = 0;
  std::string_view method;
};

// Session-Expires (RFC 4028).
struct SessionExpiresView {
  uint32_t seconds = 0;
  std::string_view refresher;  // "uac", "uas" or empty.
};

struct ReplacesView {
  std::string_view call_id, to_tag, from_tag;
  bool early_only = false;
};

struct RawHeader {
  std::string_view name;   // As written, possibly compact.
  std::string_view value;  // Trimmed; folded lines still folded.
};

struct MessageData;

class Message {
 public:
  Message() = default;  // Empty; only assignment and `is_set` are allowed.
  explicit Message(std::shared_ptr<const MessageData> data) : data_(std::move(data)) {}
  bool is_set() const { return data_ != nullptr; }

  bool is_request() const;
  bool is_response() const { return !is_request(); }
  Method method() const;  // Of a response: its CSeq's.
  std::string_view method_name() const;
  const UriView& request_uri() const;
  std::string_view request_uri_text() const;
  int status() const;  // 0 for requests.
  std::string_view reason() const;

  const AddressView& from() const;
  const AddressView& to() const;
  std::string_view call_id() const;
  const CSeqView& cseq() const;
  std::span<const ViaView> vias() const;  // Never empty.
  const ViaView& top_via() const { return vias().front(); }
  std::span<const AddressView> contacts() const;
  std::span<const AddressView> routes() const;
  std::span<const AddressView> record_routes() const;

  std::optional<uint32_t> max_forwards() const;
  std::optional<uint32_t> expires() const;
  std::optional<uint32_t> min_expires() const;
  std::optional<uint32_t> retry_after() const;
  std::optional<SessionExpiresView> session_expires() const;
  std::optional<uint32_t> min_se() const;
  std::optional<uint32_t> rseq() const;
  std::optional<RAckView> rack() const;
  const AddressView* refer_to() const;     // nullptr when absent.
  const AddressView* referred_by() const;  // nullptr when absent.
  std::optional<ReplacesView> replaces() const;
  // "presence" of "Event: presence;id=1"; empty when absent.
  std::string_view event() const;

  // Option tags and methods, compared without case.
  bool Supports(std::string_view option_tag) const;
  bool Requires(std::string_view option_tag) const;
  std::vector<std::string_view> require() const;
  std::vector<std::string_view> allow() const;

  std::vector<AuthView> authorization() const;        // Authorization
  std::vector<AuthView> proxy_authorization() const;  // Proxy-Authorization
  std::vector<AuthView> challenges() const;           // WWW- and Proxy-Authenticate

  std::string_view content_type() const;  // "application/sdp", without parameters.
  std::string_view body() const;
  bool has_sdp() const;  // Content-Type is application/sdp and the body is not empty.
  // The SDP, also when it is one part of a multipart/mixed body; else empty.
  std::string_view sdp() const;

  // First header of that name (long or compact, any case); empty when absent.
  std::string_view Header(std::string_view name) const;
  bool HasHeader(std::string_view name) const;
  std::vector<std::string_view> HeadersNamed(std::string_view name) const;
  std::span<const RawHeader> headers() const;
  // Bytes as they came, body included.
  std::string_view raw() const;

 private:
  std::shared_ptr<const MessageData> data_;
};

// Long form of a compact header name ("v" → "Via"); else the name itself.
std::string_view LongHeaderName(std::string_view name);

}  // namespace zvon::sip
