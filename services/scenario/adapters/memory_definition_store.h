#pragma once
// The definition store in memory, for tests. Same contract as PostgreSQL's.

#include <map>
#include <mutex>

#include "services/scenario/ports/definition_store.h"

namespace zvon::scenario {

class MemoryDefinitionStore final : public DefinitionStore {
 public:
  absl::StatusOr<v1::Scenario> SaveDraft(const ScenarioKey& key, const std::string& display_name,
                                         const v1::ScenarioDefinition& definition,
                                         const std::string& author) override;
  absl::StatusOr<v1::ScenarioVersion> Publish(const ScenarioKey& key, const std::string& author,
                                              const Check& check) override;
  absl::StatusOr<v1::ScenarioVersion> GetVersion(const ScenarioKey& key, int version) override;
  absl::StatusOr<std::vector<v1::Scenario>> List(const std::string& tenant_id) override;
  absl::StatusOr<std::vector<v1::ScenarioVersion>> ListPublished() override;
  void Watch(std::function<void(const ScenarioKey&)> handler) override;

  // Every operation fails with UNAVAILABLE while set.
  void SetDown(bool down);

 private:
  struct Record {
    v1::Scenario scenario;
    v1::ScenarioVersion draft;
    std::map<int, v1::ScenarioVersion> versions;
  };
  absl::Status Up() const;

  mutable std::mutex mutex_;  // Guards everything below.
  bool down_ = false;
  std::map<ScenarioKey, Record> records_;
  std::vector<std::function<void(const ScenarioKey&)>> handlers_;
};

}  // namespace zvon::scenario
