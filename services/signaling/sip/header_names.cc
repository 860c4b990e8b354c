#include "services/signaling/sip/grammar.h"
#include "services/signaling/sip/message_data.h"

namespace zvon::sip {

namespace {

struct Name {
  std::string_view text;
  HeaderId id;
  char compact = 0;
};

constexpr Name kNames[] = {
    {"Via", HeaderId::kVia, 'v'},
    {"From", HeaderId::kFrom, 'f'},
    {"To", HeaderId::kTo, 't'},
    {"Call-ID", HeaderId::kCallId, 'i'},
    {"CSeq", HeaderId::kCSeq},
    {"Contact", HeaderId::kContact, 'm'},
    {"Route", HeaderId::kRoute},
    {"Record-Route", HeaderId::kRecordRoute},
    {"Max-Forwards", HeaderId::kMaxForwards},
    {"Content-Length", HeaderId::kContentLength, 'l'},
    {"Content-Type", HeaderId::kContentType, 'c'},
    {"Expires", HeaderId::kExpires},
    {"Min-Expires", HeaderId::kMinExpires},
    {"Retry-After", HeaderId::kRetryAfter},
    {"Session-Expires", HeaderId::kSessionExpires, 'x'},
    {"Min-SE", HeaderId::kMinSe},
    {"RSeq", HeaderId::kRSeq},
    {"RAck", HeaderId::kRAck},
    {"Refer-To", HeaderId::kReferTo, 'r'},
    {"Referred-By", HeaderId::kReferredBy, 'b'},
    {"Replaces", HeaderId::kReplaces},
    {"Event", HeaderId::kEvent, 'o'},
    {"Require", HeaderId::kRequire},
    {"Proxy-Require", HeaderId::kProxyRequire},
    {"Supported", HeaderId::kSupported, 'k'},
    {"Allow", HeaderId::kAllow},
    {"Authorization", HeaderId::kAuthorization},
    {"Proxy-Authorization", HeaderId::kProxyAuthorization},
    {"WWW-Authenticate", HeaderId::kWwwAuthenticate},
    {"Proxy-Authenticate", HeaderId::kProxyAuthenticate},
    {"Date", HeaderId::kDate},
    {"Subject", HeaderId::kOther, 's'},
    {"Content-Encoding", HeaderId::kOther, 'e'},
    {"Allow-Events", HeaderId::kOther, 'u'},
    {"Accept-Contact", HeaderId::kOther, 'a'},
    {"Reject-Contact", HeaderId::kOther, 'j'},
    {"Request-Disposition", HeaderId::kOther, 'd'},
    {"Identity", HeaderId::kOther, 'y'},
};

const Name* FindName(std::string_view name) {
  if (name.size() == 1) {
    for (const Name& n : kNames) {
      if (n.compact == (name[0] | 0x20)) return &n;
    }
    return nullptr;
  }
  for (const Name& n : kNames) {
    if (EqualsNoCase(n.text, name)) return &n;
  }
  return nullptr;
}

}  // namespace

HeaderId HeaderIdOf(std::string_view name) {
  const Name* found = FindName(name);
  return found ? found->id : HeaderId::kOther;
}

std::string_view LongHeaderName(std::string_view name) {
  const Name* found = FindName(name);
  return found ? found->text : name;
}

}  // namespace zvon::sip
