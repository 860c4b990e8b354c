#pragma once
// Our own first pass over a message: start line, header lines, body. Strict
// about what header smuggling needs (bare CR or LF, control bytes, spaces in
// names), silent about meanings.

#include <string>
#include <string_view>

#include "services/signaling/sip/message_data.h"

namespace zvon::sip {

struct HeadScan {
  // Empty: no fault. Else why the message is bad; the headers scanned before
  // and after the fault are still there, to answer with.
  std::string fault;
  std::string_view start_line;
  size_t head_size = 0;  // Up to and with the empty line.
  // Quoted pairs hold control bytes (legal, RFC 4475 section 3.1.1.2), which
  // C-string parsers do not survive.
  bool has_control_bytes = false;
  bool complete = false;  // The empty line was there.
};

// Fills headers and ids of `data` with views into data.raw.
HeadScan ScanHead(MessageData& data);

}  // namespace zvon::sip
