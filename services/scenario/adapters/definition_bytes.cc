#include "services/scenario/adapters/definition_bytes.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/util/json_util.h>

#include "absl/strings/str_cat.h"

namespace zvon::scenario {
namespace {

std::string Deterministic(const v1::ScenarioDefinition& definition) {
  std::string out;
  google::protobuf::io::StringOutputStream stream(&out);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  definition.SerializeToCodedStream(&coded);
  coded.Trim();
  return out;
}

}  // namespace

bool SameDefinition(const v1::ScenarioDefinition& a, const v1::ScenarioDefinition& b) {
  return Deterministic(a) == Deterministic(b);
}

std::string DefinitionToJson(const v1::ScenarioDefinition& definition) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string out;
  // Fails only for Any, which a definition has none of.
  (void)google::protobuf::util::MessageToJsonString(definition, &out, options);
  return out;
}

absl::StatusOr<v1::ScenarioDefinition> DefinitionFromJson(const std::string& json) {
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  v1::ScenarioDefinition out;
  const auto status = google::protobuf::util::JsonStringToMessage(json, &out, options);
  if (status.ok()) return out;
  return absl::InvalidArgumentError(absl::StrCat("a definition in JSON: ", status.ToString()));
}

}  // namespace zvon::scenario
