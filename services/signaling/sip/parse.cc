#include "services/signaling/sip/parse.h"

#include <sofia-sip/msg.h>
#include <sofia-sip/msg_addr.h>
#include <sofia-sip/sip.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_parser.h>

#include <cstring>
#include <utility>

#include "services/signaling/sip/grammar.h"
#include "services/signaling/sip/head_scan.h"
#include "services/signaling/sip/message_data.h"

namespace zvon::sip {

namespace {

std::string_view View(const char* text) {
  return text ? std::string_view(text) : std::string_view();
}

// A fault with its code, kept from the first one on.
struct Fault {
  int code = 0;
  std::string reason;
  void Set(int new_code, std::string_view new_reason) {
    if (code != 0) return;
    code = new_code;
    reason = new_reason;
  }
};

// How often a header came, and with how many elements.
size_t CountLines(const MessageData& data, HeaderId id) {
  size_t n = 0;
  for (HeaderId have : data.ids) n += have == id;
  return n;
}

// Raw elements of a comma-separated header in order.
Elements RawElements(const MessageData& data, HeaderId id) {
  Elements out;
  for (size_t i = 0; i < data.headers.size(); ++i) {
    if (data.ids[i] != id) continue;
    for (std::string_view element : SplitList(data.headers[i].value)) out.push_back(element);
  }
  return out;
}

std::string_view RawValue(const MessageData& data, HeaderId id) {
  for (size_t i = 0; i < data.headers.size(); ++i) {
    if (data.ids[i] == id) return data.headers[i].value;
  }
  return {};
}

// --- Start line ------------------------------------------------------------

bool IsSipVersion(std::string_view text) {
  return text.size() >= 7 && EqualsNoCase(text.substr(0, 4), "SIP/") && text[4] >= '0' &&
         text[4] <= '9';
}

// "INVITE sip:a@b SIP/2.0": exactly two spaces (RFC 3261 section 7.1).
void ReadRequestLine(std::string_view line, MessageData& data, Fault& fault) {
  const size_t first = line.find(' ');
  const size_t last = line.rfind(' ');
  data.is_request = true;
  data.method_name = line.substr(0, first);
  data.method = MethodFromName(data.method_name);
  if (first == std::string_view::npos || first == last || !IsToken(data.method_name)) {
    return fault.Set(400, "Bad Request Line");
  }
  const std::string_view version = line.substr(last + 1);
  data.request_uri_text = line.substr(first + 1, last - first - 1);
  if (!IsSipVersion(version)) return fault.Set(400, "Bad Request Line");
  if (!EqualsNoCase(version, "SIP/2.0")) return fault.Set(505, "Version Not Supported");
  const auto uri = ParseUri(data.request_uri_text);
  if (!uri || (uri->is_sip() && !uri->headers.empty())) {
    return fault.Set(400, "Bad Request-URI");
  }
  data.request_uri = *uri;
}

void ReadStatusLine(std::string_view line, MessageData& data, Fault& fault) {
  data.is_request = false;
  // "SIP/2.0 200 OK"; the phrase may be empty.
  const std::string_view code = line.substr(std::min<size_t>(8, line.size()), 3);
  const auto status = ParseNumber<int>(code);
  if (line.size() < 11 || line[7] != ' ' || !status || *status < 100 || *status > 699 ||
      (line.size() > 11 && line[11] != ' ')) {
    return fault.Set(400, "Bad Status Line");
  }
  data.status = *status;
  data.reason = line.substr(std::min<size_t>(12, line.size()));
}

void ReadStartLine(std::string_view line, MessageData& data, Fault& fault) {
  if (line.size() >= 8 && EqualsNoCase(line.substr(0, 8), "SIP/2.0 ")) {
    ReadStatusLine(line, data, fault);
  } else {
    ReadRequestLine(line, data, fault);
  }
}

// --- sofia-sip ---------------------------------------------------------------

// What sofia-sip is asked about. The rest it never sees: its list headers take
// quadratic time (64 KiB of Call-Info: 60 ms), and we read them ourselves.
bool IsForSofia(HeaderId id) {
  switch (id) {
    case HeaderId::kVia:
    case HeaderId::kFrom:
    case HeaderId::kTo:
    case HeaderId::kCallId:
    case HeaderId::kContact:
    case HeaderId::kRoute:
    case HeaderId::kRecordRoute:
    case HeaderId::kReferTo:
    case HeaderId::kReferredBy:
    case HeaderId::kReplaces:
    case HeaderId::kEvent:
    case HeaderId::kRAck:
    case HeaderId::kSessionExpires:
      return true;
    default:
      return false;
  }
}

// Control bytes in quoted pairs would end C strings: the raw text keeps them.
void HideControlBytes(std::string& head) {
  for (size_t i = 1; i < head.size(); ++i) {
    const unsigned char c = static_cast<unsigned char>(head[i]);
    if (head[i - 1] == '\\' && (c < 0x20 || c == 0x7f)) head[i] = '?';
  }
}

// Headers only, under a start line of our own: the real one is judged by our
// reader (sofia-sip refuses legal ones, RFC 4475 intmeth), the body is nobody's
// business here.
std::shared_ptr<void> ParseBySofia(const MessageData& data, const HeadScan& scan) {
  thread_local std::string head;
  head.assign("OPTIONS sip:a SIP/2.0\r\n");
  for (size_t i = 0; i < data.headers.size(); ++i) {
    if (!IsForSofia(data.ids[i])) continue;
    head.append(data.headers[i].name).append(": ").append(data.headers[i].value).append("\r\n");
  }
  head.append("\r\n");
  if (scan.has_control_bytes) HideControlBytes(head);
  msg_t* msg = msg_make(sip_default_mclass(), 0, head.data(), static_cast<ssize_t>(head.size()));
  if (!msg) return nullptr;
  return std::shared_ptr<void>(msg, [](void* m) { msg_destroy(static_cast<msg_t*>(m)); });
}

const sip_t* SipOf(const std::shared_ptr<void>& parsed) {
  return parsed ? sip_object(static_cast<msg_t*>(parsed.get())) : nullptr;
}

uint16_t PortOf(const char* text) {
  return text ? ParseNumber<uint16_t>(text).value_or(0) : uint16_t{0};
}

// Display, parameters and text from the raw element; the URI as sofia-sip
// understood it, provided that both readings agree that it is one.
bool FillAddress(std::string_view raw, const url_t& url, AddressView& out) {
  const auto parts = SplitNameAddr(raw);
  if (!parts || !IsDisplay(parts->display)) return false;
  out.raw = raw;
  out.display = parts->display;
  out.params.text = parts->params;
  out.tag = out.params.Get("tag").value_or(std::string_view());
  const auto own = ParseUri(parts->uri);
  if (!own) return false;
  out.uri = *own;
  return !own->is_sip() || EqualsNoCase(own->host, View(url.url_host));
}

// An addr-spec without brackets may hold no "?" or "," (RFC 3261 section 20.10).
bool IsBareUriAllowed(std::string_view raw) {
  return FindOutside(raw, '<') != std::string_view::npos || raw.find('?') == std::string_view::npos;
}

template <class Header, class List>
bool FillAddresses(const MessageData& data, HeaderId id, const Header* first, List& out) {
  const Elements raw = RawElements(data, id);
  size_t i = 0;
  for (const Header* h = first; h; h = h->r_next, ++i) {
    AddressView address;
    if (i >= raw.size() || !IsBareUriAllowed(raw[i]) ||
        !FillAddress(raw[i], h->r_url[0], address)) {
      return false;
    }
    out.push_back(address);
  }
  return i == raw.size();
}

bool FillContacts(MessageData& data, const sip_contact_t* first) {
  const Elements raw = RawElements(data, HeaderId::kContact);
  size_t i = 0;
  for (const sip_contact_t* m = first; m; m = m->m_next, ++i) {
    if (i >= raw.size()) return false;
    AddressView address;
    if (m->m_url->url_type == url_any) {
      address.is_star = true;
      address.raw = raw[i];
    } else if (!IsBareUriAllowed(raw[i]) || !FillAddress(raw[i], m->m_url[0], address)) {
      return false;
    }
    if (const auto expires = address.params.Get("expires");
        expires && !ParseNumber<uint32_t>(*expires)) {
      return false;
    }
    data.contacts.push_back(address);
  }
  return i == raw.size();
}

bool FillVias(MessageData& data, const sip_via_t* first) {
  const Elements raw = RawElements(data, HeaderId::kVia);
  size_t i = 0;
  for (const sip_via_t* v = first; v; v = v->v_next, ++i) {
    if (i >= raw.size() || i >= kViasMax) return false;
    ViaView via;
    const std::string_view protocol = View(v->v_protocol);
    via.transport = protocol.substr(protocol.rfind('/') + 1);
    via.host = View(v->v_host);
    via.port = PortOf(v->v_port);
    via.branch = View(v->v_branch);
    via.received = View(v->v_received);
    via.has_rport = v->v_rport != nullptr;
    via.rport = PortOf(v->v_rport);
    via.raw = raw[i];
    if (via.host.empty() || (v->v_port && via.port == 0)) return false;
    data.vias.push_back(via);
  }
  return i == raw.size() && i > 0;
}

// Headers that a message may have once only, and their reasons.
struct Single {
  HeaderId id;
  std::string_view name;
  bool mandatory;
};
constexpr Single kSingles[] = {
    {HeaderId::kFrom, "From", true},
    {HeaderId::kTo, "To", true},
    {HeaderId::kCallId, "Call-ID", true},
    {HeaderId::kCSeq, "CSeq", true},
    {HeaderId::kMaxForwards, "Max-Forwards", false},
    {HeaderId::kContentLength, "Content-Length", false},
    {HeaderId::kContentType, "Content-Type", false},
    {HeaderId::kExpires, "Expires", false},
    {HeaderId::kEvent, "Event", false},
    {HeaderId::kReplaces, "Replaces", false},
    {HeaderId::kReferTo, "Refer-To", false},
    {HeaderId::kReferredBy, "Referred-By", false},
    {HeaderId::kSessionExpires, "Session-Expires", false},
    {HeaderId::kMinSe, "Min-SE", false},
    {HeaderId::kRSeq, "RSeq", false},
    {HeaderId::kRAck, "RAck", false},
    {HeaderId::kDate, "Date", false},
};

void CheckSingles(const MessageData& data, Fault& fault) {
  for (const Single& s : kSingles) {
    const size_t lines = CountLines(data, s.id);
    if (lines > 1) fault.Set(400, "Several " + std::string(s.name) + " headers");
    if (lines == 0 && s.mandatory) fault.Set(400, "Missing " + std::string(s.name));
  }
  if (CountLines(data, HeaderId::kVia) == 0) fault.Set(400, "Missing Via");
}

// A whole value that must be one number; extra parameters after ';' are cut.
bool FillNumber(const MessageData& data, HeaderId id, std::optional<uint32_t>& out) {
  const std::string_view raw = RawValue(data, id);
  if (raw.data() == nullptr) return true;
  const size_t end = raw.find_first_of(";(");
  out = ParseNumber<uint32_t>(TrimSpace(raw.substr(0, end)));
  return out.has_value();
}

// sofia-sip wraps numbers that are too large and does not take every legal
// method: the raw text decides.
void FillCSeq(MessageData& data, Fault& fault) {
  const std::string_view raw = RawValue(data, HeaderId::kCSeq);
  const size_t space = raw.find_first_of(" \t\r\n");
  const auto number = ParseNumber<uint32_t>(raw.substr(0, space));
  if (space != std::string_view::npos) data.cseq.method_name = TrimSpace(raw.substr(space));
  data.cseq.method = MethodFromName(data.cseq.method_name);
  if (!IsToken(data.cseq.method_name)) return fault.Set(400, "Bad CSeq");
  if (!number || *number > 0x7fffffffu) return fault.Set(400, "Bad CSeq Number");
  data.cseq.number = *number;
  if (data.is_request && data.cseq.method_name != data.method_name) {
    // RFC 4475 section 3.1.2.18: an unknown method is 501 first.
    fault.Set(data.method == Method::kUnknown ? 501 : 400,
              data.method == Method::kUnknown ? "Not Implemented" : "CSeq Method Mismatch");
  }
}

void FillOptional(MessageData& data, const sip_t& sip, Fault& fault) {
  if (CountLines(data, HeaderId::kContact) && !FillContacts(data, sip.sip_contact)) {
    fault.Set(400, "Bad Contact");
  }
  if (CountLines(data, HeaderId::kRoute) &&
      !FillAddresses(data, HeaderId::kRoute, sip.sip_route, data.routes)) {
    fault.Set(400, "Bad Route");
  }
  if (CountLines(data, HeaderId::kRecordRoute) &&
      !FillAddresses(data, HeaderId::kRecordRoute, sip.sip_record_route, data.record_routes)) {
    fault.Set(400, "Bad Record-Route");
  }
  if (CountLines(data, HeaderId::kReferTo)) {
    AddressView address;
    const std::string_view raw = RawValue(data, HeaderId::kReferTo);
    if (!sip.sip_refer_to || !FillAddress(raw, sip.sip_refer_to->r_url[0], address)) {
      fault.Set(400, "Bad Refer-To");
    }
    data.refer_to = address;
  }
  if (CountLines(data, HeaderId::kReferredBy)) {
    AddressView address;
    const std::string_view raw = RawValue(data, HeaderId::kReferredBy);
    if (sip.sip_referred_by && FillAddress(raw, sip.sip_referred_by->b_url[0], address)) {
      data.referred_by = address;
    }
  }
  if (CountLines(data, HeaderId::kReplaces)) {
    const sip_replaces_t* rp = sip.sip_replaces;
    if (!rp || !rp->rp_to_tag || !rp->rp_from_tag) return fault.Set(400, "Bad Replaces");
    data.replaces = ReplacesView{View(rp->rp_call_id), View(rp->rp_to_tag), View(rp->rp_from_tag),
                                 rp->rp_early_only != 0};
  }
  if (CountLines(data, HeaderId::kEvent)) {
    if (!sip.sip_event || !sip.sip_event->o_type) return fault.Set(489, "Bad Event");
    data.event = View(sip.sip_event->o_type);
  }
  if (CountLines(data, HeaderId::kRAck)) {
    if (!sip.sip_rack) return fault.Set(400, "Bad RAck");
    data.rack = RAckView{sip.sip_rack->ra_response, sip.sip_rack->ra_cseq,
                         View(sip.sip_rack->ra_method_name)};
  }
}

void FillNumbers(MessageData& data, const sip_t& sip, Fault& fault) {
  if (!FillNumber(data, HeaderId::kMaxForwards, data.max_forwards) ||
      data.max_forwards.value_or(0) > 255) {
    fault.Set(400, "Bad Max-Forwards");
  }
  // An Expires out of range is a large one for a dialog, but malformed here.
  if (!FillNumber(data, HeaderId::kExpires, data.expires)) fault.Set(400, "Bad Expires");
  if (!FillNumber(data, HeaderId::kMinExpires, data.min_expires)) fault.Set(400, "Bad Min-Expires");
  if (!FillNumber(data, HeaderId::kRetryAfter, data.retry_after)) data.retry_after.reset();
  if (!FillNumber(data, HeaderId::kMinSe, data.min_se)) fault.Set(400, "Bad Min-SE");
  if (!FillNumber(data, HeaderId::kRSeq, data.rseq)) fault.Set(400, "Bad RSeq");
  std::optional<uint32_t> seconds;
  if (!FillNumber(data, HeaderId::kSessionExpires, seconds)) fault.Set(400, "Bad Session-Expires");
  if (seconds) {
    data.session_expires = SessionExpiresView{*seconds, {}};
    if (sip.sip_session_expires) {
      data.session_expires->refresher = View(sip.sip_session_expires->x_refresher);
    }
  }
}

void FillCore(MessageData& data, const sip_t& sip, Fault& fault) {
  if (!FillVias(data, sip.sip_via)) fault.Set(400, "Bad Via");
  const std::string_view from = RawValue(data, HeaderId::kFrom);
  const std::string_view to = RawValue(data, HeaderId::kTo);
  if (!sip.sip_from || !IsBareUriAllowed(from) ||
      !FillAddress(from, sip.sip_from->a_url[0], data.from)) {
    fault.Set(400, "Bad From");
  }
  if (!sip.sip_to || !IsBareUriAllowed(to) || !FillAddress(to, sip.sip_to->a_url[0], data.to)) {
    fault.Set(400, "Bad To");
  }
  const std::string_view call_id = RawValue(data, HeaderId::kCallId);
  if (!sip.sip_call_id || call_id.empty() ||
      call_id.find_first_of(" \t\r\n") != std::string_view::npos) {
    fault.Set(400, "Bad Call-ID");
  }
  data.call_id = call_id;
  FillCSeq(data, fault);
}

// --- Body --------------------------------------------------------------------

void ReadBody(MessageData& data, size_t head_size, Fault& fault) {
  const std::string_view rest =
      std::string_view(data.raw).substr(std::min(head_size, data.raw.size()));
  data.body = rest;
  const std::string_view raw = RawValue(data, HeaderId::kContentLength);
  if (raw.data() != nullptr) {
    const auto length = ParseNumber<uint32_t>(raw);
    if (!length) return fault.Set(400, "Bad Content-Length");
    if (*length > rest.size()) return fault.Set(400, "Body shorter than Content-Length");
    data.body = rest.substr(0, *length);
  }
  const std::string_view type = RawValue(data, HeaderId::kContentType);
  data.content_type = TrimSpace(type.substr(0, type.find(';')));
  const size_t slash = data.content_type.find('/');
  if (type.data() != nullptr && (slash == std::string_view::npos || slash == 0)) {
    fault.Set(400, "Bad Content-Type");
  }
}

bool IsAnswerable(const MessageData& data) {
  return data.is_request && data.method != Method::kAck && CountLines(data, HeaderId::kVia) != 0 &&
         CountLines(data, HeaderId::kCSeq) != 0 && data.method_name.data() != nullptr;
}

}  // namespace

ParseResult Parse(std::string_view bytes) {
  ParseResult result;
  if (bytes.size() > kMessageBytesMax) {
    result.reason = "Message Too Large";
    result.code = 513;
    return result;
  }
  auto data = std::make_shared<MessageData>();
  data->raw.assign(bytes);
  HeadScan scan = ScanHead(*data);
  Fault fault;
  ReadStartLine(scan.start_line, *data, fault);
  if (!scan.fault.empty()) fault.Set(400, scan.fault);
  CheckSingles(*data, fault);
  if (scan.complete) {
    ReadBody(*data, scan.head_size, fault);
    data->parsed = ParseBySofia(*data, scan);
  }
  const sip_t* sip = SipOf(data->parsed);
  if (sip) {
    FillCore(*data, *sip, fault);
    FillNumbers(*data, *sip, fault);
    FillOptional(*data, *sip, fault);
  } else {
    fault.Set(400, "Bad Message");
  }
  result.code = fault.code;
  result.reason = std::move(fault.reason);
  if (result.code == 0 || IsAnswerable(*data)) result.message = Message(std::move(data));
  return result;
}

}  // namespace zvon::sip
