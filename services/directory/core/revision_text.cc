#include "services/directory/core/revision_text.h"

#include <google/protobuf/util/json_util.h>

#include <nlohmann/json.hpp>

#include "services/directory/core/secrets.h"

namespace zvon::directory {
namespace {

using Json = nlohmann::json;

void Compare(const std::string& path, const Json& before, const Json& after, Json* diff) {
  if (before == after) return;
  if (before.is_object() && after.is_object()) {
    const std::string prefix = path.empty() ? "" : path + ".";
    for (const auto& [key, value] : before.items()) {
      Compare(prefix + key, value, after.contains(key) ? after[key] : Json(), diff);
    }
    for (const auto& [key, value] : after.items()) {
      if (!before.contains(key)) Compare(prefix + key, Json(), value, diff);
    }
    return;
  }
  diff->push_back({{"path", path}, {"before", before}, {"after", after}});
}

Json Parse(const std::string& text) {
  return text.empty() ? Json::object() : Json::parse(text, nullptr, /*allow_exceptions=*/false);
}

}  // namespace

std::string ToJson(const Resource* resource) {
  if (resource == nullptr) return "";
  const Resource clean = WithoutSecrets(*resource);
  const auto* kind = GetKind(clean);
  if (kind == nullptr) return "{}";
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string text;
  if (!google::protobuf::util::MessageToJsonString(*kind, &text, options).ok()) return "{}";
  return text;
}

std::string DiffJson(const std::string& before, const std::string& after, bool password_changed) {
  Json diff = Json::array();
  Compare("", Parse(before), Parse(after), &diff);
  if (password_changed) diff.push_back({{"path", "password"}, {"after", "(changed)"}});
  return diff.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace zvon::directory
