#include "services/gateway/live/json.h"

#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>

#include <cstdio>

#include "absl/strings/str_cat.h"
#include "services/gateway/core/json_limits.h"

namespace zvon::gateway {
namespace {

absl::Status Parse(const std::string& text, google::protobuf::Message* message, bool lenient) {
  if (JsonDepth(text) > kJsonDepthMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("the JSON is nested deeper than ", kJsonDepthMax));
  }
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = lenient;
  auto status = google::protobuf::util::JsonStringToMessage(text, message, options);
  if (status.ok()) return absl::OkStatus();
  std::string why(status.message().data(), status.message().size());
  // Only its first line: the rest draws the text it was given.
  return absl::InvalidArgumentError(
      absl::StrCat("not the JSON expected: ", why.substr(0, why.find('\n'))));
}

}  // namespace

std::string ToJson(const google::protobuf::Message& message) {
  std::string text;
  google::protobuf::util::JsonPrintOptions options;
  // Fails only for messages that no .proto of ours can make (a bad Any).
  if (!google::protobuf::util::MessageToJsonString(message, &text, options).ok()) return "{}";
  return text;
}

absl::Status FromJson(const std::string& text, google::protobuf::Message* message) {
  return Parse(text, message, false);
}

absl::Status FromJsonLeniently(const std::string& text, google::protobuf::Message* message) {
  return Parse(text, message, true);
}

std::string JsonString(const std::string& text) {
  std::string out = "\"";
  for (unsigned char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += static_cast<char>(c);
    } else if (c < 0x20) {
      char escaped[8];
      std::snprintf(escaped, sizeof(escaped), "\\u%04x", c);
      out += escaped;
    } else {
      out += static_cast<char>(c);
    }
  }
  return out + "\"";
}

}  // namespace zvon::gateway
