#include "services/signaling/sip/head_scan.h"

#include "services/signaling/sip/grammar.h"
#include "services/signaling/sip/parse.h"

namespace zvon::sip {

namespace {

void SetFault(HeadScan& scan, std::string_view fault) {
  if (scan.fault.empty()) scan.fault = fault;
}

// The line's end (index of CR), the lines folded into it included; npos: no
// CRLF follows.
size_t LineEnd(std::string_view text, size_t at, bool fold) {
  for (;;) {
    const size_t end = text.find("\r\n", at);
    if (end == std::string_view::npos || !fold) return end;
    if (end + 2 >= text.size() || (text[end + 2] != ' ' && text[end + 2] != '\t')) return end;
    at = end + 2;
  }
}

void CheckValueBytes(std::string_view value, HeadScan& scan) {
  for (size_t i = 0; i < value.size(); ++i) {
    const unsigned char c = static_cast<unsigned char>(value[i]);
    if (c >= 0x20 && c != 0x7f) continue;
    if (c == '\t') continue;
    if (c == '\r' && i + 1 < value.size() && value[i + 1] == '\n') {
      ++i;
      continue;
    }
    if (i > 0 && value[i - 1] == '\\' && c != '\r' && c != '\n') {
      scan.has_control_bytes = true;
      continue;
    }
    SetFault(scan, c == '\r' || c == '\n' ? "Bare CR or LF in header" : "Control byte in header");
    return;
  }
}

void ScanHeader(std::string_view line, MessageData& data, HeadScan& scan) {
  const size_t colon = line.find(':');
  const std::string_view name = TrimSpace(line.substr(0, colon));
  if (colon == std::string_view::npos || !IsToken(name) ||
      line.substr(0, colon).find_first_of("\r\n") != std::string_view::npos) {
    SetFault(scan, "Bad header line");
    return;
  }
  const std::string_view value = TrimSpace(line.substr(colon + 1));
  CheckValueBytes(value, scan);
  data.headers.push_back({name, value});
  data.ids.push_back(HeaderIdOf(name));
}

}  // namespace

HeadScan ScanHead(MessageData& data) {
  HeadScan scan;
  const std::string_view text = data.raw;
  size_t at = LineEnd(text, 0, false);
  if (at == std::string_view::npos) {
    scan.fault = "No start line";
    return scan;
  }
  scan.start_line = text.substr(0, at);
  at += 2;
  while (at < text.size()) {
    if (text.compare(at, 2, "\r\n") == 0) {
      scan.complete = true;
      scan.head_size = at + 2;
      return scan;
    }
    const size_t end = LineEnd(text, at, true);
    if (end == std::string_view::npos) break;
    if (data.headers.size() == kHeadersMax) {
      SetFault(scan, "Too Many Headers");
      break;
    }
    ScanHeader(text.substr(at, end - at), data, scan);
    at = end + 2;
  }
  SetFault(scan, "Headers do not end");
  scan.head_size = text.size();
  return scan;
}

}  // namespace zvon::sip
