#include "services/signaling/sip/validate.h"

#include <algorithm>

#include "services/signaling/sip/grammar.h"

namespace zvon::sip {

namespace {

bool Contains(const std::vector<std::string>& list, std::string_view text) {
  return std::any_of(list.begin(), list.end(),
                     [text](const std::string& one) { return EqualsNoCase(one, text); });
}

template <class List, class ToText>
std::string Join(const List& list, ToText to_text) {
  std::string out;
  for (const auto& one : list) {
    if (!out.empty()) out += ", ";
    out += to_text(one);
  }
  return out;
}

OutResponse Refuse(int code) {
  OutResponse response;
  response.code = code;
  return response;
}

std::string UnsupportedTags(const Message& request, const ServerCapabilities& capabilities) {
  std::string out;
  for (std::string_view tag : request.require()) {
    if (Contains(capabilities.option_tags, tag)) continue;
    if (!out.empty()) out += ", ";
    out += tag;
  }
  return out;
}

bool IsBodyUnderstood(const Message& request, const ServerCapabilities& capabilities) {
  if (request.body().empty() || Contains(capabilities.content_types, request.content_type()))
    return true;
  // A multipart body is fine when the part that we need is in it.
  return EqualsNoCase(request.content_type().substr(0, 10), "multipart/") && !request.sdp().empty();
}

// Only bodies that change what the request means; a MESSAGE's or INFO's type is
// its handler's business.
bool JudgesBody(Method method) {
  return method == Method::kInvite || method == Method::kUpdate || method == Method::kPrack;
}

}  // namespace

OutResponse CheckRequest(const Message& request, const ServerCapabilities& capabilities) {
  const Method method = request.method();
  if (method == Method::kAck || method == Method::kCancel) return Refuse(0);
  const auto& known = capabilities.methods;
  if (std::find(known.begin(), known.end(), method) == known.end()) {
    OutResponse response = Refuse(method == Method::kUnknown ? 501 : 405);
    response.headers.Add("Allow", Join(known, MethodName));
    return response;
  }
  if (!Contains(capabilities.uri_schemes, request.request_uri().scheme)) return Refuse(416);
  // A user agent server does not forward: 0 hops left is enough to reach it
  // (RFC 3261 section 16.3 is a proxy's). Calls that go on are refused by 483
  // where they are routed.
  if (const std::string tags = UnsupportedTags(request, capabilities); !tags.empty()) {
    OutResponse response = Refuse(420);
    response.headers.Add("Unsupported", tags);
    return response;
  }
  if (JudgesBody(method) && !IsBodyUnderstood(request, capabilities)) {
    OutResponse response = Refuse(415);
    response.headers.Add("Accept", Join(capabilities.content_types,
                                        [](const std::string& t) { return std::string_view(t); }));
    return response;
  }
  return Refuse(0);
}

}  // namespace zvon::sip
