#include "services/scenario/adapters/demo_loader.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/common/telemetry/log.h"
#include "services/scenario/adapters/definition_bytes.h"
#include "services/scenario/adapters/definition_validation.h"
#include "zvon/scenarioservice/v1/scenario_service.pb.h"

namespace zvon::scenario {
namespace {

using Request = scenarioservice::v1::SaveDraftRequest;

absl::StatusOr<Request> ReadFile(const std::filesystem::path& path, const PromptCatalog& catalog) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  Request request;
  const auto parsed = google::protobuf::util::JsonStringToMessage(text.str(), &request);
  if (!in || !parsed.ok())
    return absl::InvalidArgumentError(parsed.ok() ? "cannot be read" : parsed.ToString());
  absl::Status sound = FaultsToStatus(FindFaults(request.definition(), catalog));
  if (!sound.ok()) return sound;
  return request;
}

absl::Status Publish(const Request& request, DefinitionStore& store) {
  const ScenarioKey key{request.tenant_id(), request.scenario_id()};
  absl::StatusOr<v1::ScenarioVersion> published =
      store.GetVersion(key, DefinitionStore::kPublished);
  if (published.ok() && SameDefinition(published->definition(), request.definition()))
    return absl::OkStatus();
  if (!published.ok() && !absl::IsNotFound(published.status())) return published.status();
  absl::StatusOr<v1::Scenario> saved =
      store.SaveDraft(key, request.display_name(), request.definition(), request.author());
  if (!saved.ok()) return saved.status();
  return store
      .Publish(key, request.author(),
               [](const v1::ScenarioDefinition&) { return absl::OkStatus(); })
      .status();
}

}  // namespace

absl::Status LoadDemoScenarios(const std::string& folder, DefinitionStore& store,
                               const PromptCatalog& catalog) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  if (error)
    LogError("demo scenarios cannot be listed", {{"folder", folder}, {"why", error.message()}});
  std::sort(files.begin(), files.end());
  for (const std::filesystem::path& file : files) {
    absl::StatusOr<Request> request = ReadFile(file, catalog);
    if (!request.ok()) {
      LogError("demo scenario refused",
               {{"file", file.string()}, {"why", request.status().ToString()}});
      continue;
    }
    if (absl::Status status = Publish(*request, store); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace zvon::scenario
