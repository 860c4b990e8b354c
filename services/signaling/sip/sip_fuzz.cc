// Any bytes: parsed, validated, answered, parsed again. Properties: what was
// accepted can be answered, and the answer is well-formed.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "services/signaling/sip/parse.h"
#include "services/signaling/sip/validate.h"

using namespace zvon::sip;  // NOLINT

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const ParseResult parsed = Parse({reinterpret_cast<const char*>(data), size});
  if (parsed.drop()) return 0;
  const Message& m = parsed.message;
  size_t sum = m.sdp().size() + m.authorization().size() + m.challenges().size() +
               m.allow().size() + m.from().DisplayText().size() + m.Header("Subject").size() +
               m.Supports("timer");
  for (const AddressView& contact : m.contacts()) {
    sum += contact.uri.ToString(true).size() + AddressOfRecord(contact.uri).size();
  }
  if (m.is_request()) {
    ServerCapabilities able;
    able.methods = {Method::kInvite};
    OutResponse answer = CheckRequest(m, able);
    if (answer.code == 0) answer.code = 200;
    answer.to_tag = "fuzz";
    const std::string text = Serialize(answer, m, SocketAddress::V4(0x7f000001, 5060));
    if (parsed.code == 0 && text.size() < kMessageBytesMax && Parse(text).drop()) std::abort();
  }
  return sum == SIZE_MAX;
}
