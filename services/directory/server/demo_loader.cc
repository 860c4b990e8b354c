#include "services/directory/server/demo_loader.h"

#include <google/protobuf/util/json_util.h>
#include <yaml-cpp/yaml.h>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"

namespace zvon::directory {
namespace {

using Json = nlohmann::json;

// Plain scalars that read as a number or a truth value become that; quoted
// ones stay texts.
Json ScalarToJson(const YAML::Node& node) {
  const std::string text = node.Scalar();
  if (node.Tag() == "!") return text;
  if (text == "true" || text == "false") return text == "true";
  Json number = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  return number.is_number() ? number : Json(text);
}

Json ToJson(const YAML::Node& node) {
  if (node.IsMap()) {
    Json out = Json::object();
    for (const auto& pair : node) out[pair.first.as<std::string>()] = ToJson(pair.second);
    return out;
  }
  if (node.IsSequence()) {
    Json out = Json::array();
    for (const YAML::Node& item : node) out.push_back(ToJson(item));
    return out;
  }
  return node.IsScalar() ? ScalarToJson(node) : Json();
}

absl::StatusOr<Resource> ToResource(const std::string& path, const YAML::Node& node) {
  Resource resource;
  const auto parsed = google::protobuf::util::JsonStringToMessage(ToJson(node).dump(), &resource);
  if (parsed.ok()) return resource;
  return absl::InvalidArgumentError(
      absl::StrCat(path, ":", node.Mark().line + 1, ": ",
                   std::string(parsed.message().data(), parsed.message().size())));
}

}  // namespace

absl::StatusOr<std::vector<Resource>> ReadResourceFile(const std::string& path) {
  YAML::Node file;
  try {
    file = YAML::LoadFile(path);
  } catch (const YAML::Exception& error) {
    return absl::InvalidArgumentError(absl::StrCat("cannot read ", path, ": ", error.what()));
  }
  if (!file.IsMap() || !file["resources"].IsSequence()) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": needs a list \"resources\""));
  }
  std::vector<Resource> out;
  for (const YAML::Node& node : file["resources"]) {
    auto resource = ToResource(path, node);
    if (!resource.ok()) return resource.status();
    out.push_back(*std::move(resource));
  }
  return out;
}

absl::StatusOr<int> LoadResourceFile(ResourceWriter& writer, const std::string& path,
                                     const ChangeContext& context) {
  auto resources = ReadResourceFile(path);
  if (!resources.ok()) return resources.status();
  int changed = 0;
  for (const Resource& resource : *resources) {
    bool differs = false;
    auto written = writer.Update(resource, {.allow_missing = true, .changed = &differs}, context);
    if (!written.ok()) {
      return absl::Status(written.status().code(), absl::StrCat(path, ": ", resource.name(), ": ",
                                                                written.status().message()));
    }
    changed += differs ? 1 : 0;
  }
  return changed;
}

}  // namespace zvon::directory
