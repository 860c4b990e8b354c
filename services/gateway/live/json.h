#pragma once
// Protobuf messages as JSON, both ways, with limits and readable errors.

#include <string>

#include "absl/status/status.h"

namespace google::protobuf {
class Message;
}

namespace zvon::gateway {

// proto3 JSON mapping: lowerCamelCase, enums by name, fields with their
// default value left out.
std::string ToJson(const google::protobuf::Message& message);

// InvalidArgument says what is wrong: no JSON, nested too deeply, an unknown
// field. Never throws, never recurses deeper than kJsonDepthMax.
absl::Status FromJson(const std::string& text, google::protobuf::Message* message);
// The same, but fields that are not known are left out.
absl::Status FromJsonLeniently(const std::string& text, google::protobuf::Message* message);

// A JSON string literal, quotes included.
std::string JsonString(const std::string& text);

}  // namespace zvon::gateway
