#include "services/signaling/sip/message.h"

#include "services/signaling/sip/grammar.h"
#include "services/signaling/sip/message_data.h"

namespace zvon::sip {

namespace {

template <class List>
auto AsSpan(const List& list) {
  return std::span(list.data(), list.size());
}

void AppendAuth(const MessageData& data, HeaderId id, std::vector<AuthView>& out) {
  for (size_t i = 0; i < data.headers.size(); ++i) {
    if (data.ids[i] != id) continue;
    const std::string_view value = data.headers[i].value;
    const size_t space = value.find_first_of(" \t");
    AuthView auth;
    auth.scheme = value.substr(0, space);
    if (space != std::string_view::npos) auth.params = TrimSpace(value.substr(space));
    out.push_back(auth);
  }
}

bool ListHolds(const MessageData& data, HeaderId id, std::string_view token) {
  for (size_t i = 0; i < data.headers.size(); ++i) {
    if (data.ids[i] != id) continue;
    for (std::string_view element : SplitList(data.headers[i].value)) {
      if (EqualsNoCase(element, token)) return true;
    }
  }
  return false;
}

std::vector<std::string_view> ListOf(const MessageData& data, HeaderId id) {
  std::vector<std::string_view> out;
  for (size_t i = 0; i < data.headers.size(); ++i) {
    if (data.ids[i] != id) continue;
    for (std::string_view element : SplitList(data.headers[i].value)) out.push_back(element);
  }
  return out;
}

// The boundary parameter of a multipart content type.
std::string Boundary(std::string_view content_type_value) {
  const size_t semicolon = content_type_value.find(';');
  if (semicolon == std::string_view::npos) return {};
  const auto value = FindParam(content_type_value.substr(semicolon + 1), "boundary");
  return value ? Unquote(*value) : std::string();
}

std::string_view PartHeader(std::string_view head, std::string_view name) {
  while (!head.empty()) {
    const size_t end = head.find("\r\n");
    const std::string_view line = head.substr(0, end);
    const size_t colon = line.find(':');
    if (colon != std::string_view::npos && EqualsNoCase(TrimSpace(line.substr(0, colon)), name)) {
      return TrimSpace(line.substr(colon + 1));
    }
    if (end == std::string_view::npos) break;
    head.remove_prefix(end + 2);
  }
  return {};
}

bool IsSdpType(std::string_view value) {
  return EqualsNoCase(TrimSpace(value.substr(0, value.find(';'))), "application/sdp");
}

// The application/sdp part of a multipart body (RFC 2046 section 5.1).
std::string_view SdpPart(std::string_view body, const std::string& boundary) {
  const std::string mark = "--" + boundary;
  size_t at = body.find(mark);
  while (at != std::string_view::npos) {
    const size_t start = at + mark.size();
    if (body.compare(start, 2, "--") == 0) break;
    size_t next = body.find("\r\n" + mark, start);
    const std::string_view part =
        body.substr(start, next == std::string_view::npos ? next : next - start);
    const size_t blank = part.find("\r\n\r\n");
    if (blank != std::string_view::npos &&
        IsSdpType(PartHeader(part.substr(0, blank), "Content-Type"))) {
      return part.substr(blank + 4);
    }
    at = next == std::string_view::npos ? next : next + 2;
  }
  return {};
}

}  // namespace

std::optional<std::string_view> ParamsView::Get(std::string_view name) const {
  return FindParam(text, name);
}

std::string AddressView::DisplayText() const {
  std::string out;
  for (char c : Unquote(display)) {
    if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) out += c;
  }
  return out;
}

std::optional<std::string> AuthView::Param(std::string_view name) const {
  std::string_view rest = params;
  while (!rest.empty()) {
    const size_t end = FindOutside(rest, ',');
    const std::string_view one = rest.substr(0, end);
    const size_t equals = one.find('=');
    if (equals != std::string_view::npos && EqualsNoCase(TrimSpace(one.substr(0, equals)), name)) {
      return Unquote(TrimSpace(one.substr(equals + 1)));
    }
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  return std::nullopt;
}

bool Message::is_request() const { return data_->is_request; }
Method Message::method() const { return data_->is_request ? data_->method : data_->cseq.method; }
std::string_view Message::method_name() const {
  return data_->is_request ? data_->method_name : data_->cseq.method_name;
}
const UriView& Message::request_uri() const { return data_->request_uri; }
std::string_view Message::request_uri_text() const { return data_->request_uri_text; }
int Message::status() const { return data_->status; }
std::string_view Message::reason() const { return data_->reason; }
const AddressView& Message::from() const { return data_->from; }
const AddressView& Message::to() const { return data_->to; }
std::string_view Message::call_id() const { return data_->call_id; }
const CSeqView& Message::cseq() const { return data_->cseq; }
std::span<const ViaView> Message::vias() const { return AsSpan(data_->vias); }
std::span<const AddressView> Message::contacts() const { return AsSpan(data_->contacts); }
std::span<const AddressView> Message::routes() const { return AsSpan(data_->routes); }
std::span<const AddressView> Message::record_routes() const { return AsSpan(data_->record_routes); }
std::optional<uint32_t> Message::max_forwards() const { return data_->max_forwards; }
std::optional<uint32_t> Message::expires() const { return data_->expires; }
std::optional<uint32_t> Message::min_expires() const { return data_->min_expires; }
std::optional<uint32_t> Message::retry_after() const { return data_->retry_after; }
std::optional<SessionExpiresView> Message::session_expires() const {
  return data_->session_expires;
}
std::optional<uint32_t> Message::min_se() const { return data_->min_se; }
std::optional<uint32_t> Message::rseq() const { return data_->rseq; }
std::optional<RAckView> Message::rack() const { return data_->rack; }
const AddressView* Message::refer_to() const {
  return data_->refer_to ? &*data_->refer_to : nullptr;
}
const AddressView* Message::referred_by() const {
  return data_->referred_by ? &*data_->referred_by : nullptr;
}
std::optional<ReplacesView> Message::replaces() const { return data_->replaces; }
std::string_view Message::event() const { return data_->event; }
std::string_view Message::content_type() const { return data_->content_type; }
std::string_view Message::body() const { return data_->body; }
std::span<const RawHeader> Message::headers() const { return AsSpan(data_->headers); }
std::string_view Message::raw() const { return data_->raw; }

bool Message::Supports(std::string_view option_tag) const {
  return ListHolds(*data_, HeaderId::kSupported, option_tag) || Requires(option_tag);
}
bool Message::Requires(std::string_view option_tag) const {
  return ListHolds(*data_, HeaderId::kRequire, option_tag);
}
std::vector<std::string_view> Message::require() const {
  return ListOf(*data_, HeaderId::kRequire);
}
std::vector<std::string_view> Message::allow() const { return ListOf(*data_, HeaderId::kAllow); }

std::vector<AuthView> Message::authorization() const {
  std::vector<AuthView> out;
  AppendAuth(*data_, HeaderId::kAuthorization, out);
  return out;
}

std::vector<AuthView> Message::proxy_authorization() const {
  std::vector<AuthView> out;
  AppendAuth(*data_, HeaderId::kProxyAuthorization, out);
  return out;
}

std::vector<AuthView> Message::challenges() const {
  std::vector<AuthView> out;
  AppendAuth(*data_, HeaderId::kWwwAuthenticate, out);
  AppendAuth(*data_, HeaderId::kProxyAuthenticate, out);
  return out;
}

bool Message::has_sdp() const { return !sdp().empty(); }

std::string_view Message::sdp() const {
  if (data_->body.empty()) return {};
  if (EqualsNoCase(data_->content_type, "application/sdp")) return data_->body;
  if (!EqualsNoCase(data_->content_type.substr(0, 10), "multipart/")) return {};
  const std::string boundary = Boundary(Header("Content-Type"));
  return boundary.empty() ? std::string_view() : SdpPart(data_->body, boundary);
}

std::string_view Message::Header(std::string_view name) const {
  const HeaderId id = HeaderIdOf(name);
  const std::string_view long_name = LongHeaderName(name);
  for (size_t i = 0; i < data_->headers.size(); ++i) {
    if (data_->ids[i] != id) continue;
    if (id != HeaderId::kOther || EqualsNoCase(LongHeaderName(data_->headers[i].name), long_name)) {
      return data_->headers[i].value;
    }
  }
  return {};
}

bool Message::HasHeader(std::string_view name) const { return Header(name).data() != nullptr; }

std::vector<std::string_view> Message::HeadersNamed(std::string_view name) const {
  std::vector<std::string_view> out;
  const HeaderId id = HeaderIdOf(name);
  const std::string_view long_name = LongHeaderName(name);
  for (size_t i = 0; i < data_->headers.size(); ++i) {
    if (data_->ids[i] == id && (id != HeaderId::kOther ||
                                EqualsNoCase(LongHeaderName(data_->headers[i].name), long_name))) {
      out.push_back(data_->headers[i].value);
    }
  }
  return out;
}

}  // namespace zvon::sip
