#pragma once

#include <string>

#include "absl/status/status.h"
#include "services/scenario/core/prompt_catalog.h"
#include "services/scenario/ports/definition_store.h"

namespace zvon::scenario {

// Saves and publishes every *.json of `folder` (JSON form of SaveDraftRequest)
// that differs from what is published; harmless to repeat. A file that cannot
// be used is named in the log and left out; only the store's own troubles are
// returned, to be tried again.
absl::Status LoadDemoScenarios(const std::string& folder, DefinitionStore& store,
                               const PromptCatalog& catalog);

}  // namespace zvon::scenario
