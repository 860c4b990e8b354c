#pragma once
// SIP methods. Names are case-sensitive (RFC 3261 section 7.1).

#include <cstdint>
#include <string_view>

namespace zvon::sip {

enum class Method : uint8_t {
  kUnknown,
  kInvite,
  kAck,
  kBye,
  kCancel,
  kRegister,
  kOptions,
  kPrack,
  kUpdate,
  kInfo,
  kRefer,
  kNotify,
  kSubscribe,
  kMessage,
  kPublish,
};

std::string_view MethodName(Method method);
Method MethodFromName(std::string_view name);

// The reason phrase that goes with a status code ("Not Found"); never empty.
std::string_view ReasonPhrase(int code);

}  // namespace zvon::sip
