#pragma once
// The durable home of definitions: a draft and numbered, immutable versions
// per scenario. Adapters: postgres_definition_store.h; in memory:
// memory_definition_store.h. Both obey definition_store_contract_test.cc.

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "zvon/scenario/v1/scenario.pb.h"

namespace zvon::scenario {

struct ScenarioKey {
  std::string tenant_id;
  std::string scenario_id;
  bool operator<(const ScenarioKey& o) const {
    return tenant_id != o.tenant_id ? tenant_id < o.tenant_id : scenario_id < o.scenario_id;
  }
  bool operator==(const ScenarioKey& o) const {
    return tenant_id == o.tenant_id && scenario_id == o.scenario_id;
  }
};

// Blocks: for threads that may. Thread-safe. UNAVAILABLE while the server
// cannot be reached.
class DefinitionStore {
 public:
  static constexpr int kDraft = 0;
  static constexpr int kPublished = -1;

  virtual ~DefinitionStore() = default;

  virtual absl::StatusOr<v1::Scenario> SaveDraft(const ScenarioKey& key,
                                                 const std::string& display_name,
                                                 const v1::ScenarioDefinition& definition,
                                                 const std::string& author) = 0;
  // The draft becomes the next version. NOT_FOUND without a draft;
  // FAILED_PRECONDITION where `check` refuses it. A draft equal to the
  // published version is not published again: the same version is given.
  using Check = std::function<absl::Status(const v1::ScenarioDefinition&)>;
  virtual absl::StatusOr<v1::ScenarioVersion> Publish(const ScenarioKey& key,
                                                      const std::string& author,
                                                      const Check& check) = 0;
  // `version` 1…, kDraft or kPublished. NOT_FOUND.
  virtual absl::StatusOr<v1::ScenarioVersion> GetVersion(const ScenarioKey& key, int version) = 0;
  // In order of id.
  virtual absl::StatusOr<std::vector<v1::Scenario>> List(const std::string& tenant_id) = 0;
  // Every tenant's.
  virtual absl::StatusOr<std::vector<v1::ScenarioVersion>> ListPublished() = 0;
  // `handler` is called, on a thread of the store, after each publication by
  // anybody, and with an empty key whenever some may have been missed.
  virtual void Watch(std::function<void(const ScenarioKey&)> handler) = 0;
};

}  // namespace zvon::scenario
