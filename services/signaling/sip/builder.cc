#include "services/signaling/sip/builder.h"

#include "services/signaling/sip/grammar.h"

namespace zvon::sip {

namespace {

// What a value may not bring along becomes a space.
void AppendSafe(std::string& out, std::string_view value) {
  const size_t bad = value.find_first_of(std::string_view("\r\n\0", 3));
  if (bad == std::string_view::npos) {
    out += value;
    return;
  }
  for (char c : value) out += c == '\r' || c == '\n' || c == '\0' ? ' ' : c;
}

void AppendLine(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  AppendSafe(out, value);
  out += "\r\n";
}

// A received value keeps its folds out: they are legal but helpful to nobody.
void AppendReceived(std::string& out, std::string_view name, std::string_view value) {
  out += LongHeaderName(name);
  out += ": ";
  AppendSafe(out, value);
  out += "\r\n";
}

void AppendBody(std::string& out, std::string_view type, std::string_view body) {
  if (!body.empty() && !type.empty()) AppendLine(out, "Content-Type", type);
  out += "Content-Length: ";
  out += std::to_string(body.size());
  out += "\r\n\r\n";
  out += body;
}

void AppendStart(std::string& out, std::string_view method, std::string_view uri,
                 std::string_view via) {
  AppendSafe(out, method);
  out += ' ';
  AppendSafe(out, uri);
  out += " SIP/2.0\r\n";
  AppendLine(out, "Via", via);
}

void AppendIdentity(std::string& out, const OutRequest& request, std::string_view to,
                    std::string_view method) {
  for (const std::string& route : request.routes) AppendLine(out, "Route", route);
  AppendLine(out, "Max-Forwards", std::to_string(request.max_forwards));
  AppendLine(out, "From", request.from);
  AppendLine(out, "To", to);
  AppendLine(out, "Call-ID", request.call_id);
  out += "CSeq: ";
  out += std::to_string(request.cseq);
  out += ' ';
  AppendSafe(out, method);
  out += "\r\n";
}

bool NameIs(const RawHeader& header, std::string_view name) {
  return EqualsNoCase(LongHeaderName(header.name), name);
}

// The first element of the first Via gets received and rport; what the sender
// wrote there itself is not believed.
void AppendTopVia(std::string& out, std::string_view value, const ViaView& top,
                  const SocketAddress& source) {
  const size_t end = FindOutside(value, ',');
  std::string_view element = value.substr(0, end);
  out += "Via: ";
  bool has_rport = false;
  for (bool first = true; !element.empty(); first = false) {
    const size_t semicolon = FindOutside(element, ';');
    const std::string_view part = TrimSpace(element.substr(0, semicolon));
    const std::string_view name = TrimSpace(part.substr(0, part.find('=')));
    const bool ours = !first && (EqualsNoCase(name, "received") || EqualsNoCase(name, "rport"));
    has_rport |= ours && EqualsNoCase(name, "rport");
    if (!ours) {
      if (!first) out += ';';
      AppendSafe(out, part);
    }
    if (semicolon == std::string_view::npos) break;
    element.remove_prefix(semicolon + 1);
  }
  const std::string host = source.Host();
  if (has_rport || top.host != source.UriHost()) out += ";received=" + host;
  if (has_rport) out += ";rport=" + std::to_string(source.port());
  if (end != std::string_view::npos) AppendSafe(out, value.substr(end));
  out += "\r\n";
}

bool CopiesRecordRoute(const Message& request, int code) {
  if (code <= 100 || code >= 300) return false;
  switch (request.method()) {
    case Method::kInvite:
    case Method::kSubscribe:
    case Method::kRefer:
    case Method::kNotify:
    case Method::kUpdate:
      return true;
    default:
      return false;
  }
}

std::string RandomText(const RandomSource& random, size_t length) {
  constexpr char kAlphabet[] = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-.";
  std::string out;
  out.reserve(length);
  uint64_t bits = 0;
  for (size_t i = 0; i < length; ++i) {
    if (i % 10 == 0) bits = random();
    out += kAlphabet[bits & 63];
    bits >>= 6;
  }
  return out;
}

}  // namespace

HeaderBlock& HeaderBlock::Add(std::string_view name, std::string_view value) {
  if (IsToken(name)) AppendLine(text_, name, value);
  return *this;
}

HeaderBlock& HeaderBlock::Add(std::string_view name, uint64_t value) {
  return Add(name, std::to_string(value));
}

HeaderBlock& HeaderBlock::CopyFrom(const Message& message, std::string_view name) {
  const std::string_view long_name = LongHeaderName(name);
  for (const RawHeader& header : message.headers()) {
    if (NameIs(header, long_name)) AppendReceived(text_, long_name, header.value);
  }
  return *this;
}

HeaderBlock& HeaderBlock::Append(const HeaderBlock& other) {
  text_ += other.text_;
  return *this;
}

std::string Serialize(const OutRequest& request, std::string_view via) {
  std::string out;
  out.reserve(512 + request.headers.text().size() + request.body.size());
  AppendStart(out, request.method, request.uri, via);
  AppendIdentity(out, request, request.to, request.method);
  if (!request.contact.empty()) AppendLine(out, "Contact", request.contact);
  out += request.headers.text();
  AppendBody(out, request.content_type, request.body);
  return out;
}

std::string SerializeAck(const OutRequest& request, std::string_view via, const Message& response) {
  std::string out;
  AppendStart(out, "ACK", request.uri, via);
  AppendIdentity(out, request, response.to().raw, "ACK");
  AppendBody(out, {}, {});
  return out;
}

std::string SerializeCancel(const OutRequest& request, std::string_view via) {
  std::string out;
  AppendStart(out, "CANCEL", request.uri, via);
  AppendIdentity(out, request, request.to, "CANCEL");
  AppendBody(out, {}, {});
  return out;
}

std::string Serialize(const OutResponse& response, const Message& request,
                      const SocketAddress& source) {
  std::string out;
  out.reserve(640 + response.headers.text().size() + response.body.size());
  out += "SIP/2.0 ";
  out += std::to_string(response.code);
  out += ' ';
  AppendSafe(out, response.reason.empty() ? ReasonPhrase(response.code)
                                          : std::string_view(response.reason));
  out += "\r\n";
  const bool with_routes = CopiesRecordRoute(request, response.code);
  const ViaView no_via;
  bool top = true;
  for (const RawHeader& header : request.headers()) {
    const std::string_view name = LongHeaderName(header.name);
    if (name == "Via" && top) {
      AppendTopVia(out, header.value, request.vias().empty() ? no_via : request.top_via(), source);
      top = false;
    } else if (name == "To") {
      out += "To: ";
      AppendSafe(out, header.value);
      if (response.code > 100 && !response.to_tag.empty() && request.to().tag.empty()) {
        out += ";tag=";
        AppendSafe(out, response.to_tag);
      }
      out += "\r\n";
    } else if (name == "Via" || name == "From" || name == "Call-ID" || name == "CSeq" ||
               (with_routes && name == "Record-Route") ||
               (response.code == 100 && EqualsNoCase(name, "Timestamp"))) {
      AppendReceived(out, name, header.value);
    }
  }
  if (!response.contact.empty()) AppendLine(out, "Contact", response.contact);
  out += response.headers.text();
  AppendBody(out, response.content_type, response.body);
  return out;
}

std::string MakeBranch(const RandomSource& random) { return "z9hG4bK" + RandomText(random, 22); }
std::string MakeTag(const RandomSource& random) { return RandomText(random, 10); }
std::string MakeCallId(const RandomSource& random) { return RandomText(random, 24); }

std::string QuoteDisplay(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  }
  return out + "\"";
}

std::string FormatAddress(std::string_view display, std::string_view uri, std::string_view tag) {
  std::string out;
  if (!display.empty()) out = QuoteDisplay(display) + " ";
  out += '<';
  for (char c : uri) {
    if (static_cast<unsigned char>(c) > ' ' && c != '<' && c != '>') out += c;
  }
  out += '>';
  if (!tag.empty()) out.append(";tag=").append(tag);
  return out;
}

}  // namespace zvon::sip
