#include "services/common/settings/settings_sources.h"

#include <yaml-cpp/yaml.h>

#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace zvon::internal {
namespace {

// Settings are shallow; a deeper file is a mistake.
constexpr int kDepthMax = 8;

std::string Place(const std::string& file, const YAML::Node& node) {
  return absl::StrCat(file, ":", node.Mark().line + 1);
}

absl::Status Flatten(const std::string& file, const std::string& prefix, const YAML::Node& node,
                     int depth, std::vector<SourcedValue>* out);

absl::Status FlattenList(const std::string& file, const std::string& key, const YAML::Node& node,
                         std::vector<SourcedValue>* out) {
  std::vector<std::string> items;
  for (const YAML::Node& item : node) {
    if (!item.IsScalar()) {
      return absl::InvalidArgumentError(
          absl::StrCat(Place(file, item), ": ", key, ": a list may hold plain values only"));
    }
    items.push_back(item.Scalar());
  }
  out->push_back({key, absl::StrJoin(items, ","), Place(file, node)});
  return absl::OkStatus();
}

absl::Status FlattenMap(const std::string& file, const std::string& prefix, const YAML::Node& node,
                        int depth, std::vector<SourcedValue>* out) {
  for (const auto& entry : node) {
    if (!entry.first.IsScalar()) {
      return absl::InvalidArgumentError(
          absl::StrCat(Place(file, entry.first), ": a key must be plain text"));
    }
    std::string key = prefix.empty() ? entry.first.Scalar()
                                     : absl::StrCat(prefix, ".", entry.first.Scalar());
    if (auto status = Flatten(file, key, entry.second, depth + 1, out); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status Flatten(const std::string& file, const std::string& prefix, const YAML::Node& node,
                     int depth, std::vector<SourcedValue>* out) {
  if (depth > kDepthMax) {
    return absl::InvalidArgumentError(absl::StrCat(Place(file, node), ": nested too deeply"));
  }
  if (node.IsMap()) return FlattenMap(file, prefix, node, depth, out);
  if (prefix.empty()) {
    if (node.IsNull()) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat(file, ": expected `key: value` lines"));
  }
  if (node.IsSequence()) return FlattenList(file, prefix, node, out);
  out->push_back({prefix, node.IsScalar() ? node.Scalar() : "", Place(file, node)});
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Flags> ReadFlags(const std::vector<std::string>& args) {
  Flags flags;
  for (size_t i = 0; i < args.size(); ++i) {
    const std::string& arg = args[i];
    if (arg == "--help" || arg == "-h") {
      flags.help = true;
      continue;
    }
    if (!absl::StartsWith(arg, "--") || arg.size() < 3) {
      return absl::InvalidArgumentError(absl::StrCat("\"", arg, "\": expected --key=value"));
    }
    size_t equals = arg.find('=');
    std::string key = arg.substr(2, equals == std::string::npos ? arg.npos : equals - 2);
    std::string value;
    if (equals != std::string::npos) {
      value = arg.substr(equals + 1);
    } else if (i + 1 < args.size() && !absl::StartsWith(args[i + 1], "--")) {
      value = args[++i];
    } else {
      value = "true";
    }
    if (key == "config") {
      flags.config_file = value;
    } else {
      flags.values.push_back({key, value, absl::StrCat("--", key)});
    }
  }
  return flags;
}

absl::StatusOr<std::vector<SourcedValue>> ReadYaml(const std::string& file) {
  absl::StatusOr<std::string> text = ReadTextFile(file);
  if (!text.ok()) return text.status();
  std::vector<SourcedValue> values;
  try {
    absl::Status status = Flatten(file, "", YAML::Load(*text), 0, &values);
    if (!status.ok()) return status;
  } catch (const YAML::Exception& e) {
    return absl::InvalidArgumentError(absl::StrCat(file, ":", e.mark.line + 1, ": ", e.msg));
  }
  return values;
}

std::vector<SourcedValue> ReadEnvironment(const std::vector<std::string>& env) {
  std::vector<SourcedValue> values;
  for (const std::string& entry : env) {
    size_t equals = entry.find('=');
    if (!absl::StartsWith(entry, "ZVON_") || equals == std::string::npos) continue;
    std::string name = entry.substr(0, equals);
    values.push_back({name, entry.substr(equals + 1), name});
  }
  return values;
}

absl::StatusOr<std::string> ReadTextFile(const std::string& file) {
  std::ifstream in(file);
  if (!in) return absl::NotFoundError(absl::StrCat("cannot read ", file));
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace zvon::internal
